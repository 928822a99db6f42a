"""Taking money through Square's payments."""

from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import Sandbox, square_sale


def test_a_payment_is_completed_with_tip_and_fee(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)

    payment = client.payments.create(
        **square_sale(
            amount_money={"amount": 7000, "currency": "USD"},
            tip_money={"amount": 500, "currency": "USD"},
            reference_id="leg_1",
            note="Haircut",
        )
    ).payment

    assert payment is not None
    assert (payment.status, payment.source_type) == ("COMPLETED", "CARD")
    assert (payment.reference_id, payment.note) == ("leg_1", "Haircut")
    assert payment.total_money is not None
    assert payment.total_money.amount == 7500
    assert payment.processing_fee is not None
    fee: Any = payment.processing_fee[0]
    assert (fee.type, fee.amount_money.amount) == ("INITIAL", 205)  # 2.6 % of 75.00 + 0.10
    card: Any = payment.card_details
    assert (card.status, card.card.last4) == ("CAPTURED", "1111")
    [movement] = sandbox.movements(account)
    assert movement["object_id"] == payment.id
    assert (movement["amount_minor"], movement["tip_minor"], movement["fee_minor"]) == (
        7500,
        500,
        205,
    )


def test_no_answer_has_a_field_the_sdk_does_not_know(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    paid = client.payments.create(**square_sale())
    refunded = client.refunds.refund_payment(
        idempotency_key="r1",
        payment_id=paid.payment.id,
        amount_money={"amount": 100, "currency": "USD"},
    )
    customer = client.customers.create(given_name="Ann")

    for answer in (paid, refunded, customer, client.locations.list(), client.merchants.get("me")):
        assert find_unknown(answer) == []


def find_unknown(model: Any, path: str = "") -> list[str]:
    """Fields that are extra to the SDK's model, at any depth."""
    if isinstance(model, list):
        return [name for each in model for name in find_unknown(each, f"{path}[]")]
    if not hasattr(type(model), "model_fields"):
        return []
    extra = [f"{path}.{name}" for name in model.model_extra or {}]
    fields = type(model).model_fields
    deeper = [find_unknown(getattr(model, name), f"{path}.{name}") for name in fields]
    return extra + [name for names in deeper for name in names]


@pytest.mark.parametrize(
    ("source_id", "code"),
    [
        ("cnon:card-nonce-declined", "CARD_DECLINED"),
        ("cnon:card-nonce-rejected-cvv", "CVV_FAILURE"),
        ("cnon:card-nonce-rejected-postalcode", "ADDRESS_VERIFICATION_FAILURE"),
        ("cnon:card-nonce-rejected-expiration", "INVALID_EXPIRATION"),
        ("cnon:card-nonce-requires-verification", "CARD_DECLINED_VERIFICATION_REQUIRED"),
    ],
)
def test_a_decline_is_a_402_with_the_failed_payment_and_no_money(
    sandbox: Sandbox, source_id: str, code: str
) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)

    with pytest.raises(ApiError) as declined:
        client.payments.create(**square_sale(source_id=source_id))

    error = declined.value
    assert error.status_code == 402
    assert (error.errors[0].category, error.errors[0].code) == ("PAYMENT_METHOD_ERROR", code)
    payment = client.payments.get(error.body["payment"]["id"]).payment
    assert payment is not None
    assert payment.status == "FAILED"
    assert payment.card_details is not None
    assert payment.card_details.status == "FAILED"
    assert sandbox.movements(account) == []


def test_a_verified_buyer_pays_with_a_card_that_asks(sandbox: Sandbox) -> None:
    client = sandbox.new_square()

    payment = client.payments.create(
        **square_sale(
            source_id="cnon:card-nonce-requires-verification", verification_token="verf:1"
        )
    ).payment

    assert payment is not None
    assert payment.status == "COMPLETED"


