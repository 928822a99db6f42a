"""News of refunds: ours and others', in any order, as often as they come."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import Discrepancy, ExternalTransaction, Payment, Refund
from payments.operations.refund_news import hear_of_refund, note_refund
from payments.operations.refund_requests import RefundTooLarge, get_refundable, request_refund
from payments.operations.refunds import send_refund, settle_refund
from payments.operations.unknown_refunds import settle_unknown_refunds
from payments.states import DiscrepancyKind, Mode, RefundState, TransactionKind
from processors.contract import Movement, MovementKind, Refunds, RefundStatement
from processors.contract import RefundState as Said
from processors.registry import get_adapter
from tests import factories
from tests.payments.books import at_once, get_failed_checks, usd
from tests.payments.refunding import BY, claim, later, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["platform", "square"])
def payment(request, platform, connect) -> Payment:
    barber = factories.create_barber()
    if request.param == "square":
        factories.create_config(barber, mode=Mode.DECENTRALIZED)
        connect(barber)
    return take(barber, account=request.param)


@pytest.fixture
def refund_in_dashboard(simulator):
    """A refund without a reference of ours, as the processor states it: (payment, minor)."""

    def refund(payment: Payment, minor: int, **fields: Any) -> RefundStatement:
        leg = payment.legs.get()
        made = simulator.act(
            "refunds",
            payment=leg.external_id,
            amount_minor=minor,
            reason="requested_by_customer",
            **fields,
        )
        return ask(payment, made["id"])

    return refund


def ask(payment: Payment, external_id: str) -> RefundStatement:
    connection = payment.legs.get().connection
    return get_adapter(connection.get_access(), Refunds).retrieve_refund(external_id)


def note(payment: Payment, statement: RefundStatement) -> Refund | None:
    noted = note_refund(
        connection=payment.legs.get().connection,
        statement=statement,
        by="webhook:test",
        now=timezone.now(),
    )
    payment.refresh_from_db()
    return noted


def failing_later(statement: RefundStatement) -> RefundStatement:
    [moved] = statement.movements
    return replace(
        statement,
        state=Said.FAILED,
        version=statement.version + 5,
        movements=(moved, returning(moved)),
        failure_code="lost_or_stolen_card",
    )


def returning(moved: Movement) -> Movement:
    return replace(
        moved,
        kind=MovementKind.REFUND_FAILED,
        external_id=f"{moved.external_id}:failed",
        parent_external_id=moved.external_id,
    )


def count_movements(payment: Payment) -> dict[str, int]:
    rows = ExternalTransaction.objects.filter(group_id=payment.legs.get().external_id)
    kinds = [row.kind for row in rows if row.kind != TransactionKind.CHARGE]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def test_a_refund_made_in_the_dashboard_counts_once(payment, refund_in_dashboard):
    statement = refund_in_dashboard(payment, 30_00)

    for _ in range(2):
        note(payment, statement)

    row = Refund.objects.get()
    assert (row.is_foreign, row.state, row.reason) == (
        True,
        RefundState.SUCCEEDED,
        "requested_by_customer",
    )
    assert (payment.refunded_minor, payment.status) == (30_00, "partially_refunded")
    assert count_movements(payment) == {TransactionKind.REFUND: 1}
    assert row.created_at == statement.occurred_at


def test_it_counts_once_however_many_hear_of_it_at_once(payment, refund_in_dashboard):
    statement = refund_in_dashboard(payment, 30_00)

    noted = at_once([lambda: note(payment, statement) for _ in range(4)])

    payment.refresh_from_db()
    assert set(noted) == {Refund.objects.get()}
    assert payment.refunded_minor == 30_00


def test_what_the_dashboard_took_cannot_be_refunded_again(payment, refund_in_dashboard):
    note(payment, refund_in_dashboard(payment, 70_00))

    with pytest.raises(RefundTooLarge):
        request_refund(payment=payment, amount=usd(5_01), reason="", by=BY, now=timezone.now())


def test_the_dashboard_may_take_what_one_of_ours_has_reserved(payment, refund_in_dashboard):
    ours = claim(payment, usd(60_00))
    note(payment, refund_in_dashboard(payment, 70_00))
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (70_00, 5_00)

    settle_refund(refund=ours, evidence=send_refund(ours), by=BY, now=timezone.now())

    payment.refresh_from_db()
    assert Refund.objects.get(pk=ours.pk).state == RefundState.FAILED
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (70_00, 0)


def test_our_own_news_before_the_answer_is_no_second_refund(payment):
    ours = claim(payment, usd(30_00))
    evidence = send_refund(ours)
    account = get_adapter(payment.legs.get().connection.get_access(), Refunds)

    note(payment, account.retrieve_refund(evidence.external_id))
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    settle_refund(refund=ours, evidence=evidence, by=BY, now=timezone.now())

    payment.refresh_from_db()
    row = Refund.objects.get()
    assert (row.pk, row.is_foreign, row.external_id) == (ours.pk, False, evidence.external_id)
    assert payment.refunded_minor == 30_00


def test_our_reference_under_another_amount_is_not_ours(payment, refund_in_dashboard):
    ours = claim(payment, usd(30_00))
    forged = replace(refund_in_dashboard(payment, 20_00), our_reference=ours.public_id)

    noted = note(payment, forged)

    assert noted is not None
    assert noted.pk != ours.pk
    ours.refresh_from_db()
    assert (ours.state, ours.external_id) == (RefundState.SUBMITTED, "")
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (20_00, 30_00)


def test_one_that_fails_days_later_gives_the_amount_back(payment, refund_in_dashboard):
    statement = refund_in_dashboard(payment, 30_00)
    note(payment, statement)

    note(payment, failing_later(statement))

    row = Refund.objects.get()
    assert (row.state, row.failure_code) == (RefundState.FAILED, "lost_or_stolen_card")
    assert (payment.refunded_minor, payment.status) == (0, "completed")
    assert get_refundable(payment=payment) == usd(75_00)
    assert count_movements(payment) == {
        TransactionKind.REFUND: 1,
        TransactionKind.REFUND_FAILED: 1,
    }


@pytest.mark.parametrize("was_pending", [False, True])
def test_the_processors_own_word_of_a_failure_is_believed(
    payment, refund_in_dashboard, simulator, was_pending
):
    made = note(payment, refund_in_dashboard(payment, 30_00, pending=was_pending))

    simulator.act(f"refunds/{made.external_id}/fail")
    note(payment, ask(payment, made.external_id))

    assert Refund.objects.get().state == RefundState.FAILED
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (0, 0)
    assert count_movements(payment) == {
        TransactionKind.REFUND: 1,
        TransactionKind.REFUND_FAILED: 1,
    }
    assert get_failed_checks() == set()


def test_a_refund_that_square_rejects_gives_the_amount_back(
    connect, refund_in_dashboard, simulator
):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    connect(barber)
    payment = take(barber, account="square")
    made = note(payment, refund_in_dashboard(payment, 30_00))

    simulator.act(f"refunds/{made.external_id}/fail", status="REJECTED")
    note(payment, ask(payment, made.external_id))

    assert Refund.objects.get().state == RefundState.FAILED
    assert payment.refunded_minor == 0
    assert get_failed_checks() == set()


def test_every_order_of_news_leaves_the_same(payment, refund_in_dashboard):
    words = ["pending", "made", "failed"]
    for minor, order in enumerate(permutations(words), start=10_01):
        statement = refund_in_dashboard(payment, minor)

        for word in order:
            note(payment, say(statement, word))

        assert Refund.objects.get(amount_minor=minor).state == RefundState.FAILED
        assert (payment.refunded_minor, payment.reserved_refund_minor) == (0, 0)
    assert count_movements(payment) == {
        TransactionKind.REFUND: 6,
        TransactionKind.REFUND_FAILED: 6,
    }


def test_money_for_a_refund_that_was_given_up_is_for_a_person(payment, refund_in_dashboard):
    ours = claim(payment, usd(30_00), by=BY)
    Refund.objects.filter(pk=ours.pk).update(state=RefundState.FAILED)
    ours.refresh_from_db()

    note(payment, replace(refund_in_dashboard(payment, 30_00), our_reference=ours.public_id))

    assert payment.refunded_minor == 30_00
    assert Discrepancy.objects.get(leg=ours.leg).kind == DiscrepancyKind.MONEY_ON_CLOSED_REFUND


def test_an_abridged_statement_is_asked_about(payment, refund_in_dashboard):
    statement = refund_in_dashboard(payment, 30_00)
    abridged = replace(statement, state=Said.FAILED, is_abridged=True)

    note(payment, abridged)
    assert settle_unknown_refunds(now=later(seconds=1)) == 1

    row = Refund.objects.get()
    # The processor, asked, says that it succeeded.
    assert (row.state, row.next_check_at) == (RefundState.SUCCEEDED, None)


def test_a_refund_of_a_sale_that_is_not_ours_is_a_movement_alone(payment, refund_in_dashboard):
    statement = refund_in_dashboard(payment, 30_00)
    connection = payment.legs.get().connection
    payment.legs.update(external_id="")

    heard = hear_of_refund(
        connection=connection, external_id=statement.external_id, by=BY, now=timezone.now()
    )

    assert heard is None
    assert not Refund.objects.exists()
    assert ExternalTransaction.objects.filter(kind=TransactionKind.REFUND).count() == 1


def test_a_leg_is_found_on_its_own_account_only(payment, connect, refund_in_dashboard):
    stranger = connect(factories.create_barber(), "stripe")
    statement = refund_in_dashboard(payment, 30_00)

    noted = note_refund(connection=stranger, statement=statement, by=BY, now=timezone.now())

    payment.refresh_from_db()
    assert noted is None
    assert payment.refunded_minor == 0


_NEWS = st.lists(
    st.tuples(st.sampled_from([10_00, 20_00]), st.sampled_from(["pending", "made", "failed"])),
    max_size=8,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(news=_NEWS)
def test_whatever_is_heard_the_figures_are_the_sum_of_the_newest_words(
    platform, refund_in_dashboard, news
):
    """Of each refund the furthest word counts: pending, then made, then failed."""
    payment = take(factories.create_barber())
    made = {minor: refund_in_dashboard(payment, minor) for minor in (10_00, 20_00)}
    furthest: dict[int, str] = {}
    ranks = ["pending", "made", "failed"]
    for minor, word in news:
        note(payment, say(made[minor], word))
        furthest[minor] = max(furthest.get(minor, word), word, key=ranks.index)

    payment.refresh_from_db()
    sums = {word: sum(minor for minor, last in furthest.items() if last == word) for word in ranks}
    assert payment.refunded_minor == sums["made"]
    assert payment.reserved_refund_minor == sums["pending"]


def say(statement: RefundStatement, word: str) -> RefundStatement:
    if word == "pending":
        return replace(statement, state=Said.PENDING, movements=(), version=0)
    return statement if word == "made" else failing_later(statement)
