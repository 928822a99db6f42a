"""Customers and their cards at Stripe."""

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox, error_of


def test_a_customer_is_created_changed_and_deleted(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    customer = client.v1.customers.create(
        {"email": "a@shop.example", "name": "Ann", "metadata": {"ref": "1"}}
    )

    changed = client.v1.customers.update(customer.id, {"name": "Anna", "email": ""})
    deleted = client.v1.customers.delete(customer.id)

    assert (changed.name, changed.email) == ("Anna", None)
    assert deleted.deleted is True
    stub = client.v1.customers.retrieve(customer.id)
    assert stub.to_dict() == {"id": customer.id, "object": "customer", "deleted": True}
    assert client.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(customer.id, {"name": "Nobody"})


def test_customers_are_found_by_email(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    for name in ("a", "b"):
        client.v1.customers.create({"email": f"{name}@shop.example"})

    found = client.v1.customers.list({"email": "b@shop.example"}).data

    assert [each.email for each in found] == ["b@shop.example"]


def test_an_attached_card_can_be_charged_again_and_again(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    customer = client.v1.customers.create({"name": "Ann"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    sales = [
        client.v1.payment_intents.create(
            {**CARD_SALE, "payment_method": card.id, "customer": customer.id, "off_session": True}
        )
        for _ in range(2)
    ]

    assert [sale.status for sale in sales] == ["succeeded", "succeeded"]
    listed = client.v1.customers.payment_methods.list(customer.id).data
    assert [method.id for method in listed] == [card.id]
    assert client.v1.payment_methods.list({"customer": customer.id}).data[0].id == card.id
    assert client.v1.payment_intents.list({"customer": customer.id}).data[0].id == sales[1].id


def test_a_card_without_a_customer_is_used_up_by_a_charge(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    client.v1.payment_intents.create({**CARD_SALE, "payment_method": card.id})

    with pytest.raises(stripe.InvalidRequestError, match="cannot be used again"):
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": card.id})


def test_setting_up_for_later_attaches_the_card(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    customer = client.v1.customers.create({"name": "Ann"})

    sale = client.v1.payment_intents.create(
        {**CARD_SALE, "customer": customer.id, "setup_future_usage": "off_session"}
    )

    method = client.v1.payment_methods.retrieve(str(sale.payment_method))
    assert method.customer == customer.id


def test_a_detached_card_is_never_charged_again(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    customer = client.v1.customers.create({"name": "Ann"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    client.v1.payment_methods.detach(card.id)

    assert client.v1.payment_methods.retrieve(card.id).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used again"):
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": card.id})


def test_somebody_elses_card_is_not_charged(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    ann, bob = (client.v1.customers.create({"name": name}).id for name in ("Ann", "Bob"))
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": ann})

    with pytest.raises(stripe.InvalidRequestError, match="belongs to customer"):
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": card.id, "customer": bob})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(card.id, {"customer": bob})


def test_a_card_the_bank_declines_is_not_attached(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    customer = client.v1.customers.create({"name": "Ann"})

    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})
    failing = client.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": customer.id}
    )
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.create(
            {**CARD_SALE, "payment_method": failing.id, "customer": customer.id}
        )


def test_test_numbers_behave_like_their_tokens(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    card = {"number": "4000000000009995", "exp_month": 1, "exp_year": 2031, "cvc": "123"}

    method = client.v1.payment_methods.create({"type": "card", "card": card})

    assert method.card is not None
    assert (method.card.last4, method.card.exp_year) == ("9995", 2031)
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": method.id})
    assert error_of(declined).decline_code == "insufficient_funds"


def test_a_number_that_is_no_test_card_is_incorrect(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_methods.create(
            {
                "type": "card",
                "card": {"number": "4111111111111111", "exp_month": 1, "exp_year": 2031},
            }
        )

    assert refused.value.code == "incorrect_number"


def test_unknown_methods_and_customers_in_parameters_are_a_400(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    for name, value in (("payment_method", "pm_nothing"), ("customer", "cus_nobody")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.payment_intents.create({**CARD_SALE, name: value})
        assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")
        assert refused.value.param == name
