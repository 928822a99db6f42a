"""One debit, however many ask for it at once and wherever a worker dies."""

import pytest
from django.utils import timezone

from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import PlatformCollection
from collections_app.operations.attempts import pay_collection, process_collections
from collections_app.operations.claims import NotToBePaid, claim_debit
from collections_app.operations.debit_sending import send_attempt
from collections_app.operations.settlement import settle_attempt
from collections_app.states import CollectionState
from payments.operations.movements import MovementFact, record_movements
from tests.collections_app.taking import (
    DECLINED_LATER,
    create_payer,
    list_debits,
    owe,
    settle_everything,
)
from tests.killing import die_at
from tests.payments.books import BY, at_once, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BOUNDARIES = 20


def test_twenty_who_pay_now_debit_once(platform, simulator):
    collection = owe(create_payer(simulator))

    def pay() -> object:
        return pay_collection(
            collection=PlatformCollection.objects.get(pk=collection.pk),
            by="usr_1",
            now=timezone.now(),
        )

    outcomes = at_once([pay] * 20)

    refused = [one for one in outcomes if isinstance(one, NotToBePaid)]
    assert (len(refused), len(outcomes)) == (19, 20)
    assert list_debits(simulator, platform.account_id) == [("charge", 50_00)]
    assert get_failed_checks() == set()


def test_two_workers_and_a_barber_take_each_collection_once(platform, simulator):
    barber = create_payer(simulator)
    collections = [owe(barber, 10_00 + number) for number in range(4)]

    def process() -> object:
        return process_collections(now=timezone.now(), by=BY)

    def pay() -> object:
        return pay_collection(collection=collections[2], by="usr_1", now=timezone.now())

    at_once([process, process, pay])

    taken = sorted(minor for _, minor in list_debits(simulator, platform.account_id))
    assert taken == [10_00, 10_01, 10_02, 10_03]
    assert get_failed_checks() == set()


def test_a_worker_killed_anywhere_debits_once_and_tells_once(platform, simulator, settings):
    """Before and after each commit and each call: before the claim, after it, after the debit,
    after it was recorded; the notice is part of what is recorded."""
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    barber = create_payer(simulator)
    for boundary in range(1, MOST_BOUNDARIES):
        collection = owe(barber, 50_00 + boundary)
        already = len(simulator.journal(platform.account_id))

        died = die_at(boundary, lambda: process_collections(now=timezone.now(), by=BY))
        settle_everything()
        process_collections(now=timezone.now(), by=BY)

        where = f"killed at boundary {boundary}"
        moved = list_debits(simulator, platform.account_id)[already:]
        assert moved == [("charge", 50_00 + boundary)], where
        collection.refresh_from_db()
        assert collection.state == CollectionState.COLLECTED, where
        assert OutgoingMail.objects.count() == boundary, where
        if not died:
            break
    assert boundary > 5, "fewer boundaries than there are writes and calls"
    assert get_failed_checks() == set()


def test_the_answer_and_the_events_of_one_debit_settle_it_once(platform, simulator):
    collection = owe(create_payer(simulator))
    states = (CollectionState.DUE,)
    attempt = claim_debit(collection=collection, states=states, by=BY, now=timezone.now())
    evidence = send_attempt(attempt=attempt)
    assert evidence.movement is not None
    fact = MovementFact(platform, evidence.movement)

    def answer() -> object:
        return settle_attempt(attempt=attempt, evidence=evidence, by="usr_1", now=timezone.now())

    def hear() -> object:
        return record_movements([fact], by="webhook:1", now=timezone.now())

    outcomes = at_once([answer, hear] * 3)

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    collection.refresh_from_db()
    assert (collection.state, OutgoingMail.objects.count()) == ("collected", 1)
    assert get_failed_checks() == set()


def test_what_was_tried_meanwhile_is_not_tried_before_its_time(platform, simulator):
    """A worker may have read of it before another one tried it in vain."""
    collection = owe(create_payer(simulator, DECLINED_LATER))
    now = timezone.now()
    process_collections(now=now, by=BY)

    with pytest.raises(NotToBePaid, match="Its next attempt is later"):
        claim_debit(
            collection=collection, states=(CollectionState.DUE,), due_by=now, by=BY, now=now
        )
