from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.square.translate import (
    to_account_description,
    to_locations,
    to_movement,
    to_payment_body,
)
from processors.contract import ChargeRequest, MovementState, PaymentMethodKind
from processors.errors import RequestRefused
from processors.transport import NotUnderstood
from tests.processors.examples import load_examples
from tests.processors.square import samples

EXAMPLES = load_examples("square")
REQUEST = ChargeRequest(
    reference="leg_1", amount=Money(75_00, "USD"), tip=Money(10_00, "USD"), payment_token="cnon:1"
)
MERCHANT = {
    "id": "M1", "business_name": "Ann's", "country": "CA", "status": "ACTIVE",
    "main_location_id": "L1",
}  # fmt: skip


def payment(**changes):
    return samples.payment(REQUEST) | changes


def location(location_id="L1", **changes):
    return {
        "id": location_id, "name": "Shop", "status": "ACTIVE", "currency": "CAD",
        "capabilities": ["CREDIT_CARD_PROCESSING"],
    } | changes  # fmt: skip


@st.composite
def requests(draw):
    currency = draw(st.sampled_from(["USD", "JPY", "GBP"]))
    amount = draw(st.integers(min_value=0, max_value=LARGEST_MINOR))
    tip = draw(st.integers(min_value=0, max_value=amount))
    return ChargeRequest(
        reference="leg_1",
        amount=Money(amount, currency),
        tip=Money(tip, currency),
        payment_token="cnon:1",
    )


@given(requests())
def test_amount_and_tip_survive_the_way_there_and_back(request_):
    body = to_payment_body(request_, location_id="L1")
    base, tip = body["amount_money"], body.get("tip_money")
    said = base | {"amount": base["amount"] + (tip or {"amount": 0})["amount"]}

    movement = to_movement(
        payment(amount_money=base, tip_money=tip, total_money=said, processing_fee=None)
    )

    assert (movement.amount, movement.tip) == (request_.amount, request_.tip)


def test_the_tip_goes_on_top_of_the_amount():
    body = to_payment_body(REQUEST, location_id="L1")

    assert body["amount_money"] == {"amount": 65_00, "currency": "USD"}
    assert body["tip_money"] == {"amount": 10_00, "currency": "USD"}


def test_what_is_empty_is_not_said():
    request = ChargeRequest(
        reference="leg_1",
        amount=Money(75_00, "USD"),
        tip=Money.zero("USD"),
        payment_token="cnon:1",
    )

    body = to_payment_body(request, location_id="")

    assert set(body) == {"source_id", "amount_money", "reference_id", "autocomplete"}


@given(st.lists(st.integers(min_value=-10_000, max_value=10_000), min_size=1, max_size=5))
def test_a_fee_is_the_sum_of_all_its_adjustments(parts):
    listed = [{"amount_money": {"amount": part, "currency": "USD"}} for part in parts]

    assert to_movement(payment(processing_fee=listed)).fee == Money(sum(parts), "USD")


@pytest.mark.parametrize("listed", [None, []])
def test_a_fee_not_yet_listed_is_unknown_and_not_nothing(listed):
    assert to_movement(payment(processing_fee=listed)).fee is None


@pytest.mark.parametrize("source", ["CASH", "EXTERNAL"])
def test_square_takes_no_fee_for_what_it_only_writes_down(source):
    movement = to_movement(payment(source_type=source, processing_fee=None))

    assert movement.fee == Money(0, "USD")


@given(st.one_of(st.integers(max_value=-1), st.floats(), st.text(), st.booleans(), st.none()))
def test_what_is_no_amount_is_not_understood(amount):
    with pytest.raises(NotUnderstood):
        to_movement(payment(total_money={"amount": amount, "currency": "USD"}))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETED", MovementState.COMPLETED),
        ("APPROVED", MovementState.PENDING),
        ("PENDING", MovementState.PENDING),
        ("FAILED", MovementState.FAILED),
        ("CANCELED", MovementState.CANCELED),
    ],
)
def test_the_state_follows_the_status(status, state):
    assert to_movement(payment(status=status)).state is state


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "odd"},
        {"id": None},
        {"id": "a/b"},
        {"id": "1" * 200},
        {"total_money": None},
        {"total_money": {"amount": 1, "currency": "XXX"}},
        {"tip_money": {"amount": 7501, "currency": "USD"}},
        {"tip_money": {"amount": 1, "currency": "CAD"}},
        {"processing_fee": "2.05"},
        {"processing_fee": [5]},
        {"processing_fee": [{"amount_money": {"amount": 1, "currency": "CAD"}}]},
        {"created_at": "yesterday"},
        {"created_at": "2027-01-15T08:00:00"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"updated_at": 5},
    ],
    ids=str,
)
def test_what_does_not_fit_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        to_movement(payment(**changes))


