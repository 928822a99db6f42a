"""Making accounts: `PUT /_simulator/accounts/{processor}/{account_id}`, as often as one likes."""

from urllib.parse import unquote

from processors.simulator.accounts import Account, SecretTaken, Webhook
from processors.simulator.control.acting import make_call
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.events import ENDPOINT_KINDS
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import Scope
from processors.simulator.request_journal import MASK
from processors.simulator.schedule import DueTask
from processors.simulator.simulation import Simulation
from processors.simulator.square_api import payout_acts as square_payouts
from processors.simulator.square_api.subscriptions import build_subscription
from processors.simulator.stripe_api import payout_acts as stripe_payouts
from processors.simulator.stripe_api.accounts import record_update, render
from processors.simulator.stripe_api.webhook_endpoints import build_endpoint

_DAY_MS = 24 * 60 * 60 * 1000
_DAILY_TASKS = {
    "stripe": stripe_payouts.DAILY_TASK,
    "square": square_payouts.DAILY_TASK,
}


def put_account(visit: Visit) -> Answer:
    """Create the account, or change it; what its webhook was before is replaced."""
    simulation = visit.simulation
    processor, _, account_id = visit.rest.partition("/")
    given = read_fields(visit.request)
    before = simulation.accounts.find(processor, unquote(account_id))
    named: Json = {
        **given,
        "processor": processor,
        "account_id": unquote(account_id),
        "created_ms": before.created_ms if before else simulation.clock.now_ms(),
    }
    account = read_model(Account, named)
    with simulation.store.transaction():
        _put(simulation, account)
    return json_answer(200, describe_account(account))


def patch_account(visit: Visit) -> Answer:
    """Change the settings that are named; Stripe tells of what shows in the account.

    :raises BadRequest: 404, there is no such account.
    """
    simulation = visit.simulation
    processor, _, account_id = visit.rest.partition("/")
    before = simulation.accounts.find(processor, unquote(account_id))
    if before is None:
        raise BadRequest(f"There is no {processor} account {account_id}.", status=404)
    kept = before.model_dump()
    account = read_model(Account, {**kept, **read_fields(visit.request)})
    if (account.processor, account.account_id) != (before.processor, before.account_id):
        raise BadRequest("account_id: an account keeps its name", "account_id")
    with simulation.store.transaction():
        _put(simulation, account)
        if processor == "stripe" and render(account) != render(before):
            record_update(make_call(visit, account))
    return json_answer(200, describe_account(account))


def _put(simulation: Simulation, account: Account) -> None:
    try:
        simulation.accounts.put(account)
    except SecretTaken as error:
        raise BadRequest(f"secret: {error}", "secret") from error
    if account.webhook is not None:
        _put_webhook(simulation, account, account.webhook)
    if account.payout_interval == "daily":
        _schedule_payouts(simulation, account)


def _schedule_payouts(simulation: Simulation, account: Account) -> None:
    """From the next midnight on; it is enough to say so once."""
    task = _DAILY_TASKS[account.processor]
    if simulation.schedule.has(task, account.account_id):
        return
    midnight_ms = (simulation.clock.now_ms() // _DAY_MS + 1) * _DAY_MS
    account_id = account.account_id
    due = DueTask(midnight_ms, task, account.processor, account_id, account_id)
    simulation.schedule.add(due)


def _put_webhook(simulation: Simulation, account: Account, webhook: Webhook) -> None:
    now_ms = simulation.clock.now_ms()
    build = build_endpoint if account.processor == "stripe" else build_subscription
    endpoint = build(webhook.url, webhook.secret, webhook.events, now_ms)
    endpoint["id"] = f"{'we' if account.processor == 'stripe' else 'wbhk'}_{account.account_id}"
    kind = ENDPOINT_KINDS[account.processor]
    scope = Scope(account.processor, account.account_id, kind)
    simulation.objects.save(scope, endpoint, created_ms=now_ms, updated_ms=now_ms)


def list_accounts(visit: Visit) -> Answer:
    described = [describe_account(account) for account in visit.simulation.accounts.list_all()]
    return json_answer(200, {"accounts": described})


def describe_account(account: Account) -> Json:
    described = account.model_dump(mode="json", exclude={"created_ms"})
    described["secret"] = account.masked_secret
    has_locations = account.processor == "square"
    locations = account.get_locations() if has_locations else []
    described["locations"] = [location.model_dump() for location in locations]
    if account.webhook is not None:
        described["webhook"]["secret"] = MASK
    return described
