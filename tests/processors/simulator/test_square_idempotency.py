"""Square's idempotency keys."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import Sandbox, square_sale


def test_the_same_request_again_is_the_same_payment(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    sale = square_sale()

    first, again = client.payments.create(**sale), client.payments.create(**sale)

    assert first == again
    assert len(sandbox.movements(account)) == 1


def test_another_request_with_the_same_key_is_refused(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    client.payments.create(**square_sale(idempotency_key="k"))

    with pytest.raises(ApiError) as refused:
        client.payments.create(**square_sale(idempotency_key="k", note="Other"))

    assert refused.value.status_code == 400
    assert refused.value.errors[0].code == "IDEMPOTENCY_KEY_REUSED"


def test_a_decline_is_remembered(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    sale = square_sale(source_id="cnon:card-nonce-declined")

    ids = []
    for _ in range(2):
        with pytest.raises(ApiError) as declined:
            client.payments.create(**sale)
        ids.append(declined.value.body["payment"]["id"])

    assert ids[0] == ids[1]


def test_a_key_is_forgotten_after_a_day(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_square()
    sale = square_sale()
    first = client.payments.create(**sale)

    own_sandbox.advance(86_401)

    assert client.payments.create(**sale).payment != first.payment


def test_twenty_at_once_with_one_key_are_one_payment(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    sale = square_sale(idempotency_key=secrets.token_hex(8))
    barrier = threading.Barrier(20)
    clients = [sandbox.square_client(account.secret) for _ in range(20)]

    def pay(client: Any) -> str | None:
        barrier.wait()
        payment = client.payments.create(**sale).payment
        return payment.id if payment else None

    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(pay, clients))

    assert len(ids) == 1
    assert len(sandbox.movements(account)) == 1