def test_gift_cards_pay(sandbox: Sandbox) -> None:
    client = sandbox.new_square()

    payment: Any = client.payments.create(
        **square_sale(source_id="cnon:gift-card-nonce-ok")
    ).payment

    assert payment.card_details.card.card_brand == "SQUARE_GIFT_CARD"


def test_cash_and_external_payments_are_recorded_without_a_fee(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)

    cash: Any = client.payments.create(
        **square_sale(
            source_id="CASH",
            cash_details={"buyer_supplied_money": {"amount": 8000, "currency": "USD"}},
        )
    ).payment
    external: Any = client.payments.create(
        **square_sale(source_id="EXTERNAL", external_details={"type": "CHECK", "source": "Check"})
    ).payment

    assert cash.cash_details.change_back_money.amount == 500
    assert (external.external_details.type, external.processing_fee) == ("CHECK", None)
    movements = sandbox.movements(account)
    assert [(each["method"], each["fee_minor"]) for each in movements] == [
        ("cash", 0),
        ("external", 0),
    ]


def test_a_delayed_payment_is_completed_later(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    held: Any = client.payments.create(**square_sale(autocomplete=False)).payment
    before = sandbox.movements(account)

    done: Any = client.payments.complete(held.id, version_token=held.version_token).payment

    assert (held.status, held.processing_fee, before) == ("APPROVED", None, [])
    assert held.delayed_until is not None
    assert done.status == "COMPLETED"
    assert done.card_details.card_payment_timeline.captured_at is not None
    assert len(sandbox.movements(account)) == 1
    with pytest.raises(ApiError) as refused:
        client.payments.complete(held.id)
    assert refused.value.status_code == 400


def test_an_old_version_is_not_completed(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    held: Any = client.payments.create(**square_sale(autocomplete=False)).payment

    with pytest.raises(ApiError) as refused:
        client.payments.complete(held.id, version_token="old", request_options={"max_retries": 0})

    assert (refused.value.status_code, refused.value.errors[0].code) == (409, "CONFLICT")


def test_an_approved_payment_can_be_canceled(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    held: Any = client.payments.create(**square_sale(autocomplete=False)).payment

    canceled: Any = client.payments.cancel(held.id).payment

    assert (canceled.status, canceled.card_details.status) == ("CANCELED", "VOIDED")
    assert sandbox.movements(account) == []
    with pytest.raises(ApiError):
        client.payments.complete(held.id)


def test_a_lost_payment_is_canceled_by_its_key(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    held: Any = client.payments.create(
        **square_sale(idempotency_key="lost", autocomplete=False)
    ).payment

    client.payments.cancel_by_idempotency_key(idempotency_key="lost")
    client.payments.cancel_by_idempotency_key(idempotency_key="lost")

    assert client.payments.get(held.id).payment.status == "CANCELED"


def test_canceling_a_key_nobody_used_succeeds(sandbox: Sandbox) -> None:
    client = sandbox.new_square()

    assert client.payments.cancel_by_idempotency_key(idempotency_key="never").errors is None


def test_a_completed_payment_is_not_canceled_by_its_key(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    client.payments.create(**square_sale(idempotency_key="done"))

    with pytest.raises(ApiError) as refused:
        client.payments.cancel_by_idempotency_key(idempotency_key="done")

    assert refused.value.status_code == 400
    assert len(sandbox.movements(account)) == 1


@pytest.mark.parametrize(("action", "status"), [("CANCEL", "CANCELED"), ("COMPLETE", "COMPLETED")])
def test_a_delay_ends_by_itself(own_sandbox: Sandbox, action: str, status: str) -> None:
    account = own_sandbox.put_account("square")
    client = own_sandbox.square_client(account.secret)
    held: Any = client.payments.create(
        **square_sale(autocomplete=False, delay_duration="PT36H", delay_action=action)
    ).payment
    own_sandbox.advance(35 * 3600)
    before: Any = client.payments.get(held.id).payment

    own_sandbox.advance(2 * 3600)

    after: Any = client.payments.get(held.id).payment
    assert (before.status, after.status) == ("APPROVED", status)
    assert after.updated_at == held.delayed_until
    assert len(own_sandbox.movements(account)) == (1 if action == "COMPLETE" else 0)


def test_a_payment_completed_in_time_is_left_alone_when_its_delay_ends(
    own_sandbox: Sandbox,
) -> None:
    account = own_sandbox.put_account("square")
    client = own_sandbox.square_client(account.secret)
    held = client.payments.create(**square_sale(autocomplete=False)).payment
    done = client.payments.complete(held.id).payment

    own_sandbox.advance(8 * 86_400)

    assert client.payments.get(held.id).payment == done
    assert len(own_sandbox.movements(account)) == 1


def test_the_fee_is_absent_until_its_delay_is_over(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_square(fee_delay_seconds=60)
    paid: Any = client.payments.create(**square_sale()).payment

    own_sandbox.advance(61)

    later: Any = client.payments.get(paid.id).payment
    assert paid.processing_fee is None
    assert later.processing_fee[0].amount_money.amount == 205
    assert later.updated_at > paid.updated_at


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"source_id": "cnon:unknown"}, 404, "NOT_FOUND", "source_id"),
        ({"amount_money": {"amount": 0, "currency": "USD"}}, 400, "VALUE_TOO_LOW", None),
        ({"amount_money": {"amount": -5, "currency": "USD"}}, 400, "VALUE_TOO_LOW", None),
        ({"amount_money": {"amount": 1, "currency": "EUR"}}, 400, "CURRENCY_MISMATCH", None),
        ({"amount_money": {"amount": 1, "currency": "XXX"}}, 400, "INVALID_ENUM_VALUE", None),
        ({"amount_money": {"amount": "1", "currency": "USD"}}, 400, "EXPECTED_INTEGER", None),
        ({"amount_money": {"currency": "USD"}}, 400, "MISSING_REQUIRED_PARAMETER", None),
        ({"amount_money": {"amount": 1, "x": 1}}, 400, "UNKNOWN_BODY_PARAMETER", "amount_money.x"),
        ({"idempotency_key": "k" * 46}, 400, "VALUE_TOO_LONG", "idempotency_key"),
        ({"idempotency_key": ""}, 400, "VALUE_EMPTY", "idempotency_key"),
        ({"reference_id": "r" * 41}, 400, "VALUE_TOO_LONG", "reference_id"),
        ({"location_id": "LNOTMINE"}, 404, "NOT_FOUND", "location_id"),
        ({"customer_id": "NOBODY"}, 404, "NOT_FOUND", None),
        ({"delay_duration": "PT1H"}, 400, "BAD_REQUEST", "delay_duration"),
        ({"autocomplete": False, "delay_duration": "soon"}, 400, "INVALID_VALUE", "delay_duration"),
        ({"autocomplete": "no"}, 400, "EXPECTED_BOOLEAN", "autocomplete"),
        ({"source_id": "CASH"}, 400, "MISSING_REQUIRED_PARAMETER", "cash_details"),
    ],
)
def test_what_is_wrong_is_named(
    sandbox: Sandbox, changes: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)

    with pytest.raises(ApiError) as refused:
        client.payments.create(**square_sale(**changes))

    assert refused.value.status_code == status
    assert refused.value.errors[0].code == code
    if field:
        assert refused.value.errors[0].field == field
    assert sandbox.movements(account) == []


def test_an_account_without_card_processing_takes_cash_only(sandbox: Sandbox) -> None:
    client = sandbox.new_square(charges_enabled=False)

    with pytest.raises(ApiError) as refused:
        client.payments.create(**square_sale())
    cash = {"buyer_supplied_money": {"amount": 7500, "currency": "USD"}}
    paid = client.payments.create(**square_sale(source_id="CASH", cash_details=cash)).payment

    assert refused.value.errors[0].code == "CARD_PROCESSING_NOT_ENABLED"
    assert paid is not None
    assert client.locations.list().locations[0].capabilities == []
