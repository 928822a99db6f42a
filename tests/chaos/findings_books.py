"""The books against the processors' journal, to the cent, by arithmetic of our own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from tests.chaos.barbers import BARBERS, find_owner
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
        if leg is None and not index.is_on_platform(charge):
            _expect_terminal_sale(sums, index, charge, people)
        elif leg is None or leg["state"] != "captured":
            _expect_unexplained(sums, index, charge)
        else:
            payment = index.payments[leg["payment_id"]]
            expect = _expect_part if index.is_split(payment) else _expect_sale
            expect(sums, index, charge, leg, rates[payment["barber_id"]])
    return sums


def _expect_sale(sums: Sums, index: Index, charge: Row, leg: Row, rate: Decimal) -> None:
    """A whole sale on one account, with what went back of it."""
    payment = index.payments[leg["payment_id"]]
    barber_id, currency = payment["barber_id"], charge["currency"]
    commission = calculate_commission(payment, rate, gone=_sum_gone(index, charge))
    sums["commission", 0, currency] -= commission
    if index.is_platforms(leg):
        net = _sum_net(index, charge)
        sums["clearing", 0, currency] += net
        sums["payable", barber_id, currency] -= net - commission
    else:
        sums["receivable", barber_id, currency] += commission


def _expect_part(sums: Sums, index: Index, charge: Row, leg: Row, rate: Decimal) -> None:
    """Of a split sale only the commission passes the platform; its fees are the platform's.

    What the barber owes of the rest is nothing, unless more went back of one part than of the
    other.
    """
    payment = index.payments[leg["payment_id"]]
    barber_id, currency = payment["barber_id"], charge["currency"]
    if leg["role"] == "commission":
        held = charge["amount_minor"] - _sum_gone(index, charge)
        fees = held - _sum_net(index, charge)
        sums["commission", 0, currency] -= held
        sums["clearing", 0, currency] += held - fees
        sums["processing_fees", 0, currency] += fees
        sums["receivable", barber_id, currency] -= held if _is_whole(index, payment) else 0
        sums["commission", 0, currency] += held if _is_whole(index, payment) else 0
        return
    due = calculate_commission(payment, rate, gone=index.sum_gone(payment))
    sums["receivable", barber_id, currency] += due
    sums["commission", 0, currency] -= due


def _is_whole(index: Index, payment: Row) -> bool:
    """Whether both parts of a split sale were taken."""
    roles = {index.legs[each["reference"]]["role"] for each in index.list_charges(payment)}
    return roles == {"main", "commission"}


def _expect_terminal_sale(
    sums: Sums, index: Index, charge: Row, people: Mapping[str, Mapping[str, int]]
) -> None:
    """Its barber owes commission of what was paid by card, without the tip."""
    spec = find_owner(charge["account_id"])
    sale = charge if charge["method"] == "card" else charge | {"tip_minor": charge["amount_minor"]}
    commission = calculate_commission(sale, Decimal(spec.rate), gone=_sum_gone(index, charge))
    sums["receivable", people[spec.login]["id"], charge["currency"]] += commission
    sums["commission", 0, charge["currency"]] -= commission


def _expect_unexplained(sums: Sums, index: Index, charge: Row) -> None:
    """Known to us, on our account and not a sale: in clearing, against suspense, but its fees."""
    known = {row["external_id"] for row in index.evidence.movements}
    if charge["object_id"] in known and index.is_on_platform(charge):
        rows, currency = [charge, *index.list_returns(charge)], charge["currency"]
        fees = sum(row["fee_minor"] for row in rows)
        sums["clearing", 0, currency] += _sum_net(index, charge)
        sums["suspense", 0, currency] -= _sum_net(index, charge) + fees
        sums["processing_fees", 0, currency] += fees


def _sum_gone(index: Index, charge: Row) -> int:
    return -sum(row["amount_minor"] for row in index.list_returns(charge))


def _sum_net(index: Index, charge: Row) -> int:
    """What a charge and its refunds left on its account, after fees."""
    rows = [charge, *index.list_returns(charge)]
    return sum(row["settled_minor"] - row["fee_minor"] for row in rows)


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


def calculate_commission(payment: Row, rate: Decimal, *, gone: int = 0) -> int:
    """Of all but the tip, less the share of it that is gone, each rounded half up."""
    whole = Decimal(payment["amount_minor"])
    base = whole - payment["tip_minor"]
    left = base - _round(base * min(gone, payment["amount_minor"]) / whole)
    return int(_round(left * rate / 100))


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
