"""Contesting a line: it leaves the collection, the rest goes on, somebody decides."""

from datetime import timedelta

import pytest

from bookedbarber.foundation.models import StateChange
from bookedbarber.notifications.models import OutgoingMail
from bookedbarber.notifications.operations.mail_sending import send_due_mails
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations.collections import (
    move_due_collections,
    waive_collection,
)
from collections_app.operations.contests import (
    ContestTooLate,
    CreditNotContestable,
    LineNotContested,
    contest_line,
    reject_contest,
    uphold_contest,
)
from collections_app.operations.reasons import ReasonMissing
from tests.collections_app.owing import (
    BUILD,
    WEEK,
    build,
    build_one,
    create_owing_barber,
    get_outstanding,
    list_lines,
    refund,
    sell,
)
from tests.payments.books import BY, at_once, get_balances, get_failed_checks

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing():
    """A collection of 20.00 less 6.00 of one sale, and 10.00 of another."""
    barber, account = create_owing_barber()
    first, _ = sell(account, 100_00, 50_00)
    refund(account, first, 30_00)
    return barber, build_one()


def get_line(collection: PlatformCollection, minor: int) -> CollectionLine:
    return CollectionLine.objects.get(collection=collection, amount_minor=minor)


def contest(line: CollectionLine, reason: str = "Not my sale.", now=BUILD) -> CollectionLine:
    return contest_line(line=line, reason=reason, by="usr_barber", now=now)


def waive(collection: PlatformCollection) -> PlatformCollection:
    return waive_collection(collection=collection, reason="A hard month.", by=BY, now=BUILD)


def decide(act, line: CollectionLine) -> list[CollectionLine]:
    return act(line=line, reason="Looked at it.", by=BY, now=BUILD)


def test_a_contested_sale_leaves_the_collection_with_its_refund_and_the_rest_goes_on(owing):
    barber, collection = owing

    line = contest(get_line(collection, 20_00))

    collection.refresh_from_db()
    assert (collection.amount_minor, collection.line_count, collection.state) == (
        10_00,
        1,
        "pending",
    )
    assert list_lines(collection) == [10_00]
    assert (line.contest_reason, line.contested_by) == ("Not my sale.", "usr_barber")
    change = StateChange.objects.get(subject=line.subject)
    assert (change.before, change.after, change.by) == ("live", "contested", "usr_barber")
    # Contested is neither outstanding nor collected.
    assert get_outstanding(barber) == 0
    assert build(BUILD + WEEK) == []
    assert get_failed_checks() == set()


def test_what_is_upheld_is_given_back_and_cancels_out(owing):
    barber, collection = owing
    line = contest(get_line(collection, 20_00))

    decide(uphold_contest, line)
    decide(uphold_contest, line)

    assert get_outstanding(barber) == 0
    assert get_balances() == {"receivable": 10_00, "commission": -10_00}
    assert build(BUILD + WEEK) == []
    assert get_failed_checks() == set()
    with pytest.raises(LineNotContested):
        decide(reject_contest, line)


def test_what_is_rejected_is_in_the_next_collection(owing):
    barber, collection = owing
    line = contest(get_line(collection, 20_00))

    decide(reject_contest, line)
    decide(reject_contest, line)

    assert get_outstanding(barber) == 14_00
    following = build_one(BUILD + WEEK)
    assert sorted(list_lines(following)) == [-6_00, 20_00]
    with pytest.raises(LineNotContested):
        decide(uphold_contest, line)


@pytest.mark.parametrize(("act", "told"), [(uphold_contest, "right"), (reject_contest, "stays")])
def test_the_barber_is_told_once_how_it_ended_and_why(owing, mailoutbox, act, told):
    barber, collection = owing
    line = contest(get_line(collection, 20_00))
    OutgoingMail.objects.all().delete()

    decide(act, line)
    decide(act, line)
    send_due_mails(now=BUILD)

    (mail,) = mailoutbox
    assert mail.to == [barber.user.email]
    assert told in mail.subject
    assert "14.00 USD" in mail.subject
    assert "Our reason: Looked at it." in mail.body


def test_a_collection_of_which_nothing_is_left_is_canceled(owing):
    _, collection = owing
    contest(get_line(collection, 10_00))
    contest(get_line(collection, 20_00))

    collection.refresh_from_db()
    assert collection.state == "canceled"
    assert list_lines(collection) == []
    assert get_failed_checks() == set()


def test_it_is_too_late_when_the_notice_is_over(owing):
    _, collection = owing
    line = get_line(collection, 20_00)

    with pytest.raises(ContestTooLate):
        contest(line, now=collection.contest_until)
    contest(get_line(collection, 10_00), now=collection.contest_until - timedelta(microseconds=1))
    move_due_collections(now=collection.due_at, by=BY)
    with pytest.raises(ContestTooLate):
        contest(line)


def test_nobody_contests_a_credit_or_without_a_reason(owing):
    _, collection = owing

    with pytest.raises(CreditNotContestable):
        contest(get_line(collection, -6_00))
    with pytest.raises(ReasonMissing):
        contest(get_line(collection, 10_00), reason="  ")
    with pytest.raises(LineNotContested):
        decide(uphold_contest, get_line(collection, 10_00))


@pytest.mark.django_db(transaction=True)
def test_lines_contested_at_once_all_leave(owing):
    _, collection = owing
    lines = [get_line(collection, minor) for minor in (20_00, 10_00)]

    answers = at_once([lambda line=line: contest(line) for line in lines * 2])

    assert all(isinstance(answer, CollectionLine) for answer in answers)
    collection.refresh_from_db()
    assert collection.state == "canceled"
    assert get_failed_checks() == set()


@pytest.mark.django_db(transaction=True)
def test_a_contest_and_a_waiver_at_once_end_in_books_that_hold():
    for _ in range(6):
        sell(create_owing_barber()[1], 100_00, 50_00)
    pairs = [(each, get_line(each, 10_00)) for each in build()]
    acts = [lambda line=line: contest(line) for _, line in pairs]
    acts += [lambda each=each: waive(each) for each, _ in pairs]

    answers = at_once(acts)

    assert all(
        isinstance(answer, CollectionLine | PlatformCollection | ContestTooLate)
        for answer in answers
    )
    assert {each.state for each in PlatformCollection.objects.all()} == {"waived"}
    assert get_failed_checks() == set()
