"""Customers: the seller's directory."""

from square.types.create_customer_response import CreateCustomerResponse
from square.types.delete_customer_response import DeleteCustomerResponse
from square.types.get_customer_response import GetCustomerResponse
from square.types.list_customers_response import ListCustomersResponse
from square.types.update_customer_response import UpdateCustomerResponse

from processors.simulator.call import Call
from processors.simulator.identifiers import square_id, to_iso
from processors.simulator.messages import Json
from processors.simulator.square_api import events
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.errors import SquareError, bad_request, not_found
from processors.simulator.square_api.listing import list_page, read_query

KIND = "customer"
_NAMES = ("given_name", "family_name", "company_name", "email_address", "phone_number")
_NOT_FIELDS = ("idempotency_key", "version")


def create(call: Call) -> CreateCustomerResponse:
    """:raises SquareError: 400, there is nothing to know the customer by."""
    given = call.parameters
    if not any(given.get(name) for name in _NAMES):
        raise bad_request(f"At least one of {', '.join(_NAMES)} is required for a customer.")
    created_at = to_iso(call.now_ms)
    customer: Json = {
        "id": square_id(),
        "created_at": created_at,
        "updated_at": created_at,
        "creation_source": "THIRD_PARTY",
        "preferences": {"email_unsubscribed": False},
        "version": 0,
        **_fields(given),
    }
    events.record(call, "customer.created", customer, call.save(KIND, customer))
    return respond(CreateCustomerResponse, customer=customer)


def _fields(given: Json) -> Json:
    kept = {name: value for name, value in given.items() if name not in _NOT_FIELDS}
    return {name: value for name, value in kept.items() if value not in (None, "")}


def get_customer(call: Call, customer_id: str) -> Json:
    """:raises SquareError: 404, there is no such customer on this account."""
    customer = call.find(KIND, customer_id)
    if customer is None:
        raise not_found("customer", customer_id)
    return customer


def retrieve(call: Call) -> GetCustomerResponse:
    return respond(GetCustomerResponse, customer=get_customer(call, call.ids["customer_id"]))


def update(call: Call) -> UpdateCustomerResponse:
    """Fields that are sent replace the old ones; null clears.

    :raises SquareError: 409, `version` is not the current one.
    """
    given = call.parameters
    customer = get_customer(call, call.ids["customer_id"])
    if given.get("version") not in (None, customer["version"]):
        detail = f"The customer has version {customer['version']}."
        raise SquareError(409, "CONFLICT", detail, field="version")
    kept = {name: value for name, value in customer.items() if name not in given}
    updated: Json = {
        **kept,
        **_fields(given),
        "updated_at": to_iso(call.now_ms),
        "version": customer["version"] + 1,
    }
    events.record(call, "customer.updated", updated, call.save(KIND, updated))
    return respond(UpdateCustomerResponse, customer=updated)


def delete(call: Call) -> DeleteCustomerResponse:
    customer = get_customer(call, call.ids["customer_id"])
    call.simulation.objects.delete(call.scope(KIND), customer["id"])
    return respond(DeleteCustomerResponse)


def list_customers(call: Call) -> ListCustomersResponse:
    query = read_query(call, has_times=False)
    customers, cursor = list_page(call, KIND, query)
    return respond(ListCustomersResponse, customers=customers, cursor=cursor)
