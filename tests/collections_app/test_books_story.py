"""The story of three barbers, told with the real operations at simulated processors.

We hear of it by events and by lists. After each step the books have the story's balances, every
check of the books holds (each posting sums to zero; receivable and payable equal what they are
made of), and clearing is what the processor says it holds for the platform, but for a fee that it
has not told yet. Doors of the simulator give the story's fees where its own would be others.
"""

from collections.abc import Generator, Iterator
from datetime import timedelta

import httpx
import pytest

from collections_app.operations.collections import waive_collection
from collections_app.operations.fees import charge_late_fee, charge_platform_fee
from collections_app.operations.payments_by_decision import pay_by_hand
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import create_rent_plan
from payments.models import Accrual, Discrepancy, ExternalTransaction, Payment
from payments.operations.configs import set_config
from payments.operations.explanations import explain_movement
from payments.operations.payout_sending import send_payout
from payments.operations.payout_settlement import settle_payout
from payments.operations.payouts import create_payouts, list_due
from payments.states import LegRole
from processors.models import WebhookEvent
from tests.collections_app.acting import Cast, get_name, said
from tests.collections_app.taking import BANK, save_method
from tests.payments.books import BY, get_balances, get_failed_checks, usd

pytestmark = pytest.mark.django_db(transaction=True)

# Step, then clearing, payable of a and h, receivable of b, a and h, commission.
Step = tuple[int, tuple[int, int, int, int, int, int, int]]

FEE_NOT_TOLD = 1


def tell(cast: Cast) -> Iterator[Step]:
    yield from tell_of_central_sales(cast)
    one, two = yield from tell_of_own_accounts(cast)
    yield from tell_of_a_debit(cast)
    yield from tell_of_credits(cast, one, two)
    yield from tell_of_a_split(cast)
    yield from tell_of_the_platform(cast)


def tell_of_central_sales(cast: Cast) -> Iterator[Step]:
    cast.change_platform(fee_delay_seconds=60)
    first = cast.take(cast.a, 75_00)
    cast.hear()
    yield FEE_NOT_TOLD, (75_00, -60_00, 0, 0, 0, 0, -15_00)
    cast.change_platform(fee_delay_seconds=0)
    cast.pass_time(minutes=2)
    cast.hear()
    yield 2, (72_52, -57_52, 0, 0, 0, 0, -15_00)
    cast.correct_fee(get_name(first), 2_50)
    cast.read(force=True)
    yield 3, (72_50, -57_50, 0, 0, 0, 0, -15_00)
    cast.read(force=True)
    yield 4, (72_50, -57_50, 0, 0, 0, 0, -15_00)
    tipped = cast.take(cast.a, 60_00, tip_minor=10_00)
    yield 5, (130_46, -105_46, 0, 0, 0, 0, -25_00)
    cast.refund(first, 30_00)
    yield 6, (100_46, -81_46, 0, 0, 0, 0, -19_00)
    yield from tell_of_a_refused_payout(cast)
    payout = cast.pay_out(cast.a)
    yield 9, (19_00, 0, 0, 0, 0, 0, -19_00)
    late = cast.refund(first, 15_00)
    yield 10, (4_00, 12_00, 0, 0, 0, 0, -16_00)
    cast.fail_refund(late)
    cast.hear()
    yield 11, (19_00, 0, 0, 0, 0, 0, -19_00)
    dispute = cast.dispute(get_name(tipped))
    cast.hear()
    yield 12, (-56_00, 65_00, 0, 0, 0, 0, -9_00)
    cast.win(dispute)
    cast.hear()
    yield 13, (4_00, 15_00, 0, 0, 0, 0, -19_00)
    cast.carry_over(cast.a)
    yield 14, (4_00, 0, 0, 0, 15_00, 0, -19_00)
    cast.simulator.act(f"transfers/{payout.external_id}/reverse", amount_minor=20_00)
    cast.hear()
    yield 15, (24_00, -20_00, 0, 0, 15_00, 0, -19_00)
    netted = cast.collect(cast.build())
    assert (netted.method, netted.amount) == ("payout_deduction", usd(15_00))
    yield 16, (24_00, -5_00, 0, 0, 0, 0, -19_00)
    cast.pay_out(cast.a)
    yield 17, (19_00, 0, 0, 0, 0, 0, -19_00)


