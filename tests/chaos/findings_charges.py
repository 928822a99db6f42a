"""The processors' journal against the legs: nothing lost, nothing doubled, nothing invented."""

from collections.abc import Iterator

from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index
from tests.chaos.world import REPEAT_WINDOW_SECONDS

# Our clock, the journal's and the time on the way.
_TOLERANCE_SECONDS = 5.0


def find_in_charges(index: Index) -> Iterator[Finding]:
    yield from _charges_without_leg(index)
    yield from _legs_without_charge(index)
    yield from _doubled(index)
    yield from _appointments_paid_twice(index)
    yield from _keys_used_wrongly(index)
    yield from _left_to_people_without_reason(index)
    yield from _unsettled_payments(index)


def _charges_without_leg(index: Index) -> Iterator[Finding]:
    explained = index.list_open_discrepancies()
    for charge in index.evidence.journal:
        leg = index.legs.get(charge["reference"] or "")
        if leg is not None and leg["state"] == "captured" and _agree(index, charge, leg):
            continue
        if not {charge["reference"], charge["object_id"]} & explained:
            state = "no leg" if leg is None else f"a leg that is {leg['state']}"
            yield Finding("charge has its captured leg", f"{_name(charge)} has {state}")


def _agree(index: Index, charge: Row, leg: Row) -> bool:
    account = (charge["processor"], charge["account_id"])
    money = (charge["amount_minor"], charge["currency"])
    return account == index.get_account(leg) and money == (leg["amount_minor"], leg["currency"])


def _legs_without_charge(index: Index) -> Iterator[Finding]:
    for leg in index.evidence.legs:
        if leg["state"] == "captured" and len(index.journal_of.get(leg["public_id"], [])) != 1:
            count = len(index.journal_of.get(leg["public_id"], []))
            yield Finding("captured leg has one charge", f"{leg['public_id']} has {count}")


def _doubled(index: Index) -> Iterator[Finding]:
    for payment in index.evidence.payments:
        charges = index.list_charges(payment)
        if len(charges) > 1:
            names = ", ".join(map(_name, charges))
            yield Finding("a payment is charged once", f"{payment['public_id']}: {names}")


def _appointments_paid_twice(index: Index) -> Iterator[Finding]:
    paid: dict[tuple[int, int], list[str]] = {}
    for payment in index.evidence.payments:
        if payment["appointment_id"] is not None:
            part = payment["appointment_id"], payment["visit_part"]
            paid.setdefault(part, []).extend(map(_name, index.list_charges(payment)))
    for (appointment, number), charges in paid.items():
        if len(charges) > 1:
            what = f"appointment {appointment}, part {number}: {', '.join(charges)}"
            yield Finding("an appointment is charged once", what)


def _keys_used_wrongly(index: Index) -> Iterator[Finding]:
    """A charge's key is its leg's reference, and is used only while the processor knows it."""
    sent: dict[str, list[float]] = {}
    for request in index.evidence.requests:
        path = request["path"]
        is_charge = path.endswith(("/payment_intents", "/payments"))
        # One that is still held has neither answer nor key in the journal yet.
        was_read = request["key"] is not None or request["status"] is not None
        if request["method"] == "POST" and is_charge and was_read:
            sent.setdefault(request["key"] or "", []).append(request["received_at"])
    for key, moments in sent.items():
        if key not in index.legs:
            yield Finding("a charge's key is its leg", f"{key or 'no key'}: {len(moments)} calls")
            continue
        latest = max(moments) - index.legs[key]["created_at"].timestamp()
        if latest > REPEAT_WINDOW_SECONDS + _TOLERANCE_SECONDS:
            yield Finding("no key is used after its time", f"{key} was sent after {latest:.0f} s")


def _left_to_people_without_reason(index: Index) -> Iterator[Finding]:
    """A leg stays unknown only where the processor itself would not say."""
    requests = {row["sequence"]: row for row in index.evidence.requests}
    hits = [row for row in index.evidence.hits if row["kind"].startswith("stored_error")]
    excused = {requests[hit["request"]]["key"] for hit in hits if hit["request"] in requests}
    for leg in index.evidence.legs:
        if leg["state"] == "unknown" and leg["public_id"] not in excused:
            yield Finding("only stored errors are left to people", leg["public_id"])


def _unsettled_payments(index: Index) -> Iterator[Finding]:
    for payment in index.evidence.payments:
        states = {leg["state"] for leg in index.legs_of.get(payment["id"], [])}
        expected = _get_state(states)
        if payment["state"] not in expected:
            what = f"{payment['public_id']} is {payment['state']}, its legs {sorted(states)}"
            yield Finding("a payment is what its legs are", what)


def _get_state(legs: set[str]) -> set[str]:
    if "captured" in legs:
        return {"completed"}
    if "unknown" in legs:
        return {"unknown"}
    if not legs:
        return {"pending", "canceled"}
    return {"failed", "canceled"}


def _name(charge: Row) -> str:
    money = f"{charge['amount_minor']} {charge['currency']}"
    return f"{charge['object_id']} ({charge['reference']}, {money}, {charge['account_id']})"
