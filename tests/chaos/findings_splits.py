"""Sales in two parts: divided by the barber's rate, taken in the safe order, or given back."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index
from tests.chaos.findings_books import calculate_commission, get_rates

_CAPTURES = ("/capture", "/complete")


def find_in_splits(index: Index, people: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """`people`: what `populate` made, by login."""
    rates = get_rates(people)
    captures = _list_captures(index)
    yield from _captures_under_foreign_keys(index, captures)
    for payment in index.evidence.payments:
        if index.is_split(payment):
            yield from _wrong_shares(index, payment, rates)
            yield from _wrong_order(index, payment, captures)
    yield from _wrong_accruals(index)


def _list_captures(index: Index) -> dict[str, list[Row]]:
    """Calls that ask to capture, by the processor's name of the payment, the earliest first."""
    captures: dict[str, list[Row]] = {}
    for request in index.evidence.requests:
        if request["method"] == "POST" and request["path"].endswith(_CAPTURES):
            captures.setdefault(request["path"].split("/")[-2], []).append(request)
    return captures


def _captures_under_foreign_keys(
    index: Index, captures: Mapping[str, list[Row]]
) -> Iterator[Finding]:
    legs = {leg["external_id"]: leg["public_id"] for leg in index.evidence.legs}
    for external_id, requests in captures.items():
        for request in requests:
            key, reference = request["key"], legs.get(external_id, "no leg")
            if key is not None and not key.startswith(f"{reference}-"):
                what = f"{external_id} of {reference}: {key}"
                yield Finding("a capture's key names its leg", what)


def _wrong_shares(index: Index, payment: Row, rates: Mapping[int, Decimal]) -> Iterator[Finding]:
    commission = calculate_commission(payment, rates[payment["barber_id"]])
    wanted = {"commission": commission, "main": payment["amount_minor"] - commission}
    for leg in index.legs_of[payment["id"]]:
        is_platforms = leg["role"] == "commission"
        amount = leg["amount_minor"], index.is_platforms(leg)
        if amount != (wanted[leg["role"]], is_platforms):
            what = (
                f"{payment['public_id']} ({leg['role']}): {amount[0]} of {payment['amount_minor']}"
            )
            yield Finding("a split is by the barber's rate", what)


def _wrong_order(
    index: Index, payment: Row, captures: Mapping[str, list[Row]]
) -> Iterator[Finding]:
    """The barber's part is captured once it is known that the commission's is, not before."""
    legs = {leg["role"]: leg for leg in index.legs_of[payment["id"]]}
    asked = captures.get(legs["main"]["external_id"] or "-", []) if "main" in legs else []
    known = [
        move["at"].timestamp()
        for move in index.evidence.moves
        if move["subject"] == legs["commission"]["public_id"] and move["after"] == "captured"
    ]
    if asked and (not known or asked[0]["received_at"] < known[0]):
        yield Finding("the commission is captured first", payment["public_id"])


def _wrong_accruals(index: Index) -> Iterator[Finding]:
    """The commission of a split sale is kept, so nothing of it is owed, while none went back."""
    for accrual in index.evidence.accruals:
        leg = index.legs.get(accrual["reference"] or "")
        payment = None if leg is None else index.payments[leg["payment_id"]]
        if leg is None or payment is None or not index.is_split(payment):
            continue
        if any(index.list_returns(charge) for charge in index.list_charges(payment)):
            continue
        if accrual["amount_minor"] or accrual["commission_minor"] != accrual["kept_minor"]:
            yield Finding("nothing is owed of a split sale", leg["public_id"])