def tell_of_a_refused_payout(cast: Cast) -> Iterator[Step]:
    now = cast.get_now()
    [payout] = create_payouts(due=list_due(now=now), by=BY, now=now)
    assert payout.amount == usd(81_46)
    yield 7, (100_46, -81_46, 0, 0, 0, 0, -19_00)
    cast.change_destination(payout, transfers_enabled=False)
    refused = settle_payout(payout=payout, evidence=send_payout(payout=payout), by=BY, now=now)
    assert refused.state == "failed"
    cast.change_destination(payout, transfers_enabled=True)
    cast.pass_time(hours=2)
    yield 8, (100_46, -81_46, 0, 0, 0, 0, -19_00)


def tell_of_own_accounts(cast: Cast) -> Generator[Step, None, tuple[Payment, str]]:
    """Returns two sales: one that was taken by us, and the name of one at a terminal."""
    one = cast.take(cast.b, 100_00)
    two = cast.sell_at_terminal(cast.square_b, 50_00, tip_minor=7_50)
    cast.read(cast.square_b)
    yield 18, (19_00, 0, 0, 30_00, 0, 0, -49_00)
    cast.refund(one, 30_00)
    yield 19, (19_00, 0, 0, 24_00, 0, 0, -43_00)
    rent_a_chair(cast)
    yield 20, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    return one, two


def rent_a_chair(cast: Cast) -> None:
    """For a week, whose rent is late."""
    now = cast.get_now()
    today = now.astimezone(cast.b.zone).date()
    create_rent_plan(
        barber=cast.b,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=today,
        ends_on=today + timedelta(days=7),
        by=BY,
        now=now,
    )
    now = cast.pass_time(days=6)
    assert accrue_rent(by=BY, now=now) == 1
    charge_late_fee(barber=cast.b, **said(usd(5_00), "col_1", "late"), now=now)


def tell_of_a_debit(cast: Cast) -> Iterator[Step]:
    save_method(cast.simulator, cast.b, BANK)
    collection = cast.build()
    assert (collection.amount, collection.line_count) == (usd(179_00), 5)
    yield 21, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    debit = cast.collect(collection)
    assert (debit.method, debit.state) == ("bank_debit", "pending")
    yield 22, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    cast.pass_time(days=3)
    cast.correct_fee(debit.external_id, 80)
    cast.hear()
    yield 23, (197_20, 0, 0, 0, 0, 0, -43_00)
    cast.pass_time(days=10)
    cast.simulator.act(f"debits/{debit.external_id}/return", fee_minor=4_00)
    cast.read()
    yield 24, (14_20, 0, 0, 179_00, 0, 0, -43_00)
    pay_by_hand(collection=collection, reference="wire 7", by=BY, now=cast.get_now())
    yield 25, (14_20, 0, 0, 0, 0, 0, -43_00)


def tell_of_credits(cast: Cast, one: Payment, two: str) -> Iterator[Step]:
    after = cast.refund_in_dashboard(get_name(one), 30_00)
    cast.hear(cast.square_b)
    yield 26, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    dispute = cast.dispute(two)
    cast.pay_own_bank(cast.square_b)
    cast.read(cast.square_b)
    yield 27, (14_20, 0, 0, -16_00, 0, 0, -27_00)
    cast.win(dispute)
    cast.pay_own_bank(cast.square_b)
    cast.hear(cast.square_b)
    yield 28, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    cast.fail_refund(after)
    cast.read(cast.square_b)
    yield 29, (14_20, 0, 0, 0, 0, 0, -43_00)
    fee = said(usd(29_00), "2026-06", "June")
    charge_platform_fee(barber=cast.b, **fee, now=cast.get_now())
    uncollected = cast.build()
    assert uncollected.amount == usd(29_00)
    yield 30, (14_20, 0, 0, 29_00, 0, 0, -43_00)
    waive_collection(collection=uncollected, reason="A hard month.", by=BY, now=cast.get_now())
    yield 31, (14_20, 0, 0, 0, 0, 0, -43_00)
    set_config(barber=cast.b, changes={"commission_rate": 10}, by=BY, now=cast.get_now())
    small = cast.sell_at_terminal(cast.square_b, 15)
    cast.hear(cast.square_b)
    for _ in range(3):
        cast.refund_in_dashboard(small, 5)
        cast.hear(cast.square_b)
    yield 32, (14_20, 0, 0, 0, 0, 0, -43_00)


