"""Doing at a door what somebody does in the vendor's dashboard, or a bank behind it."""

from typing import Any

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.control.requests import BadRequest, Visit
from processors.simulator.messages import Json
from processors.simulator.objects import Scope
from processors.simulator.stripe_api import charges


def make_call(visit: Visit, account: Account, **parameters: Any) -> Call:
    """A call of the account's owner, now; parameters that are None are left out."""
    simulation = visit.simulation
    given = {name: value for name, value in parameters.items() if value is not None}
    now_ms = simulation.clock.now_ms()
    return Call(simulation, account, account, now_ms, given, {}, visit.request.base_url)


def find_account(visit: Visit, processor: str, account_id: str) -> Account:
    """:raises BadRequest: there is no such account."""
    account = visit.simulation.accounts.find(processor, account_id)
    if account is None:
        raise BadRequest(f"There is no {processor} account {account_id}.", "account_id")
    return account


def find_object(visit: Visit, object_id: str, *kinds: str) -> tuple[Scope, Json]:
    """The object and whose it is.

    :raises BadRequest: 404, there is no object of these kinds with this id.
    """
    found = visit.simulation.objects.find_anywhere(object_id)
    if found is None or found[0].kind not in kinds:
        raise BadRequest(f"There is no {' or '.join(kinds)} {object_id}.", status=404)
    return found


def call_of_owner(visit: Visit, scope: Scope, **parameters: Any) -> Call:
    """A call of the object's owner, now.

    :raises BadRequest: 409, the account is gone.
    """
    account = visit.simulation.accounts.find(scope.processor, scope.account_id)
    if account is None:
        raise BadRequest(f"Account {scope.account_id} is gone.", status=409)
    return make_call(visit, account, **parameters)


def find_charge(call: Call, scope: Scope, found: Json) -> Json:
    """The charge itself, or the latest one of a payment intent.

    :raises BadRequest: 409, the intent has none.
    """
    if scope.kind == charges.KIND:
        return found
    if not found["latest_charge"]:
        raise BadRequest(f"Payment intent {found['id']} has no charge.", "payment", status=409)
    return charges.get_charge(call, found["latest_charge"])
