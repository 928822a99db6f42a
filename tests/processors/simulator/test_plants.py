"""Differences nobody is told of, for a reconciliation to find."""

from typing import Any

import pytest
import stripe
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox, square_sale


class Book:
    """One sale of 75.00 at either vendor, as the vendor tells it."""

    def __init__(self, sandbox: Sandbox, processor: str) -> None:
        self.sandbox, self.processor = sandbox, processor
        self.account: Account = sandbox.put_account(processor)
        self.client = getattr(sandbox, f"{processor}_client")(self.account.secret)
        if processor == "stripe":
            self.id = str(self.client.v1.payment_intents.create(CARD_SALE).latest_charge)
        else:
            self.id = self.client.payments.create(**square_sale()).payment.id

    def plant(self, kind: str, **body: Any) -> dict[str, Any]:
        answer = self.sandbox.doors.post(
            "plants", json={"kind": kind, "object_id": self.id, **body}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read(self, object_id: str = "") -> tuple[int, str, int | None, str]:
        """Amount, currency, fee and status, as the API has them."""
        object_id = object_id or self.id
        if self.processor == "stripe":
            expand: Any = {"expand": ["balance_transaction"]}
            charge = self.client.v1.charges.retrieve(object_id, expand)
            posted = charge.balance_transaction
            fee = posted.fee if posted else None
            return charge.amount, charge.currency.upper(), fee, charge.status
        payment = self.client.payments.get(object_id).payment
        fees = payment.processing_fee
        fee = fees[0].amount_money.amount if fees else None
        return payment.total_money.amount, payment.total_money.currency, fee, payment.status

    def list_ids(self) -> list[str]:
        if self.processor == "stripe":
            return [each.id for each in self.client.v1.charges.list().data]
        return [each.id for each in self.client.payments.list()]

    def count_events(self) -> int:
        params = {"account_id": self.account.account_id}
        return len(self.sandbox.doors.get("events", params=params).json()["events"])

    def moved(self) -> list[tuple[int, str, int]]:
        rows = self.sandbox.movements(self.account)
        return [(row["amount_minor"], row["currency"], row["fee_minor"]) for row in rows]

    @property
    def usual_fee(self) -> int:
        return {"stripe": 248, "square": 205}[self.processor]


@pytest.fixture(params=["stripe", "square"])
def book(request: pytest.FixtureRequest, sandbox: Sandbox) -> Book:
    return Book(sandbox, request.param)


@pytest.mark.parametrize(
    ("kind", "body", "position", "value"),
    [
        ("amount", {"amount_minor": 7400}, 0, 7400),
        ("currency", {"currency": "CAD"}, 1, "CAD"),
        ("fee", {"fee_minor": 999}, 2, 999),
    ],
)
def test_one_figure_is_another_and_nobody_is_told(
    book: Book, kind: str, body: dict[str, Any], position: int, value: object
) -> None:
    before, told = book.read(), book.count_events()

    planted = book.plant(kind, **body)

    after = book.read()
    assert after[position] == value
    assert [a == b for a, b in zip(after, before, strict=True)].count(False) == 1
    assert book.moved() == [after[:3]]
    assert book.count_events() == told
    names = ("amount_minor", "currency", "fee_minor", "status")
    assert planted["object_id"] == book.id
    assert planted["before"] == dict(zip(names, before, strict=True))
    assert planted["after"] == dict(zip(names, after, strict=True))


def test_a_sale_failed_after_all(book: Book) -> None:
    book.plant("status")

    assert book.read()[2:] == (None, "failed" if book.processor == "stripe" else "CANCELED")
    assert book.moved() == []


def test_a_sale_is_gone(book: Book) -> None:
    told = book.count_events()

    planted = book.plant("deleted")

    assert (book.list_ids(), book.moved(), planted["after"]) == ([], [], {})
    assert book.count_events() == told
    with pytest.raises((stripe.InvalidRequestError, ApiError)):
        book.read()


def test_a_visit_is_paid_twice(book: Book) -> None:
    told = book.count_events()

    copy = book.plant("duplicate")["object_id"]

    assert copy != book.id
    assert book.read(copy) == book.read()
    assert sum(amount for amount, _, _ in book.moved()) == 15_000
    assert book.count_events() == told


def test_a_sale_is_there_that_nobody_was_told_of(book: Book) -> None:
    told = book.count_events()
    body = {
        "kind": "added",
        "processor": book.processor,
        "account_id": book.account.account_id,
        "amount_minor": 4000,
        "tip_minor": 500,
    }

    added = book.sandbox.doors.post("plants", json=body).json()["object_id"]

    assert book.read(added)[:2] == (4500, "USD")
    assert set(book.list_ids()) == {added, book.id}
    assert book.count_events() == told


def test_what_was_planted_is_listed(book: Book) -> None:
    book.plant("fee", fee_minor=1)
    book.plant("deleted")

    params = {"account_id": book.account.account_id}
    listed = book.sandbox.doors.get("plants", params=params).json()["plants"]

    assert [each["kind"] for each in listed] == ["fee", "deleted"]
    assert {each["object_id"] for each in listed} == {book.id}
    assert listed[0]["before"]["fee_minor"] == book.usual_fee
    page = book.sandbox.doors.get(book.sandbox.url + "/").text
    assert "Planted differences" in page
    assert book.id in page


def test_a_payment_does_not_look_changed(sandbox: Sandbox) -> None:
    book = Book(sandbox, "square")
    before = book.client.payments.get(book.id).payment

    book.plant("amount", amount_minor=1)

    after = book.client.payments.get(book.id).payment
    assert (after.updated_at, after.version_token) == (before.updated_at, before.version_token)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "gift"}, 400),
        ({"kind": "amount"}, 400),
        ({"kind": "amount", "amount_minor": 0}, 400),
        ({"kind": "currency", "currency": "XXX"}, 400),
        ({"kind": "fee", "object_id": "ch_none", "fee_minor": 1}, 404),
        ({"kind": "added"}, 400),
        ({"kind": "added", "processor": "stripe", "amount_minor": 1}, 400),
        ({"kind": "deleted", "colour": "red"}, 400),
    ],
)
def test_a_difference_that_makes_no_sense_is_refused(
    book: Book, body: dict[str, Any], status: int
) -> None:
    answer = book.sandbox.doors.post("plants", json={"object_id": book.id, **body})

    assert answer.status_code == status, answer.text
    assert len(book.moved()) == 1


def test_a_sale_with_refunds_is_left_alone(book: Book) -> None:
    book.sandbox.doors.post("refunds", json={"payment": book.id, "amount_minor": 1})

    answer = book.sandbox.doors.post("plants", json={"kind": "deleted", "object_id": book.id})

    assert answer.status_code == 400
