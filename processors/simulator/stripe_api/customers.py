"""Customers: whom saved cards belong to."""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.stripe_api import events
from processors.simulator.stripe_api.errors import missing
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "customer"
_PLAIN_FIELDS = ("address", "description", "email", "name", "phone", "shipping", "tax_exempt")


def create(call: Call) -> Json:
    given = call.parameters
    customer: Json = {
        "id": stripe_id("cus"),
        "object": "customer",
        "address": None,
        "balance": given.get("balance", 0),
        "created": call.now_seconds,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": given.get("invoice_prefix"),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(customer, given)
    events.record(call, "customer.created", customer, call.save(KIND, customer))
    return customer


def _apply(customer: Json, given: Json) -> None:
    """Take over what was sent; an empty text clears a field, as everywhere at Stripe."""
    for name in _PLAIN_FIELDS:
        if name in given:
            customer[name] = given[name] or None
    if "invoice_settings" in given:
        settings = {name: value or None for name, value in given["invoice_settings"].items()}
        customer["invoice_settings"] = {**customer["invoice_settings"], **settings}
    merge_metadata(customer, given)


def merge_metadata(body: Json, given: Json) -> None:
    """Stripe merges metadata by key; an empty value deletes a key, an empty text all of them."""
    if "metadata" not in given:
        return
    if not given["metadata"]:
        body["metadata"] = {}
        return
    merged = {**body["metadata"], **given["metadata"]}
    body["metadata"] = {key: value for key, value in merged.items() if value != ""}


def get_customer(call: Call, customer_id: str, *, param: str = "id", status: int = 404) -> Json:
    """:raises StripeError: there is no such customer on this account."""
    customer = call.find(KIND, customer_id)
    if customer is None or customer.get("deleted"):
        raise missing("customer", customer_id, param=param, status=status)
    return customer


def retrieve(call: Call) -> Json:
    customer = call.find(KIND, call.ids["id"])
    if customer is None:
        raise missing("customer", call.ids["id"])
    return customer


def update(call: Call) -> Json:
    customer = get_customer(call, call.ids["id"])
    _apply(customer, call.parameters)
    text = call.save(KIND, customer, created_ms=customer["created"] * 1000)
    events.record(call, "customer.updated", customer, text)
    return customer


def delete(call: Call) -> Json:
    """Stripe keeps a deleted customer as a stub that says so, and lists it no more."""
    customer = get_customer(call, call.ids["id"])
    deleted: Json = {"id": customer["id"], "object": "customer", "deleted": True}
    text = call.save(KIND, deleted, created_ms=customer["created"] * 1000)
    events.record(call, "customer.deleted", deleted, text)
    return deleted


def list_customers(call: Call) -> Json:
    # `deleted IS NULL` in the JSON: stubs are not listed.
    equal = {"email": call.parameters.get("email")}
    page = read_page(call, equal=equal, without=("deleted",))
    return list_objects(call, KIND, "/v1/customers", page)
