from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.stripe.translate import (
    to_account_description,
    to_movement,
    to_payment_intent_form,
)
from processors.contract import ChargeRequest, MovementState, PaymentMethodKind
from processors.transport import NotUnderstood
from tests.processors.examples import load_examples
from tests.processors.stripe import samples

EXAMPLES = load_examples("stripe")
AMOUNTS = st.integers(min_value=0, max_value=LARGEST_MINOR)
REQUEST = ChargeRequest(
    reference="leg_1", amount=Money(75_00, "USD"), tip=Money(10_00, "USD"), payment_token="pm_1"
)


def charge(**changes):
    return samples.charge(REQUEST) | changes


@st.composite
def requests(draw):
    currency = draw(st.sampled_from(["USD", "JPY", "GBP"]))
    amount = draw(AMOUNTS)
    tip = draw(st.integers(min_value=0, max_value=amount))
    return ChargeRequest(
        reference="leg_1",
        amount=Money(amount, currency),
        tip=Money(tip, currency),
        payment_token="pm_1",
    )


@given(requests())
def test_amount_and_tip_survive_the_way_there_and_back(request_):
    form = to_payment_intent_form(request_)
    said = charge(
        amount=form["amount"],
        amount_captured=form["amount"],
        currency=form["currency"],
        metadata=form["metadata"],
        balance_transaction=None,
    )

    movement = to_movement(said)

    assert (movement.amount, movement.tip) == (request_.amount, request_.tip)
    assert movement.our_reference == request_.reference


def test_our_metadata_wins_over_the_callers():
    request = ChargeRequest(
        reference="leg_1",
        amount=REQUEST.amount,
        tip=REQUEST.tip,
        payment_token="pm_1",
        metadata={"reference": "forged", "tip_minor": "0", "appointment": "apt_1"},
    )

    assert to_payment_intent_form(request)["metadata"] == {
        "reference": "leg_1",
        "tip_minor": "1000",
        "appointment": "apt_1",
    }


@given(AMOUNTS)
def test_a_fee_is_what_the_balance_transaction_says(fee_minor):
    booked = {"fee": fee_minor, "currency": "usd", "available_on": 1_800_172_800}

    movement = to_movement(charge(balance_transaction=booked))

    assert movement.fee == Money(fee_minor, "USD")
    assert movement.available_at == datetime.fromtimestamp(1_800_172_800, UTC)


@pytest.mark.parametrize("booked", [None, "txn_1"])
def test_a_fee_not_yet_named_is_unknown_and_not_nothing(booked):
    movement = to_movement(charge(balance_transaction=booked))

    assert (movement.fee, movement.available_at) == (None, None)


@given(st.one_of(st.integers(max_value=-1), st.floats(), st.text(), st.booleans(), st.none()))
def test_what_is_no_amount_is_not_understood(amount):
    with pytest.raises(NotUnderstood):
        to_movement(charge(amount=amount))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, MovementState.COMPLETED),
        ({"status": "pending", "captured": False}, MovementState.PENDING),
        ({"status": "failed", "captured": False}, MovementState.FAILED),
        ({"captured": False}, MovementState.PENDING),
        ({"captured": False, "refunded": True}, MovementState.CANCELED),
        ({"refunded": True, "amount_refunded": 7500}, MovementState.COMPLETED),
    ],
)
def test_the_state_follows_status_and_capture(changes, state):
    assert to_movement(charge(**changes)).state is state


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "refund"},
        {"status": "odd"},
        {"status": None},
        {"id": None},
        {"id": "../v1/refunds"},
        {"id": "ch_" + "1" * 300},
        {"currency": "xxx"},
        {"currency": 5},
        {"created": "yesterday"},
        {"created": 10**18},
        {"created": 0},
        {"captured": None},
        {"payment_intent": {"object": "payment_intent"}},
        {"payment_intent": 5},
        {"balance_transaction": {"fee": None, "currency": "usd", "available_on": 1}},
        {"balance_transaction": {"fee": 1, "currency": "usd", "available_on": None}},
        {"metadata": {"reference": "leg_1", "tip_minor": "-1"}},
        {"metadata": {"reference": "leg_1", "tip_minor": "7501"}},
        {"metadata": {"reference": "leg_1", "tip_minor": 5}},
        {"metadata": "reference"},
        {"amount_refunded": -1},
    ],
    ids=str,
)
def test_what_does_not_fit_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        to_movement(charge(**changes))


