"""Defects, each as exact text to replace. A text that is no longer there is an error.

Those of refunds, events and syncs are in `mutant_table_mix`.
"""

from tests.chaos.mutant_parts import Edit, Mutant
from tests.chaos.mutant_table_collections import COLLECTION_MUTANTS
from tests.chaos.mutant_table_mix import MIX_MUTANTS

_CHARGES = "payments/operations/charges.py"
_CLAIMS = "payments/operations/claims.py"
_SENDING = "payments/operations/sending.py"
_SETTLEMENT = "payments/operations/settlement.py"
_ACCRUALS = "payments/operations/accruals.py"
_STRIPE = "processors/adapters/stripe/statements.py"

_PROGRESS = "payments/operations/progress.py"
_UNKNOWNS = "payments/operations/unknowns.py"
_STEPS = "payments/rules/steps.py"

MUTANTS = (
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
        "unheard",
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
        "wrong",
    ),
    Mutant(
        "new_key_on_repeat",
        (
            Edit(
                _SENDING,
                "    return _repeat(account, request)\n",
                "    from dataclasses import replace\n\n"
                '    again = replace(request, reference=f"{request.reference}-{leg.checks}")\n'
                "    return _repeat(account, again)\n",
            ),
        ),
        "undone",
    ),
    Mutant(
        "not_found_is_failed",
        (
            Edit(
                _SENDING,
                "    if found is not None:\n        return to_evidence(found)\n",
                "    if found is not None:\n        return to_evidence(found)\n"
                '    return fail(FailureKind.DECLINED, message="There is no such charge")\n',
            ),
        ),
        "unheard",
    ),
    Mutant(
        "falls_back_while_unknown",
        (
            Edit(
                _PROGRESS,
                "    if settled.state == LegState.FAILED and settled.failure_kind in "
                "TECHNICAL_FAILURES:\n",
                "    if settled.state == LegState.UNKNOWN or (\n"
                "        settled.state == LegState.FAILED\n"
                "        and settled.failure_kind in TECHNICAL_FAILURES\n"
                "    ):\n",
            ),
            Edit(
                "payments/migrations/0001_initial.py",
                "fields=('payment', 'role'), name='leg_one_live_per_role'",
                "fields=('payment', 'role', 'connection'), name='leg_one_live_per_role'",
            ),
        ),
        "unheard",
    ),
    Mutant(
        "calls_before_commit",
        (
            Edit(
                _CHARGES,
                "def carry_out(\n",
                "from django.db import transaction\n\n\ndef carry_out(\n",
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
        "unheard",
    ),
    Mutant(
        "lost_answer_is_refusal",
        (
            Edit(
                _SENDING,
                "    except AnswerLost as error:\n"
                "        return know_nothing(error.message, is_unanswered=True)\n",
                "    except AnswerLost as error:\n"
                "        return fail(FailureKind.NOT_REACHED, message=error.message)\n",
            ),
        ),
        "unheard",
    ),
    Mutant(
        "repeats_forgotten_keys",
        (
            Edit(
                _SENDING,
                "    if not request.payment_token or not leg.is_repeatable(now=now):\n",
                "    if not request.payment_token:\n",
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
                _UNKNOWNS,
                '    evidence = know_nothing("The request ended before the processor\'s answer")\n',
                '    evidence = Evidence(outcome=Outcome.FAILED, code="lost", message="It is lost")'
                "\n",
            ),
        ),
    ),
    Mutant(
        "voids_without_asking",
        (
            Edit(
                _SENDING,
                "        case LegOperation.VOID:\n            return send_cancel(leg)\n",
                "        case LegOperation.VOID:\n"
                "            return Evidence(outcome=Outcome.VOIDED)\n",
            ),
        ),
        "split",
    ),
    Mutant(
        "settles_unlocked",
        (
            Edit(
                _SETTLEMENT,
                '    lambda: Payment.objects.select_for_update(of=["self"])'
                '.select_related("barber").filter(pk=0)\n',
                '    lambda: Payment.objects.select_related("barber").filter(pk=0)\n',
            ),
            Edit(
                "bookedbarber/foundation/transitions.py",
                "  WHERE {table}.id = rows.id AND {table}.state = rows.before\n",
                "  WHERE {table}.id = rows.id\n",
            ),
        ),
    ),
    Mutant(
        "captures_the_main_part_first",
        (
            Edit(
                _STEPS,
                "_ORDER = (LegRole.COMMISSION, LegRole.MAIN)\n",
                "_ORDER = (LegRole.MAIN, LegRole.COMMISSION)\n",
            ),
        ),
        "split",
    ),
    Mutant(
        "keeps_the_hold_of_a_failed_split",
        (
            Edit(
                _STEPS,
                "        return None if chosen is None else Step(Act.VOID, chosen)\n",
                "        return None\n",
            ),
        ),
        "split",
    ),
    Mutant(
        "keeps_the_commission_of_a_failed_split",
        (
            Edit(
                "payments/operations/compensations.py",
                "    roles = must_be_given_back(to_facts(latest.values()))\n",
                "    roles = frozenset(must_be_given_back(to_facts(latest.values())) and ())\n",
            ),
        ),
        "revoked",
    ),
    Mutant(
        "goes_on_while_a_capture_is_unknown",
        (
            Edit(
                _STEPS,
                "_RESTLESS = frozenset({LegState.SUBMITTED, LegState.UNKNOWN, "
                "LegState.REQUIRES_ACTION})\n",
                "_RESTLESS = frozenset({LegState.SUBMITTED, LegState.REQUIRES_ACTION})\n",
            ),
        ),
        "split",
    ),
    Mutant(
        "barber_bears_the_fee_of_the_commission",
        (
            Edit(
                "payments/rules/postings.py",
                "    if movement.purpose == Purpose.SALE:\n",
                "    if movement.purpose in {Purpose.SALE, Purpose.COMMISSION}:\n",
            ),
        ),
        "split",
    ),
    *MIX_MUTANTS,
    *COLLECTION_MUTANTS,
)