def tell_of_a_split(cast: Cast) -> Iterator[Step]:
    split = cast.take(cast.h, 75_00)
    yield 33, (28_46, 0, 0, 0, 0, 0, -58_00)
    cast.refund(split, 30_00)
    yield 34, (22_46, 0, 0, 0, 0, 0, -52_00)
    cast.refund_in_dashboard(get_name(split, LegRole.MAIN), 12_00)
    cast.read(cast.square_h)
    yield 35, (22_46, 0, 0, 0, 0, -2_40, -49_60)
    cast.carry_over(cast.h)
    yield 36, (22_46, 0, -2_40, 0, 0, 0, -49_60)
    cast.pay_out(cast.h)
    yield 37, (20_06, 0, 0, 0, 0, 0, -49_60)
    cast.take(cast.h, 40_00)
    yield 38, (58_60, 0, -30_54, 0, 0, 0, -57_60)


def tell_of_the_platform(cast: Cast) -> Iterator[Step]:
    cast.pay_platforms_bank(20_00)
    cast.hear()
    yield 39, (38_60, 0, -30_54, 0, 0, 0, -57_60)
    cast.charge_platform(2_00)
    cast.read()
    yield 40, (36_60, 0, -30_54, 0, 0, 0, -57_60)
    cast.charge_platform(10_00, kind="conversion", to_currency="CAD", to_amount_minor=13_60)
    cast.read()
    yield 41, (26_60, 0, -30_54, 0, 0, 0, -57_60)
    cast.change_platform(fee_percent=0, fee_fixed_minor=0)
    stray = cast.sell_at_terminal(cast.platform, 50_00)
    cast.hear()
    yield 42, (76_60, 0, -30_54, 0, 0, 0, -57_60)
    row = ExternalTransaction.objects.get(group_id=stray)
    explain_movement(movement=row, barber=cast.h, reason="He said so.", by=BY, now=cast.get_now())
    yield 43, (76_60, 0, -70_54, 0, 0, 0, -67_60)


def check(cast: Cast, *, not_told: int) -> None:
    """`not_told`: fees that the processor has taken and not told of, in minor units."""
    assert get_failed_checks() == set()
    held = cast.get_processors_balance()
    booked = {code: get_balances(currency=code).get("clearing", 0) for code in ("USD", "CAD")}
    assert booked == {"USD": held["USD"] + not_told, "CAD": held["CAD"]}


@pytest.fixture
def cast(platform, simulator, connect) -> Iterator[Cast]:
    address = f"{simulator.url}/stripe/v1/"
    with httpx.Client(base_url=address, trust_env=False) as stripe:
        yield Cast(platform, simulator, connect, stripe)


def test_the_balances_after_each_step_and_at_the_processor(cast):
    steps = []

    for step, balances in tell(cast):
        assert (step, cast.get_balances()) == (step, balances)
        check(cast, not_told=2_48 if step == FEE_NOT_TOLD else 0)
        steps.append(step)

    assert steps == list(range(1, 44))
    check_end()
    cast.hear(*cast.accounts)
    cast.read(*cast.accounts, force=True)
    assert cast.get_balances() == balances
    check(cast, not_told=0)
    assert not WebhookEvent.objects.exclude(state__in=["handled", "ignored"]).exists()
    assert not Discrepancy.objects.open().exists()


def check_end() -> None:
    assert get_balances(currency="USD") == {
        "bank": 179_00 + 20_00,
        "charges": -34_00,
        "clearing": 76_60,
        "commission": -67_60,
        "exchange": 10_00,
        "payable": -70_54,
        "processing_fees": 7_54,
        "rent": -150_00,
        "waived": 29_00,
    }
    assert get_balances(currency="CAD") == {"clearing": 13_60, "exchange": -13_60}
    commission = Accrual.objects.filter(kind="commission")
    assert sum(commission.values_list("amount_minor", flat=True)) == 24_00 - 2_40
