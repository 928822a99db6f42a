"""The books against the processors' journal, to the cent, by arithmetic of our own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from tests.chaos.barbers import BARBERS
from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index

Sums = Counter[tuple[str, int, str]]


def find_in_books(index: Index, people: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """`people`: what `populate` made, by login."""
    yield from _unbalanced(index)
    booked = _sum_accounts(index)
    expected = _expect(index, people)
    for account in sorted(booked.keys() | expected.keys()):
        if booked[account] != expected[account]:
            code, barber_id, currency = account
            whose = f" of barber {barber_id}" if barber_id else ""
            what = f"{code}{whose} {currency}: {booked[account]} instead of {expected[account]}"
            yield Finding("the books are the journal's", what)
    yield from _accruals(index, expected)
    yield from _left_final_states(index)


def _unbalanced(index: Index) -> Iterator[Finding]:
    sums: Counter[tuple[int, str]] = Counter()
    for entry in index.evidence.entries:
        sums[entry["transaction_id"], entry["currency"]] += entry["amount_minor"]
    for (transaction, currency), total in sums.items():
        if total:
            what = f"transaction {transaction}: {total} {currency}"
            yield Finding("ledger transactions sum to zero", what)


def _sum_accounts(index: Index) -> Sums:
    sums: Sums = Counter()
    for entry in index.evidence.entries:
        sums[entry["code"], entry["barber_id"], entry["currency"]] += entry["amount_minor"]
    return sums


def _expect(index: Index, people: Mapping[str, Mapping[str, int]]) -> Sums:
    """What the books must say, from the journal and the barbers' rates alone."""
    rates = get_rates(people)
    sums: Sums = Counter()
    for charge in index.charges:
        leg = index.legs.get(charge["reference"] or "")
        if leg is None or leg["state"] != "captured":
            _expect_unexplained(sums, index, charge)
            continue
        payment = index.payments[leg["payment_id"]]
        if index.is_split(payment):
            _expect_part(sums, index, charge, leg)
        else:
            _expect_sale(sums, index, charge, leg, rates[payment["barber_id"]])
    return sums


def _expect_sale(sums: Sums, index: Index, charge: Row, leg: Row, rate: Decimal) -> None:
    """A whole sale on one account."""
    payment = index.payments[leg["payment_id"]]
    barber_id, currency = payment["barber_id"], charge["currency"]
    commission = calculate_commission(payment, rate)
    sums["commission", 0, currency] -= commission
    if index.is_platforms(leg):
        net = charge["settled_minor"] - charge["fee_minor"]
        sums["clearing", 0, currency] += net
        sums["payable", barber_id, currency] -= net - commission
    else:
        sums["receivable", barber_id, currency] += commission


def _expect_part(sums: Sums, index: Index, charge: Row, leg: Row) -> None:
    """Of a split sale only the commission passes the platform; its fees are the platform's."""
    if leg["role"] != "commission":
        return
    for row in [charge, *index.refunds_of.get(charge["object_id"], [])]:
        sums["commission", 0, row["currency"]] -= row["amount_minor"]
        sums["clearing", 0, row["currency"]] += row["settled_minor"] - row["fee_minor"]
        sums["processing_fees", 0, row["currency"]] += row["fee_minor"]


def _expect_unexplained(sums: Sums, index: Index, charge: Row) -> None:
    """Known to us, on our account and not a sale: in clearing, against suspense."""
    known = {row["external_id"] for row in index.evidence.movements}
    accounts = {row["account_id"]: row["owner_id"] for row in index.evidence.connections}
    if charge["object_id"] in known and accounts[charge["account_id"]] == 0:
        sums["clearing", 0, charge["currency"]] += charge["settled_minor"]
        sums["suspense", 0, charge["currency"]] -= charge["settled_minor"]


def _accruals(index: Index, expected: Sums) -> Iterator[Finding]:
    owed: Sums = Counter()
    for accrual in index.evidence.accruals:
        account = "receivable", accrual["barber_id"], accrual["currency"]
        owed[account] += accrual["amount_minor"]
    wanted = {key: amount for key, amount in expected.items() if key[0] == "receivable"}
    for account in sorted(owed.keys() | wanted.keys()):
        if owed[account] != wanted.get(account, 0):
            what = f"barber {account[1]} owes {owed[account]} instead of {wanted.get(account, 0)}"
            yield Finding("commission owed is the rate of what was sold", what)


def _left_final_states(index: Index) -> Iterator[Finding]:
    """Each history is one chain, and nothing goes on after its end."""
    final = {"completed", "canceled", "captured", "voided", "failed"}
    last: dict[str, str] = {}
    for move in index.evidence.moves:
        if not move["subject"].startswith(("pay_", "leg_")):
            continue
        before = last.get(move["subject"], move["before"])
        if move["before"] != before or move["before"] in final:
            step = f"{move['before']} → {move['after']}"
            yield Finding("nothing leaves a final state", f"{move['subject']}: {before}, {step}")
        last[move["subject"]] = move["after"]


def get_rates(people: Mapping[str, Mapping[str, int]]) -> dict[int, Decimal]:
    """Percent, by the barbers' ids."""
    return {people[spec.login]["id"]: Decimal(spec.rate) for spec in BARBERS}


def calculate_commission(payment: Row, rate: Decimal) -> int:
    """Of all but the tip, rounded half up."""
    share = (payment["amount_minor"] - payment["tip_minor"]) * rate / 100
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
