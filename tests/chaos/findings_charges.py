"""The processors' journal against the legs: nothing lost, nothing doubled, nothing invented."""

from collections.abc import Iterator

from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index, group_by

# Our clock, the journal's and the time on the way.
_TOLERANCE_SECONDS = 5.0
# A charge is repeated under its key before a person is asked.
_FEWEST_TRIES = 2


def find_in_charges(index: Index, repeat_window_seconds: float) -> Iterator[Finding]:
    yield from _charges_without_leg(index)
    yield from _legs_without_charge(index)
    yield from _doubled(index)
    yield from _money_that_should_not_be(index)
    yield from _appointments_paid_twice(index)
    yield from _keys_used_wrongly(index, repeat_window_seconds)
    yield from _left_to_people_without_reason(index)
    yield from _unsettled_payments(index)


def _charges_without_leg(index: Index) -> Iterator[Finding]:
    explained = index.list_open_discrepancies()
    for charge in index.charges:
        leg = index.legs.get(charge["reference"] or "")
        if leg is not None and leg["state"] == "captured" and _agree(index, charge, leg):
            continue
        if not charge["reference"]:
            # Taken at a terminal; `findings_movements` asks for it.
            continue
        if not {charge["reference"], charge["object_id"]} & explained:
            state = "no leg" if leg is None else f"a leg that is {leg['state']}"
            yield Finding("charge has its captured leg", f"{name_charge(charge)} has {state}")


def _agree(index: Index, charge: Row, leg: Row) -> bool:
    account = (charge["processor"], charge["account_id"])
    money = (charge["amount_minor"], charge["currency"])
    return account == index.get_account(leg) and money == (leg["amount_minor"], leg["currency"])


def _legs_without_charge(index: Index) -> Iterator[Finding]:
    for leg in index.evidence.legs:
        count = len(index.charges_of.get(leg["public_id"], []))
        if leg["state"] == "captured" and count != 1:
            yield Finding("captured leg has one charge", f"{leg['public_id']} has {count}")


def _doubled(index: Index) -> Iterator[Finding]:
    """Once for each of its parts: the whole, or the barber's and the commission."""
    for payment in index.evidence.payments:
        charged: dict[str, list[str]] = {}
        for charge in index.list_charges(payment):
            role = index.legs[charge["reference"]]["role"]
            charged.setdefault(role, []).append(name_charge(charge))
        for role, names in charged.items():
            if len(names) > 1:
                what = f"{payment['public_id']} ({role}): {', '.join(names)}"
                yield Finding("a payment is charged once", what)


def _money_that_should_not_be(index: Index) -> Iterator[Finding]:
    """All of a completed payment was charged, whatever was given back of it later, and nothing is
    kept of one that came to nothing.

    What is to be given back and was not is for a person.
    """
    explained = index.list_open_discrepancies()
    for payment in index.evidence.payments:
        is_completed = payment["state"] == "completed"
        kept = index.sum_charged(payment) if is_completed else index.sum_kept(payment)
        if kept and index.is_split(payment) and explained & index.list_references(payment):
            continue
        wanted = {"completed": payment["amount_minor"], "failed": 0, "canceled": 0}
        if kept != wanted.get(payment["state"], kept):
            what = f"{payment['public_id']} is {payment['state']}, and {kept} was taken for it"
            yield Finding("what is taken is what was agreed", what)


def _appointments_paid_twice(index: Index) -> Iterator[Finding]:
    paid: dict[tuple[int, int], list[str]] = {}
    for payment in index.evidence.payments:
        is_paid = payment["state"] == "completed" or index.sum_kept(payment)
        if payment["appointment_id"] is not None and is_paid:
            part = payment["appointment_id"], payment["visit_part"]
            paid.setdefault(part, []).append(payment["public_id"])
    for (appointment, number), payments in paid.items():
        if len(payments) > 1:
            what = f"appointment {appointment}, part {number}: {', '.join(payments)}"
            yield Finding("an appointment is charged once", what)


def _keys_used_wrongly(index: Index, repeat_window_seconds: float) -> Iterator[Finding]:
    """A charge's key is its leg's reference, and is used only while the processor knows it."""
    sent: dict[str, list[float]] = {}
    for request in index.evidence.requests:
        path = request["path"]
        is_charge = path.endswith(("/payment_intents", "/payments"))
        # One that is still held has no key in the journal yet; of one that was killed while it
        # was sent, no body arrived.
        was_read = request["key"] is not None or (
            request["status"] is not None and request["request"]
        )
        if request["method"] == "POST" and is_charge and was_read:
            sent.setdefault(request["key"] or "", []).append(request["received_at"])
    for key, moments in sent.items():
        if key not in index.legs:
            yield Finding("a charge's key is its leg", f"{key or 'no key'}: {len(moments)} calls")
            continue
        latest = max(moments) - index.legs[key]["created_at"].timestamp()
        if latest > repeat_window_seconds + _TOLERANCE_SECONDS:
            yield Finding("no key is used after its time", f"{key} was sent after {latest:.0f} s")


def _left_to_people_without_reason(index: Index) -> Iterator[Finding]:
    """A leg stays unknown only where the processor never said what came of it, though asked."""
    sent = group_by(index.evidence.requests, "key")
    for leg in index.evidence.legs:
        if leg["state"] != "unknown":
            continue
        reference = leg["public_id"]
        requests = [row for row in sent.get(reference, []) if row["method"] == "POST"]
        if index.charges_of.get(reference) or any(map(_is_answer, requests)):
            what = f"{reference} ({len(requests)} calls)"
            yield Finding("only what nobody answers is left to people", what)
        elif len(requests) < _FEWEST_TRIES:
            what = f"{reference} was sent {len(requests)} times"
            yield Finding("what is left to people was tried", what)


def _is_answer(request: Row) -> bool:
    """Whether the processor told the truth about it, and we could read that."""
    return request["fault"] is None and request["status"] in {200, 402}


def _unsettled_payments(index: Index) -> Iterator[Finding]:
    for payment in index.evidence.payments:
        legs = index.legs_of.get(payment["id"], [])
        if payment["state"] not in _get_states(legs, is_split=index.is_split(payment)):
            states = sorted(f"{leg['role']} {leg['state']}" for leg in legs)
            what = f"{payment['public_id']} is {payment['state']}, its legs {', '.join(states)}"
            yield Finding("a payment is what its legs are", what)


def _get_states(legs: list[Row], *, is_split: bool) -> set[str]:
    """What a payment may be once all is quiet; a split that failed half-way gives back."""
    states = {leg["state"] for leg in legs}
    captured = {leg["role"] for leg in legs if leg["state"] == "captured"}
    if "unknown" in states:
        return {"unknown"}
    if captured == ({"main", "commission"} if is_split else {"main"}):
        return {"completed"}
    return {"failed", "canceled"} if legs else {"pending", "canceled"}


def name_charge(charge: Row) -> str:
    money = f"{charge['amount_minor']} {charge['currency']}"
    return f"{charge['object_id']} ({charge['reference']}, {money}, {charge['account_id']})"
