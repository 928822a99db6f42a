"""Defects, each as exact text to replace. A text that is no longer there is an error."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    edits: tuple[Edit, ...]


_CHARGES = "payments/operations/charges.py"
_CLAIMS = "payments/operations/claims.py"
_SENDING = "payments/operations/sending.py"
_SETTLEMENT = "payments/operations/settlement.py"
_ACCRUALS = "payments/operations/accruals.py"
_STRIPE = "processors/adapters/stripe/statements.py"

_LOST_ANSWER = """    except AnswerLost as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message, is_unanswered=True)
    except CredentialsRefused as error:
"""

MUTANTS = (
    Mutant(
        "new_key_on_repeat",
        (
            Edit(
                _SENDING,
                "    return account.charge(request)\n",
                "    from dataclasses import replace\n\n"
                '    again = replace(request, reference=f"{request.reference}-{leg.checks}")\n'
                "    return account.charge(again)\n",
            ),
        ),
    ),
    Mutant(
        "not_found_is_failed",
        (
            Edit(
                _SENDING,
                "    if found is not None or not request.payment_token:\n        return found\n",
                "    if found is None:\n"
                '        return ChargeStatement(state=ChargeState.FAILED, external_id="", '
                'failure_code="not_found")\n'
                "    if found is not None or not request.payment_token:\n        return found\n",
            ),
        ),
    ),
    Mutant(
        "posts_twice",
        (
            Edit(
                "payments/operations/ledger.py",
                "    entries = [row for posting in facts.values() for row in _to_rows(posting)]\n",
                "    entries = [row for posting in facts.values() for row in _to_rows(posting)]\n"
                '    entries += [row | {"revision": row["revision"] + 1000} for row in entries]\n',
            ),
        ),
    ),
    Mutant(
        "falls_back_while_unknown",
        (
            Edit(
                _SETTLEMENT,
                "    if leg.state == LegState.FAILED and leg.failure_kind in TECHNICAL_FAILURES:\n",
                "    if leg.state == LegState.UNKNOWN or (\n"
                "        leg.state == LegState.FAILED and leg.failure_kind in TECHNICAL_FAILURES\n"
                "    ):\n",
            ),
            Edit(
                "payments/migrations/0001_initial.py",
                "fields=('payment', 'role'), name='leg_one_live_per_role'",
                "fields=('payment', 'role', 'connection'), name='leg_one_live_per_role'",
            ),
        ),
    ),
    Mutant(
        "calls_before_commit",
        (
            Edit(
                _CHARGES,
                "def charge_legs(\n",
                "from django.db import transaction\n\n\ndef charge_legs(\n",
            ),
            Edit(
                _CHARGES,
                "    quote, tokens = route_order(order, now=now)\n",
                "    with transaction.atomic():\n"
                "        return _take(order, by, now, keyed)\n\n\n"
                "def _take(order, by, now, keyed):\n"
                "    quote, tokens = route_order(order, now=now)\n",
            ),
            Edit(
                "processors/transport/client.py",
                "        refuse_open_transaction()\n",
                "",
            ),
        ),
    ),
    Mutant(
        "lost_answer_is_refusal",
        (
            Edit(
                _SENDING,
                _LOST_ANSWER,
                "    except AnswerLost as error:\n"
                "        return _fail(FailureKind.NOT_REACHED, error.message)\n"
                "    except CredentialsRefused as error:\n",
            ),
        ),
    ),
    Mutant(
        "key_is_not_claimed",
        (
            Edit(
                _CLAIMS,
                "    if keyed is None:\n        return None\n    lease =",
                "    if keyed is not None:\n        return None\n    lease =",
            ),
        ),
    ),
    Mutant(
        "server_error_is_refusal",
        (
            Edit(
                "processors/adapters/stripe/refusals.py",
                '    (404, "invalid_request_error"): RequestRefused,\n',
                '    (404, "invalid_request_error"): RequestRefused,\n'
                '    (500, "api_error"): RequestRefused,\n',
            ),
            Edit(
                "processors/adapters/square/refusals.py",
                '    (404, "INVALID_REQUEST_ERROR"): RequestRefused,\n',
                '    (404, "INVALID_REQUEST_ERROR"): RequestRefused,\n'
                '    (500, "API_ERROR"): RequestRefused,\n',
            ),
        ),
    ),
    Mutant(
        "amount_is_not_checked",
        (
            Edit(_STRIPE, '    check(amount == request.amount, "amount")\n', ""),
            Edit(
                _STRIPE,
                '    check(movement.amount == request.amount, "latest_charge.amount")\n',
                "",
            ),
        ),
    ),
    Mutant(
        "repeats_forgotten_keys",
        (
            Edit(
                _SENDING,
                "    if not may_repeat(first_sent_at=leg.created_at, window_seconds=window, "
                "now=now):\n        return None\n",
                "",
            ),
        ),
    ),
    Mutant(
        "accrues_twice",
        (
            Edit(
                _ACCRUALS,
                "        accrued = cursor.fetchall()\n",
                "        accrued = cursor.fetchall()\n"
                "        cursor.execute(_ACCRUE, values)\n"
                "        accrued += cursor.fetchall()\n",
            ),
            Edit(
                _ACCRUALS,
                "    t.due - e.commission AS commission_step, t.kept - e.kept AS kept_step\n",
                "    t.due AS commission_step, t.kept AS kept_step\n",
            ),
        ),
    ),
    Mutant(
        "fee_has_the_wrong_sign",
        (
            Edit(
                "payments/rules/postings.py",
                "Entry(AccountCode.CLEARING, -change, connection_id=movement.connection_id),\n"
                "            _bear_fee(movement, change),\n",
                "Entry(AccountCode.CLEARING, change, connection_id=movement.connection_id),\n"
                "            _bear_fee(movement, -change),\n",
            ),
        ),
    ),
    Mutant(
        "lost_legs_fail",
        (
            Edit(
                "payments/operations/unknowns.py",
                'outcome=Outcome.UNKNOWN, message="The request ended',
                'outcome=Outcome.FAILED, code="lost", message="The request ended',
            ),
        ),
    ),
    Mutant(
        "voids_without_asking",
        (
            Edit(
                "payments/operations/voids.py",
                "evidence=send_cancel(leg)",
                "evidence=Evidence(outcome=Outcome.VOIDED)",
            ),
            Edit(
                "payments/operations/voids.py",
                "from .settlement import settle_leg\n",
                "from .settlement import Evidence, Outcome, settle_leg\n",
            ),
            Edit(
                "payments/operations/voids.py",
                "from .sending import send_cancel\n",
                "",
            ),
        ),
    ),
    Mutant(
        "settles_unlocked",
        (
            Edit(
                _SETTLEMENT,
                '    payment = Payment.objects.select_for_update(of=["self"])'
                ".get(pk=leg.payment_id)\n",
                "    payment = Payment.objects.get(pk=leg.payment_id)\n",
            ),
            Edit(
                _SETTLEMENT,
                '        PaymentLeg.objects.select_for_update(of=["self"])\n'
                '        .select_related("connection")\n',
                '        PaymentLeg.objects.select_related("connection")\n',
            ),
            Edit(
                "bookedbarber/foundation/transitions.py",
                "        unmoved |= models.Q(pk__in=keys, state=state)\n",
                "        unmoved |= models.Q(pk__in=keys)\n",
            ),
        ),
    ),
)