def test_a_partly_captured_charge_moved_what_was_captured():
    assert to_movement(charge(amount_captured=5000)).amount == Money(50_00, "USD")


def test_a_strangers_charge_has_no_reference_and_no_tip():
    for metadata in ({}, None, {"tip_minor": "500"}, {"reference": "Invoice 12 for Ann"}):
        movement = to_movement(charge(metadata=metadata))

        assert (movement.our_reference, movement.tip) == ("", Money(0, "USD"))


def test_a_charge_without_an_intent_is_its_own_group():
    assert to_movement(charge(payment_intent=None)).group_id == "ch_1"


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("card", PaymentMethodKind.CARD),
        ("card_present", PaymentMethodKind.CARD),
        ("us_bank_account", PaymentMethodKind.BANK),
        ("cashapp", PaymentMethodKind.WALLET),
        ("barter", PaymentMethodKind.OTHER),
    ],
)
def test_the_method_is_named_in_our_words(kind, method):
    assert to_movement(charge(payment_method_details={"type": kind})).method is method


def test_later_statements_about_a_charge_have_higher_versions():
    booked = charge()["balance_transaction"]
    in_order = [
        charge(status="pending", captured=False, balance_transaction=None),
        charge(balance_transaction=None),
        charge(balance_transaction="txn_1", amount_refunded=1),
        charge(balance_transaction=booked),
        charge(balance_transaction=booked, amount_refunded=1),
        charge(balance_transaction=booked, amount_refunded=7500, refunded=True),
        charge(balance_transaction=booked, amount_refunded=7500, refunded=True, disputed=True),
    ]

    versions = [to_movement(statement).version for statement in in_order]

    assert versions == sorted(set(versions))
    assert versions[-1] < 2**63


def test_what_is_kept_holds_no_secret_and_nothing_a_database_refuses():
    movement = to_movement(
        charge(source={"client_secret": "src_secret_1"}, description="a\0b\ud800", odd=float("nan"))
    )

    assert movement.raw["source"]["client_secret"] == "••••"
    assert movement.raw["description"] == "ab"
    assert movement.raw["odd"] is None


def test_the_official_examples_are_understood():
    example = to_movement(EXAMPLES["charge"])
    recorded = to_movement(EXAMPLES["charge.updated"])

    assert (example.state, example.amount) == (MovementState.PENDING, Money(1_00, "USD"))
    assert (recorded.state, recorded.amount) == (MovementState.COMPLETED, Money(249_00, "USD"))
    assert recorded.group_id == "pi_1234"


def test_the_official_balance_transaction_is_understood():
    booked = EXAMPLES["balance_transaction"]

    movement = to_movement(charge(balance_transaction=booked))

    assert movement.fee == Money(booked["fee"], booked["currency"].upper())


def test_an_account_settles_in_its_currency_and_those_of_its_balance():
    lines = [{"amount": 0, "currency": word} for word in ("cad", "usd", "xxx")]
    account = EXAMPLES["account"] | {"charges_enabled": True}

    description = to_account_description(account, EXAMPLES["balance"] | {"available": lines})

    assert description.currencies == ("USD", "CAD")
    assert description.abilities == ("payments", "refunds")
    assert (description.account_id, description.country) == ("acct_1PgafTB7WZ01zgkW", "US")


def test_an_account_that_may_not_charge_says_so():
    described = to_account_description(EXAMPLES["account"], EXAMPLES["balance"])

    assert described.abilities == ("refunds",)


def test_amounts_are_minor_units_in_currencies_without_cents():
    request = ChargeRequest(
        reference="leg_1",
        amount=Money.from_major(Decimal(1200), "JPY"),
        tip=Money.zero("JPY"),
        payment_token="pm_1",
    )

    form = to_payment_intent_form(request)

    assert (form["amount"], form["currency"]) == (1200, "jpy")
