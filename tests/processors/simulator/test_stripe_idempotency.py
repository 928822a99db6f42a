"""Stripe's idempotency keys."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from processors.simulator.call import Call
from processors.simulator.faults.seam import NoFaults
from processors.simulator.messages import Answer, json_answer
from processors.simulator.server import start
from tests.processors.simulator.conftest import CARD_SALE, Sandbox, error_of

KEY: Any = {"idempotency_key": "order-1"}


def test_the_same_request_again_gets_the_same_answer_and_says_so(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    first = client.v1.payment_intents.create(CARD_SALE, KEY)
    again = client.v1.payment_intents.create(CARD_SALE, KEY)

    assert again.id == first.id
    assert first.last_response is not None
    assert again.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(sandbox.movements(account)) == 1


def test_another_request_with_the_same_key_is_refused(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    client.v1.payment_intents.create(CARD_SALE, KEY)

    with pytest.raises(stripe.IdempotencyError, match="order-1") as refused:
        client.v1.payment_intents.create({**CARD_SALE, "amount": 7501}, KEY)

    assert refused.value.http_status == 400
    assert len(sandbox.movements(account)) == 1


def test_keys_belong_to_their_account(sandbox: Sandbox) -> None:
    mine, theirs = sandbox.new_stripe(), sandbox.new_stripe()

    first = mine.v1.payment_intents.create(CARD_SALE, KEY)
    second = theirs.v1.payment_intents.create({**CARD_SALE, "amount": 900}, KEY)

    assert first.id != second.id


def test_a_decline_is_remembered(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    sale = {**CARD_SALE, "payment_method": "pm_card_chargeDeclined"}

    ids = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            client.v1.payment_intents.create(sale, KEY)
        ids.append(error_of(declined).payment_intent.id)

    assert ids[0] == ids[1]
    assert len(client.v1.charges.list().data) == 1


def test_what_was_refused_before_work_began_is_not_remembered(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({**CARD_SALE, "amount": 1}, KEY)

    sale = client.v1.payment_intents.create(CARD_SALE, KEY)

    assert sale.status == "succeeded"


def test_a_key_is_forgotten_after_a_day(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_stripe()
    first = client.v1.payment_intents.create(CARD_SALE, KEY)
    own_sandbox.advance(86_400 - 60)
    same_day = client.v1.payment_intents.create(CARD_SALE, KEY)
    own_sandbox.advance(120)

    next_day = client.v1.payment_intents.create(CARD_SALE, KEY)

    assert same_day.id == first.id
    assert next_day.id != first.id


def test_twenty_at_once_with_one_key_are_one_charge(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    key: Any = {"idempotency_key": secrets.token_hex(8)}
    barrier = threading.Barrier(20)
    clients = [sandbox.stripe_client(account.secret) for _ in range(20)]

    def pay(client: Any) -> str:
        barrier.wait()
        try:
            return client.v1.payment_intents.create(CARD_SALE, key).id
        except stripe.StripeError as error:
            return f"{error.http_status} {error.code}"

    with ThreadPoolExecutor(20) as pool:
        outcomes = set(pool.map(pay, clients))

    ids = {outcome for outcome in outcomes if outcome.startswith("pi_")}
    assert len(ids) == 1
    # The SDK reads the code of an error of this type from the body only.
    assert outcomes - ids <= {"409 idempotency_key_in_use", "409 None"}
    assert len(sandbox.movements(account)) == 1


class _SlowThenBroken(NoFaults):
    """Holds one request inside its key until told to go on; answers it 500."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def before(self, call: Call) -> Answer | None:
        return None

    def instead(self, call: Call) -> Answer | None:
        if call.idempotency_key != "order-1":
            return None
        self.entered.set()
        self.released.wait(60)
        return json_answer(500, {"error": {"type": "api_error", "message": "Broken."}})


def test_a_key_at_work_is_a_409_and_a_500_is_replayed() -> None:
    faults = _SlowThenBroken()
    simulator = start(port=0, faults=faults)
    sandbox = Sandbox(simulator.url)
    with sandbox.closing:
        account = sandbox.put_account("stripe")
        first, second = (sandbox.stripe_client(account.secret) for _ in range(2))
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(_fail, first)
            assert faults.entered.wait(60)
            at_once = _fail(second)
            faults.released.set()
            answered = slow.result(60)
        again = _fail(second)
    simulator.stop()

    assert at_once.http_status == 409
    assert at_once.json_body["error"]["code"] == "idempotency_key_in_use"
    assert (answered.http_status, again.http_status) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"


def _fail(client: Any) -> Any:
    with pytest.raises(stripe.StripeError) as failed:
        client.v1.payment_intents.create(CARD_SALE, KEY)
    return failed.value
