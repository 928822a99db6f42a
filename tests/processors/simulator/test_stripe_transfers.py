"""Moving the platform's balance to connected accounts, and back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox
from tests.processors.simulator.receiver import WebhookReceiver


class Shop:
    """A platform with 75.00 less the fee available, and a connected account."""

    def __init__(self, sandbox: Sandbox, **settings: Any) -> None:
        self.sandbox = sandbox
        self.platform = sandbox.put_account("stripe", funds_delay_seconds=0)
        self.barber = sandbox.put_account("stripe", platform=self.platform.account_id, **settings)
        self.client = sandbox.stripe_client(self.platform.secret)
        self.intent = self.client.v1.payment_intents.create(CARD_SALE)

    def transfer(self, amount: int, *, key: str | None = None, **given: Any) -> Any:
        options = {"idempotency_key": key} if key else None
        return self.client.v1.transfers.create(
            {
                "amount": amount,
                "currency": "usd",
                "destination": self.barber.account_id,
                **given,
            },
            options,
        )

    def moved(self, account: Account) -> list[tuple[str, int]]:
        rows = self.sandbox.movements(account)
        return [(row["kind"], row["amount_minor"]) for row in rows if row["kind"] != "charge"]


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_a_transfer_takes_from_one_balance_and_gives_to_the_other(shop: Shop) -> None:
    transfer = shop.transfer(
        6000, metadata={"reference": "po_1"}, transfer_group="day", expand=["balance_transaction"]
    )

    posted = transfer.balance_transaction
    assert (posted.type, posted.reporting_category) == ("transfer", "transfer")
    assert (posted.amount, posted.fee, posted.source) == (-6000, 0, transfer.id)
    assert shop.moved(shop.platform) == [("transfer", -6000)]
    assert shop.moved(shop.barber) == [("transfer_received", 6000)]
    assert shop.sandbox.movements(shop.platform)[-1]["reference"] == "po_1"
    theirs = shop.sandbox.stripe_client(shop.barber.secret)
    received: Any = theirs.v1.charges.retrieve(transfer.destination_payment)
    assert (received.amount, received.source_transfer) == (6000, transfer.id)
    assert theirs.v1.balance.retrieve().available[0].amount == 6000
    assert shop.client.v1.balance.retrieve().available[0].amount == 7252 - 6000


def test_a_transfer_is_found_by_group_and_destination(shop: Shop) -> None:
    first = shop.transfer(100, transfer_group="a")
    second = shop.transfer(200, transfer_group="b")
    listing = shop.client.v1.transfers.list

    assert [each.id for each in listing({"transfer_group": "a"}).data] == [first.id]
    found = listing({"destination": shop.barber.account_id}).data
    assert [each.id for each in found] == [second.id, first.id]
    assert listing({"destination": "acct_other"}).data == []
    assert shop.client.v1.transfers.retrieve(first.id).amount == 100


def test_the_same_key_transfers_once(shop: Shop) -> None:
    first, again = shop.transfer(100, key="k"), shop.transfer(100, key="k")

    assert first.id == again.id
    assert shop.moved(shop.platform) == [("transfer", -100)]


def test_many_at_once_never_transfer_more_than_there_is(shop: Shop) -> None:
    def try_to_transfer(_number: int) -> int:
        try:
            return shop.transfer(2000).amount
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        moved = list(pool.map(try_to_transfer, range(8)))

    assert sorted(moved) == [0] * 5 + [2000] * 3
    assert shop.client.v1.balance.retrieve().available[0].amount == 7252 - 6000


def test_more_than_is_available_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.transfer(7253)

    assert refused.value.code == "balance_insufficient"
    assert shop.moved(shop.barber) == []


def test_pending_money_is_not_available_unless_its_charge_is_named(sandbox: Sandbox) -> None:
    platform = sandbox.put_account("stripe")
    barber = sandbox.put_account("stripe", platform=platform.account_id)
    client = sandbox.stripe_client(platform.secret)
    intent = client.v1.payment_intents.create(CARD_SALE)
    given = {"amount": 6000, "currency": "usd", "destination": barber.account_id}

    with pytest.raises(stripe.InvalidRequestError, match="insufficient"):
        client.v1.transfers.create(given)
    named = {**given, "source_transaction": str(intent.latest_charge)}
    transfer = client.v1.transfers.create(named)
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        client.v1.transfers.create({**named, "amount": 1501})

    assert transfer.source_transaction == intent.latest_charge
    assert client.v1.balance.retrieve().pending[0].amount == 7252 - 6000


@pytest.mark.parametrize("destination", ["acct_nobody", "itself", "stranger"])
def test_only_connected_accounts_are_transferred_to(shop: Shop, destination: str) -> None:
    stranger = shop.sandbox.put_account("stripe")
    ids = {"itself": shop.platform.account_id, "stranger": stranger.account_id}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.transfer(100, destination=ids.get(destination, destination))

    assert (refused.value.code, refused.value.param) == ("resource_missing", "destination")


def test_an_account_can_be_made_to_refuse_transfers(shop: Shop) -> None:
    door = f"accounts/stripe/{shop.barber.account_id}"
    shop.sandbox.doors.patch(door, json={"transfers_enabled": False})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.transfer(100)
    shop.sandbox.doors.patch(door, json={"transfers_enabled": True})

    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert shop.transfer(100).amount == 100


@pytest.mark.parametrize(
    ("changes", "param"),
    [({"amount": 0}, "amount"), ({"currency": "xxx"}, "currency"), ({"colour": "red"}, "colour")],
)
def test_a_transfer_that_makes_no_sense_is_refused(
    shop: Shop, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.transfer(**{"amount": 100, **changes})

    assert refused.value.param == param


def test_a_transfer_is_reversed_in_parts(shop: Shop) -> None:
    transfer = shop.transfer(6000)
    reversals = shop.client.v1.transfers.reversals

    part = reversals.create(transfer.id, {"amount": 2500, "expand": ["balance_transaction"]})
    partly = shop.client.v1.transfers.retrieve(transfer.id)
    rest = reversals.create(transfer.id)

    posted: Any = part.balance_transaction
    assert (posted.type, posted.reporting_category) == ("transfer_refund", "transfer_reversal")
    assert (posted.amount, posted.source) == (2500, part.id)
    assert (partly.amount_reversed, partly.reversed) == (2500, False)
    whole = shop.client.v1.transfers.retrieve(transfer.id)
    assert (whole.amount_reversed, whole.reversed) == (6000, True)
    assert [each.id for each in whole.reversals.data] == [rest.id, part.id]
    assert [each.id for each in reversals.list(transfer.id).data] == [rest.id, part.id]
    assert reversals.retrieve(transfer.id, part.id).amount == 2500
    back = [("transfer_reversed", 2500), ("transfer_reversed", 3500)]
    assert shop.moved(shop.platform)[1:] == back
    taken = [("transfer_received_reversed", -2500), ("transfer_received_reversed", -3500)]
    assert shop.moved(shop.barber)[1:] == taken


def test_more_than_is_left_is_not_reversed(shop: Shop) -> None:
    transfer = shop.transfer(1000)
    reversals = shop.client.v1.transfers.reversals
    reversals.create(transfer.id, {"amount": 400})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        reversals.create(transfer.id, {"amount": 601})

    assert refused.value.param == "amount"


def test_a_person_reverses_a_transfer_at_a_door(shop: Shop) -> None:
    transfer = shop.transfer(1000)
    door = f"transfers/{transfer.id}/reverse"

    part = shop.sandbox.doors.post(door, json={"amount_minor": 300})
    rest = shop.sandbox.doors.post(door, json={})
    again = shop.sandbox.doors.post(door, json={})

    assert (part.json()["amount"], rest.json()["amount"], again.status_code) == (300, 700, 409)
    assert shop.sandbox.doors.post("transfers/tr_none/reverse").status_code == 404


def test_transfers_and_changed_accounts_are_told(shop: Shop, receiver: WebhookReceiver) -> None:
    hook: Any = {"url": receiver.url, "enabled_events": ["account.updated"], "connect": True}
    shop.client.v1.webhook_endpoints.create(hook)
    transfer = shop.transfer(1000, metadata={"a": "1"})
    shop.client.v1.transfers.update(transfer.id, {"metadata": {"b": "2"}})
    shop.sandbox.doors.post(f"transfers/{transfer.id}/reverse", json={})

    door = f"accounts/stripe/{shop.barber.account_id}"
    answer = shop.sandbox.doors.patch(door, json={"payouts_enabled": False})
    unchanged = shop.sandbox.doors.patch(door, json={"fee_percent": 1})

    assert (answer.status_code, unchanged.status_code) == (200, 200)
    told = [each.type for each in shop.client.v1.events.list({"type": "transfer.*"}).data]
    assert told == ["transfer.reversed", "transfer.updated", "transfer.created"]
    read = shop.client.v1.transfers.retrieve(transfer.id)
    assert read.metadata.to_dict() == {"a": "1", "b": "2"}
    [received] = receiver.wait_for(1)
    assert '"payouts_enabled":false' in received.body
    account = shop.client.v1.accounts.retrieve(shop.barber.account_id)
    assert (account.payouts_enabled, account.charges_enabled) == (False, True)
    assert account.requirements.currently_due == ["external_account"]


def test_an_unknown_account_or_door_is_not_changed(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")

    answers = [
        sandbox.doors.patch("accounts/stripe/acct_none", json={}),
        sandbox.doors.patch(f"accounts/stripe/{account.account_id}", json={"account_id": "x"}),
        sandbox.doors.patch(f"accounts/stripe/{account.account_id}", json={"colour": "red"}),
        sandbox.doors.post("transfers/tr_none", json={}),
    ]

    assert [answer.status_code for answer in answers] == [404, 400, 400, 404]
