"""What happens on an account at a simulated processor, and the events that tell of it."""

import json
import secrets
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings

from tests.processors.simulator.receiver import WebhookReceiver
from tests.simulation import SimulatedAccount, Simulator
from tests.waiting import wait_until


def let_happen(simulator: Simulator, account: SimulatedAccount) -> list[dict[str, Any]]:
    """Three sales with tips, refunds made in the dashboard of which one fails later, a dispute
    lost, one won, a payout. Returns the events in the order in which they came."""
    with WebhookReceiver() as receiver:
        _subscribe(account, receiver.url)
        sales = _sell(simulator, account, count=3)
        simulator.act("refunds", payment=sales[0], amount_minor=25_00)
        returned = simulator.act("refunds", payment=sales[0], amount_minor=10_00)["id"]
        simulator.act(f"refunds/{returned}/fail")
        lost = simulator.act("disputes", payment=sales[1], reason=_REASONS[account.processor])
        simulator.act(f"disputes/{lost['id']}/lose")
        won = simulator.act("disputes", payment=sales[2], reason=_REASONS[account.processor])
        simulator.act(f"disputes/{won['id']}/submit_evidence")
        simulator.act(f"disputes/{won['id']}/win")
        _pay_out(simulator, account)
        wait_until(lambda: _is_all_delivered(simulator, account), seconds=30)
        return [json.loads(one.body) for one in receiver.received]


_REASONS = {"stripe": "fraudulent", "square": "NO_KNOWLEDGE"}


def _sell(simulator: Simulator, account: SimulatedAccount, *, count: int) -> list[str]:
    days_ago = (simulator.now() - timedelta(days=5)).isoformat()
    sale = {"occurred_at": days_ago, "amount_minor": 70_00, "tip_minor": 5_00, "currency": "USD"}
    sold = simulator.record_sales(account, [sale] * count, deliver=True)["sales"]
    return [one["id"] for one in sold]


def _pay_out(simulator: Simulator, account: SimulatedAccount) -> None:
    paid = simulator.act("payouts", processor=account.processor, account_id=account.account_id)
    for payout in paid["payouts"]:
        simulator.act(f"payouts/{payout['id']}/paid")


def _subscribe(account: SimulatedAccount, url: str) -> None:
    headers = {"Authorization": f"Bearer {account.secret}"}
    if account.processor == "stripe":
        address = f"{settings.STRIPE_API_BASE}/v1/webhook_endpoints"
        form = {"url": url, "enabled_events[0]": "*"}
        answer = httpx.post(address, data=form, headers=headers, trust_env=False)
    else:
        address = f"{settings.SQUARE_API_BASE}/v2/webhooks/subscriptions"
        wanted = {"notification_url": url, "event_types": ["*"], "name": "all"}
        body = {"idempotency_key": secrets.token_hex(8), "subscription": wanted}
        answer = httpx.post(address, json=body, headers=headers, trust_env=False)
    assert answer.is_success, answer.text


def _is_all_delivered(simulator: Simulator, account: SimulatedAccount) -> bool:
    states = {one["state"] for one in simulator.deliveries(account.account_id)}
    return states == {"delivered"}
