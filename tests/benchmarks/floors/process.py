"""Taking a payment as a bare view: the SDK's call between two transactions of plain SQL.

It writes the rows that the product writes of a sale on the platform's account, one statement a
table, and checks nothing.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from bookedbarber.foundation.encryption import encrypt
from bookedbarber.foundation.ids import new_public_id
from processors.adapters.stripe.client import StripeClient
from processors.contract import AccountAccess
from processors.transport import AccountCalls

from .ledger import LedgerFact, book

_PAYMENT = """
INSERT INTO payments_payment (public_id, environment, barber_id, visit_part, amount_minor,
  tip_minor, currency, decision, decision_facts, commission_rate, commission_minor, state,
  refunded_minor, reserved_refund_minor, disputed_minor, metadata, sealed_tokens, created_by,
  created_at)
VALUES (%s, 'sandbox', %s, 1, %s, 0, 'USD', 'centralized', %s, 20, %s, 'processing', 0, 0, 0, '{}',
  %s, 'usr_floor', %s)
RETURNING id
"""
_LEG = """
INSERT INTO payments_paymentleg (public_id, payment_id, role, connection_id, amount_minor,
  tip_minor, currency, state, operation, external_id, lease_until, failure_kind, failure_code,
  failure_message, checks, is_unanswered, is_two_step, created_at)
VALUES (%s, %s, 'main', %s, %s, 0, 'USD', 'submitted', 'charge', '', %s, '', '', '', 0, false,
  false, %s)
RETURNING id
"""
_LEG_SETTLED = """
UPDATE payments_paymentleg SET state = 'captured', external_id = %s, lease_until = NULL
WHERE id = %s AND state = 'submitted'
"""
_PAYMENT_SETTLED = """
UPDATE payments_payment SET state = 'completed', completed_at = %s, sealed_tokens = NULL
WHERE id = %s AND state = 'processing'
"""
_STATE_CHANGE = """
INSERT INTO foundation_statechange (subject, before, after, by, reason, at)
VALUES (%s, %s, %s, 'usr_floor', '', %s)
"""
_MOVEMENT = """
INSERT INTO payments_externaltransaction (owner_id, connection_id, kind, external_id, group_id,
  our_reference, barber_id, payment_id, purpose, state, amount_minor, tip_minor, fee_minor,
  currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
  available_at, recorded_at)
VALUES (0, %s, 'charge', %s, %s, %s, %s, %s, 'sale', 'completed', %s, 0, %s, 'USD', %s, 20, 'card',
  %s, 1, %s, %s, %s, %s)
RETURNING id
"""
_PAYLOAD = "INSERT INTO payments_externalpayload (transaction_id, raw) VALUES (%s, %s)"


@csrf_exempt
def process(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    token = body["payment_methods"]["platform"]
    amount_minor = int(float(body["amount"]) * 100)
    claim = _claim(body["barber_id"], body["connection_id"], amount_minor, token)
    intent = _charge(claim, token)
    _settle(claim, intent)
    return JsonResponse(
        {"payment_id": claim["payment"], "status": "completed", "amount": body["amount"]},
        status=201,
    )


@transaction.atomic
def _claim(barber_id: int, connection_id: int, amount_minor: int, token: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    payment, leg = new_public_id("pay"), new_public_id("leg")
    facts, commission = json.dumps(_describe(connection_id)), amount_minor // 5
    sealed = encrypt(json.dumps({connection_id: token}), row=f"payment:{payment}")
    values: list[Any] = [payment, barber_id, amount_minor, facts, commission, sealed, now]
    with connection.cursor() as cursor:
        cursor.execute(_PAYMENT, values)
        payment_id = cursor.fetchone()[0]
        lease = now + timedelta(seconds=60)
        cursor.execute(_LEG, [leg, payment_id, connection_id, amount_minor, lease, now])
        leg_id = cursor.fetchone()[0]
    return {
        "payment": payment, "payment_id": payment_id, "leg": leg, "leg_id": leg_id,
        "barber_id": barber_id, "connection_id": connection_id, "amount_minor": amount_minor,
    }  # fmt: skip


def _describe(connection_id: int) -> dict[str, Any]:
    """As much as the product keeps of its decision, without deciding anything."""
    return {
        "connection_id": connection_id,
        "reason": "mode_is_centralized",
        "explanation": "The barber takes payments through the platform.",
        "payment_mode": "centralized",
        "fallback_available": True,
        "fallback_connection_id": None,
        "commission_leg": None,
        "preference": None,
        "description": "Walk-in",
        "commission_on_tips": False,
        "commission_on_cash": False,
        "expected_fee_minor": 248,
        "candidates": [
            {
                "connection_id": connection_id,
                "processor": "stripe",
                "usable": True,
                "reason": None,
            }
        ],
    }


def _charge(claim: dict[str, Any], token: str) -> dict[str, Any]:
    form = {
        "amount": claim["amount_minor"],
        "currency": "usd",
        "payment_method": token,
        "allowed_payment_method_types": ["card"],
        "capture_method": "automatic",
        "confirm": True,
        "metadata": {"payment": claim["payment"], "reference": claim["leg"], "tip_minor": "0"},
        "expand": ["latest_charge.balance_transaction"],
        "description": "Walk-in",
    }
    access = AccountAccess(
        processor="stripe",
        environment=settings.ENVIRONMENT,
        account_id=settings.STRIPE_ACCOUNT_ID,
        credentials={},
    )
    client = StripeClient(settings.STRIPE_SECRET_KEY, AccountCalls(access))
    answer: Any = client.create_payment_intent(form, idempotency_key=claim["leg"])
    return dict(answer)


@transaction.atomic
def _settle(claim: dict[str, Any], intent: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(_LEG_SETTLED, [intent["id"], claim["leg_id"]])
        cursor.execute(_STATE_CHANGE, [claim["leg"], "submitted", "captured", now])
        _record(cursor, claim, intent, now)
        cursor.execute(_PAYMENT_SETTLED, [now, claim["payment_id"]])
        cursor.execute(_STATE_CHANGE, [claim["payment"], "processing", "completed", now])


def _record(cursor: Any, claim: dict[str, Any], intent: dict[str, Any], now: datetime) -> None:
    charge = intent["latest_charge"]
    raw, gross, fee = json.dumps(charge), charge["amount"], charge["balance_transaction"]["fee"]
    moment = datetime.fromtimestamp(charge["created"], UTC)
    digest = hashlib.sha256(raw.encode()).hexdigest()
    cursor.execute(
        _MOVEMENT,
        [
            claim["connection_id"], charge["id"], intent["id"], claim["leg"], claim["barber_id"],
            claim["payment_id"], gross, fee, gross, digest, moment, moment.date(), moment, now,
        ],
    )  # fmt: skip
    movement_id = cursor.fetchone()[0]
    cursor.execute(_PAYLOAD, [movement_id, raw])
    clearing = ("clearing", 0, claim["connection_id"])
    payable, earned = ("payable", claim["barber_id"], 0), ("commission", 0, 0)
    share = gross // 5
    sale = ((*clearing, gross), (*earned, -share), (*payable, share - gross))
    book(cursor, LedgerFact("sale", movement_id, moment, sale))
    book(cursor, LedgerFact("fee", movement_id, moment, ((*clearing, -fee), (*payable, fee))))