@pytest.mark.parametrize(
    ("source", "method"),
    [
        ("CARD", PaymentMethodKind.CARD),
        ("BANK_ACCOUNT", PaymentMethodKind.BANK),
        ("WALLET", PaymentMethodKind.WALLET),
        ("CASH", PaymentMethodKind.CASH),
        ("EXTERNAL", PaymentMethodKind.EXTERNAL),
        ("BUY_NOW_PAY_LATER", PaymentMethodKind.OTHER),
        (None, PaymentMethodKind.OTHER),
    ],
)
def test_the_method_is_named_in_our_words(source, method):
    assert to_movement(payment(source_type=source)).method is method


def test_later_statements_about_a_payment_have_higher_versions():
    in_order = [
        payment(status="APPROVED", processing_fee=None),
        payment(processing_fee=None),
        payment(),
        payment(updated_at="2027-01-15T08:00:01.501Z", status="APPROVED", processing_fee=None),
        payment(updated_at="2027-01-15T08:00:02Z"),
    ]

    versions = [to_movement(statement).version for statement in in_order]

    assert versions == sorted(set(versions))
    assert versions[-1] < 2**63


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(EXAMPLES[event]["data"]["object"]["payment"], id=event)
        for event in ("payment.created", "payment.updated")
    ]
    + [pytest.param(EXAMPLES["GetPaymentResponse"]["payment"], id="get")],
)
def test_the_official_examples_are_understood(example):
    movement = to_movement(example)

    assert movement.amount.amount_minor == example["total_money"]["amount"]
    assert movement.external_id == movement.group_id == example["id"]


def test_the_official_fee_is_understood():
    movement = to_movement(EXAMPLES["GetPaymentResponse"]["payment"])

    assert movement.fee == Money(34, "USD")
    assert movement.occurred_at == datetime(2021, 10, 13, 19, 34, 33, 524_000, tzinfo=UTC)


def test_an_account_is_described_by_its_main_location():
    locations = [location("L0", currency="USD"), location("L1")]

    description = to_account_description(MERCHANT, locations, location_id="")

    assert (description.account_id, description.name, description.country) == ("M1", "Ann's", "CA")
    assert (description.currencies, description.details["location_id"]) == (("CAD",), "L1")
    assert description.abilities == ("payments", "refunds")


def test_a_chosen_location_wins_and_a_closed_main_one_is_passed_over():
    locations = [location("L1", status="INACTIVE"), location("L2"), location("L3")]

    chosen = to_account_description(MERCHANT, locations, location_id="L3")
    first = to_account_description(MERCHANT, locations, location_id="")

    assert chosen.details["location_id"] == "L3"
    assert first.details["location_id"] == "L2"


@pytest.mark.parametrize(
    ("locations", "location_id"),
    [([], ""), ([location(status="INACTIVE")], ""), ([location()], "L9")],
)
def test_an_account_without_that_location_is_refused(locations, location_id):
    with pytest.raises(RequestRefused):
        to_account_description(MERCHANT, locations, location_id=location_id)


@pytest.mark.parametrize(
    ("merchant", "place"),
    [
        (MERCHANT | {"status": "INACTIVE"}, location()),
        (MERCHANT, location(capabilities=[])),
        (MERCHANT, location(capabilities=None)),
    ],
)
def test_an_account_that_may_not_charge_says_so(merchant, place):
    assert to_account_description(merchant, [place], location_id="").abilities == ("refunds",)


def test_a_currency_we_do_not_know_is_left_out():
    place = location(currency="MXN")

    assert to_account_description(MERCHANT, [place], location_id="").currencies == ()


@pytest.mark.parametrize("answer", [{"locations": "L1"}, {"locations": ["L1"]}])
def test_locations_that_are_none_are_not_understood(answer):
    with pytest.raises(NotUnderstood):
        to_locations(answer)
