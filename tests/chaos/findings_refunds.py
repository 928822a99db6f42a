"""Refunds: what was answered, what our rows say, and what the processors gave back."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from tests.chaos.clients import is_decided, to_major
from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index, group_by
from tests.chaos.refunding import RefundAnswer

_STILL_TRUE = "every answer about a refund is still true"
_ONCE = "a refund's key is one refund"
_GIVEN_UP = {"failed", "canceled"}
# Of these nothing was asked of the processor.
_NEVER_ASKED = {"not_reached", "credentials"}


def find_in_refunds(index: Index, answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """`answers`: all that were given."""
    yield from _rows_without_money(index)
    yield from _money_without_row(index)
    yield from _more_than_was_paid(index)
    yield from _figures_of_payments(index)
    yield from _broken_answers(index, answers)
    yield from _keys_of_several_refunds(answers)
    yield from _refunds_nobody_asked_for(index, answers)
    yield from _asked_beyond_the_sale(index, answers)
    yield from _given_beyond_the_wish(index, answers)


def _rows_without_money(index: Index) -> Iterator[Finding]:
    """A refund that succeeded has left the account once; of one that did not nothing is gone."""
    moved = {row["object_id"]: row for row in index.journal if row["kind"] == "refund"}
    for refund in index.evidence.refunds:
        named = moved.get(refund["external_id"])
        failures = index.list_failures(named) if named else []
        gone = 0 if named is None else -sum(row["amount_minor"] for row in [named, *failures])
        wanted = refund["amount_minor"] if refund["state"] == "succeeded" else 0
        if gone != wanted:
            what = f"{refund['public_id']} is {refund['state']}, and {gone} of {wanted} is gone"
            yield Finding("a refund is what moved", what)


def _money_without_row(index: Index) -> Iterator[Finding]:
    """Each refund of a charge of ours is one of our rows, whoever made it."""
    rows = Counter(row["external_id"] for row in index.evidence.refunds)
    for payment in index.evidence.payments:
        for charge in index.list_charges(payment):
            for moved in index.refunds_of.get(charge["object_id"], []):
                if rows[moved["object_id"]] != 1:
                    what = f"{moved['object_id']} has {rows[moved['object_id']]} rows"
                    yield Finding("what moved is one refund", what)


def _more_than_was_paid(index: Index) -> Iterator[Finding]:
    for charge in index.charges:
        gone = -sum(row["amount_minor"] for row in index.list_returns(charge))
        if not 0 <= gone <= charge["amount_minor"]:
            yield Finding("no more goes back than was paid", f"{charge['object_id']}: {gone}")


def _figures_of_payments(index: Index) -> Iterator[Finding]:
    for payment in index.evidence.payments:
        if payment["state"] != "completed":
            continue
        found = payment["refunded_minor"], payment["reserved_refund_minor"]
        open_rows = [
            row["amount_minor"]
            for row in index.evidence.refunds
            if row["payment_id"] == payment["id"]
            and row["state"] in {"submitted", "unknown", "pending"}
        ]
        gone = index.sum_gone(payment)
        wanted = gone, min(sum(open_rows), payment["amount_minor"] - gone)
        if found != wanted:
            what = f"{payment['public_id']}: {found} refunded and reserved instead of {wanted}"
            yield Finding("a payment counts its refunds", what)


def _broken_answers(index: Index, answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    parts = group_by(index.evidence.refunds, "request_id")
    for answer in answers:
        if not answer.refund_id:
            continue
        said = f"{answer.wish.key} was answered {answer.status} {answer.state}"
        rows = parts.get(answer.refund_id, [])
        amount = sum(row["amount_minor"] for row in rows)
        if not rows:
            yield Finding(_STILL_TRUE, f"{said}, and {answer.refund_id} is gone")
        elif answer.amount != to_major(amount):
            yield Finding(_STILL_TRUE, f"{said} with {answer.amount}, and it is {amount}")
        yield from (
            Finding(_STILL_TRUE, f"{said}, but {why}") for why in _contradict(index, answer, rows)
        )


def _contradict(index: Index, answer: RefundAnswer, rows: Sequence[Row]) -> Iterator[str]:
    moved = {row["object_id"]: row for row in index.journal if row["kind"] == "refund"}
    referred = {row["reference"] for row in index.evidence.listed_refunds}
    for row in rows:
        name, state = row["public_id"], row["state"]
        has_failed = row["external_id"] in moved and index.list_failures(moved[row["external_id"]])
        if answer.state == "succeeded" and state != "succeeded" and not has_failed:
            yield f"{name} is {state}"
        if answer.state in _GIVEN_UP and state not in _GIVEN_UP:
            yield f"{name} is {state}"
        elif answer.state in _GIVEN_UP and name in referred:
            yield f"the processor made {name}"
        if answer.status == 202 and state == "submitted":
            yield f"nothing became of {name}"


def _keys_of_several_refunds(answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """Also: once it is said that all is done, it is said in the same words for ever."""
    yield from _keys_forgotten(answers)
    refunds: dict[str, set[str]] = defaultdict(set)
    bodies: dict[str, list[object]] = defaultdict(list)
    for answer in answers:
        if answer.refund_id:
            refunds[answer.wish.key].add(answer.refund_id)
        if answer.state == "succeeded" and answer.body not in bodies[answer.wish.key]:
            bodies[answer.wish.key].append(answer.body)
    for key, found in refunds.items():
        if len(found) > 1 or len(bodies[key]) > 1:
            what = f"{key}: {', '.join(sorted(found))}, {len(bodies[key])} bodies"
            yield Finding(_ONCE, what)


def _keys_forgotten(answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """Whoever was told of a refund is told of it again, not that there is nothing left."""
    told: set[str] = set()
    for answer in answers:
        key = answer.wish.key
        if answer.refund_id:
            told.add(key)
        elif key in told and is_decided(answer.status, answer.code):
            yield Finding(_ONCE, f"{key} is answered {answer.status} {answer.code}")


def _refunds_nobody_asked_for(index: Index, answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """Also where no answer ever came: a key makes one refund."""
    asked: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        asked[answer.wish.payment_id].add(answer.wish.key)
    for payment in index.evidence.payments:
        ours = {row["request_id"] for row in _list_ours(index, payment)}
        if len(ours) > len(asked[payment["public_id"]]):
            what = f"{payment['public_id']}: {', '.join(sorted(ours))}"
            yield Finding(_ONCE, what)


def _asked_beyond_the_sale(index: Index, answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """We know what is left, so the processor is never asked for more: it might give it.

    Where others give back at the same time we cannot know.
    """
    shared = {answer.wish.payment_id for answer in answers if not answer.wish.is_alone}
    for payment in index.evidence.payments:
        rows = _list_ours(index, payment)
        if payment["public_id"] in shared or len(rows) < len(_list_all(index, payment)):
            continue
        asked = sum(r["amount_minor"] for r in rows if r["failure_kind"] not in _NEVER_ASKED)
        if asked > payment["amount_minor"]:
            what = f"{payment['public_id']}: {asked} of {payment['amount_minor']}"
            yield Finding("no more is asked back than was paid", what)


def _given_beyond_the_wish(index: Index, answers: Sequence[RefundAnswer]) -> Iterator[Finding]:
    """Where we alone give back, no more than was asked for is with the payer."""
    wishes = {answer.wish.key: answer.wish for answer in answers}.values()
    for payment_id, asked in group_by([asdict(wish) for wish in wishes], "payment_id").items():
        payment = index.by_public_id[payment_id]
        wanted = sum(
            payment["amount_minor"] if wish["amount_minor"] is None else wish["amount_minor"]
            for wish in asked
        )
        gone = index.sum_gone(payment)
        if all(wish["is_alone"] for wish in asked) and gone > wanted:
            yield Finding(
                "no more goes back than was asked for", f"{payment_id}: {gone} of {wanted}"
            )


def _list_all(index: Index, payment: Row) -> list[Row]:
    return [row for row in index.evidence.refunds if row["payment_id"] == payment["id"]]


def _list_ours(index: Index, payment: Row) -> list[Row]:
    return [
        row
        for row in _list_all(index, payment)
        if not row["is_foreign"] and not row["is_compensation"]
    ]
