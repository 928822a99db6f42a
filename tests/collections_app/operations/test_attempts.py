"""Collections taken by debit: at once, again later, or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import StateChange
from bookedbarber.notifications.models import OutgoingMail
from collections_app.operations.attempts import (
    CollectionNotRetryable,
    MethodNotRetried,
    pay_collection,
    process_collections,
    retry_collection,
)
from collections_app.operations.claims import AccountNotReady, NoMandate, NotToBePaid
from collections_app.operations.mandates import (
    ConsentNotGiven,
    MandateWithdrawn,
    start_setup,
    withdraw_mandate,
)
from collections_app.operations.reasons import ReasonMissing
from collections_app.states import (
    AttemptState,
    CollectionMethod,
    CollectionState,
    FailureClass,
)
from processors.contract import Setups
from processors.models import Connection
from processors.registry import get_adapter
from tests import factories
from tests.collections_app.taking import (
    DAY,
    DECLINED_LATER,
    create_payer,
    list_debits,
    owe,
    save_method,
    settle_everything,
)
from tests.payments.books import BY, get_balances, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_due_is_debited_booked_and_told(platform, simulator):
    barber = create_payer(simulator)
    collection = owe(barber)
    now = timezone.now()

    assert process_collections(now=now, by=BY) == 1
    assert process_collections(now=now, by=BY) == 0

    collection.refresh_from_db()
    [attempt] = collection.attempts.all()
    assert (collection.state, attempt.state, attempt.method) == ("collected", "succeeded", "card")
    assert list_debits(simulator, platform.account_id) == [("charge", 50_00)]
    fee = 1_75
    assert get_balances() == {
        "clearing": 50_00 - fee,
        "processing_fees": fee,
        "charges": -50_00,
    }
    mails = OutgoingMail.objects.values_list("template", flat=True)
    assert list(mails) == ["collection_collected"]
    assert get_failed_checks() == set()


def test_a_card_that_stays_empty_is_tried_at_1_4_and_24_hours_and_then_by_a_person(
    platform, simulator
):
    barber = create_payer(simulator, DECLINED_LATER)
    collection = owe(barber)
    now, moments = timezone.now(), []

    while True:
        process_collections(now=now, by=BY)
        collection.refresh_from_db()
        if collection.next_attempt_at is None:
            break
        assert process_collections(now=collection.next_attempt_at - DAY / 1440, by=BY) == 0
        moments.append(collection.next_attempt_at - now)
        now = collection.next_attempt_at

    assert moments == [timedelta(hours=1), timedelta(hours=4), timedelta(hours=24)]
    assert (collection.state, collection.attempt_count) == ("failed", 4)
    states = collection.attempts.values_list("state", "failure_class").distinct()
    assert list(states) == [(AttemptState.FAILED, FailureClass.CARD_PROBLEM)]
    assert list_debits(simulator, platform.account_id) == []
    save_method(simulator, barber, "pm_card_visa")
    retried = retry_collection(
        collection=collection, method=None, reason="He has a new card", by="usr_1", now=now
    )
    collection.refresh_from_db()
    assert (retried.state, collection.state, collection.failure_code) == (
        "succeeded",
        "collected",
        "",
    )
    assert get_failed_checks() == set()


def test_a_card_that_asks_its_holder_is_not_tried_again(platform, simulator):
    collection = owe(create_payer(simulator, "pm_card_authenticationRequired"))

    process_collections(now=timezone.now(), by=BY)

    collection.refresh_from_db()
    [attempt] = collection.attempts.all()
    assert (collection.state, attempt.failure_class) == ("failed", FailureClass.AUTHENTICATION)
    assert OutgoingMail.objects.get().template == "collection_failed"


def test_a_lost_answer_is_asked_about_and_debits_once(platform, simulator):
    collection = owe(create_payer(simulator))
    simulator.add_fault("reset_after", account_id=platform.account_id, operation="charge", times=1)

    attempt = pay_collection(collection=collection, by="usr_1", now=timezone.now())

    assert attempt.state == AttemptState.UNKNOWN
    with pytest.raises(NotToBePaid):
        pay_collection(collection=collection, by="usr_1", now=timezone.now())
    settle_everything()
    collection.refresh_from_db()
    assert collection.state == CollectionState.COLLECTED
    assert list_debits(simulator, platform.account_id) == [("charge", 50_00)]
    assert get_failed_checks() == set()


def test_credentials_that_are_refused_end_the_round(platform, simulator):
    collections = [owe(create_payer(simulator)) for _ in range(2)]
    simulator.add_fault("revoked_token", account_id=platform.account_id, operation="charge")

    process_collections(now=timezone.now(), by=BY)

    for collection in collections:
        collection.refresh_from_db()
    attempted = [collection.attempts.count() for collection in collections]
    assert attempted == [1, 0]


def test_collections_stay_due_while_the_platforms_account_cannot_debit(platform, simulator):
    collection = owe(create_payer(simulator))
    Connection.objects.filter(pk=platform.pk).update(state="error")

    assert process_collections(now=timezone.now(), by=BY) == 0
    with pytest.raises(AccountNotReady):
        pay_collection(collection=collection, by=BY, now=timezone.now())

    collection.refresh_from_db()
    assert (collection.state, collection.attempts.count()) == ("due", 0)


def test_nothing_is_debited_without_consent_or_after_it_was_withdrawn(platform, simulator):
    barber = create_payer(simulator)
    by, now = barber.user.public_id, timezone.now()
    pages = {"success_url": "https://app.example/", "cancel_url": "https://app.example/"}
    with pytest.raises(ConsentNotGiven):
        start_setup(barber=barber, accepted_version="", accepted_from="", by=by, now=now, **pages)
    mandate = barber.mandates.get()
    assert (mandate.last4, mandate.accepted_from) == ("4242", "192.0.2.7")
    assert "2 days before" in mandate.consent_text
    withdraw_mandate(mandate=mandate, by=by, now=now)
    with pytest.raises(MandateWithdrawn):
        withdraw_mandate(mandate=mandate, by=by, now=now)

    collection = owe(barber)

    with pytest.raises(NoMandate):
        pay_collection(collection=collection, by=by, now=now)
    process_collections(now=timezone.now(), by=BY)
    collection.refresh_from_db()
    assert (collection.state, collection.failure_code) == ("failed", "mandate_gone")
    assert list_debits(simulator, platform.account_id) == []


def test_a_method_that_is_gone_at_the_processor_is_not_tried_again(platform, simulator):
    barber = create_payer(simulator)
    method = barber.mandates.get().payment_method_id
    get_adapter(platform.get_access(), Setups).forget_method(method)
    collection = owe(barber)

    process_collections(now=timezone.now(), by=BY)

    collection.refresh_from_db()
    assert collection.attempts.get().failure_class == FailureClass.MANDATE_GONE
    assert collection.state == CollectionState.FAILED


def test_a_new_method_takes_the_place_of_the_one_before(platform, simulator):
    barber = create_payer(simulator, DECLINED_LATER)
    save_method(simulator, barber, "pm_card_mastercard")

    live, gone = barber.mandates.live().get(), barber.mandates.exclude(withdrawn_at=None).get()

    assert (live.brand, gone.brand) == ("mastercard", "visa")
    assert live.customer_id == gone.customer_id


def test_only_what_is_due_or_failed_is_tried_again_and_only_with_a_reason(platform, simulator):
    barber = create_payer(simulator)
    said = {"by": "usr_1", "now": timezone.now()}
    paid = owe(barber)
    pay_collection(collection=paid, **said)

    with pytest.raises(CollectionNotRetryable):
        retry_collection(collection=paid, method=None, reason="Again", **said)
    due = owe(barber)
    with pytest.raises(ReasonMissing):
        retry_collection(collection=due, method=None, reason=" ", **said)
    with pytest.raises(MethodNotRetried):
        retry_collection(collection=due, method=CollectionMethod.MANUAL, reason="x", **said)
    with pytest.raises(NoMandate):
        retry_collection(collection=due, method=CollectionMethod.BANK_DEBIT, reason="x", **said)
    waived = owe(barber, state=CollectionState.WAIVED)
    with pytest.raises(NotToBePaid):
        pay_collection(collection=waived, **said)


def test_every_move_says_who_and_why(platform, simulator):
    collection = owe(create_payer(simulator), state=CollectionState.PENDING)

    pay_collection(collection=collection, by="usr_1", now=timezone.now())

    moves = StateChange.objects.filter(subject=collection.public_id).order_by("pk")
    assert [(move.before, move.after, move.by) for move in moves] == [
        ("pending", "processing", "usr_1"),
        ("processing", "collected", "usr_1"),
    ]


def test_a_barber_whose_config_is_missing_is_debited_all_the_same(platform, simulator):
    barber = factories.create_barber()
    save_method(simulator, barber, "pm_card_visa")
    owe(barber)

    assert process_collections(now=timezone.now(), by=BY) == 1
    assert list_debits(simulator, platform.account_id) == [("charge", 50_00)]
