"""Collections that are under way for too long."""

from datetime import timedelta

import pytest
import stripe
from django.utils import timezone

from collections_app.models import CollectionAttempt
from collections_app.operations.attempts import pay_collection
from collections_app.operations.claims import claim_debit
from collections_app.operations.stuck import Checked, check_stuck_collections
from collections_app.operations.unknown_attempts import (
    AttemptNotUnknown,
    MayStillBeDebited,
    close_unmade_attempt,
    settle_unknown_attempts,
)
from collections_app.states import CollectionState
from payments.models import Discrepancy
from payments.states import DiscrepancyKind
from tests.collections_app.taking import (
    BANK,
    create_payer,
    list_debits,
    owe,
    settle_everything,
)
from tests.payments.books import BY, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_stuck_is_settled_by_asking_and_a_bank_debit_is_not_stuck(platform, simulator):
    barber = create_payer(simulator, BANK)
    pending = pay_collection(collection=owe(barber), by="usr_1", now=timezone.now())
    lost = owe(create_payer(simulator), 40_00)
    claim_debit(collection=lost, states=(CollectionState.DUE,), by=BY, now=timezone.now())

    early = check_stuck_collections(now=timezone.now() + timedelta(hours=1), by=BY)
    late = check_stuck_collections(now=timezone.now() + timedelta(hours=3), by=BY)

    lost.refresh_from_db()
    pending.refresh_from_db()
    assert (early, late) == (Checked(0, 0), Checked(1, 1))
    assert (lost.state, pending.state) == ("collected", "pending")
    assert list_debits(simulator, platform.account_id) == [("charge", 40_00)]
    assert get_failed_checks() == set()


def test_what_nobody_can_find_is_handed_to_a_person_who_may_close_it(platform, simulator):
    barber = create_payer(simulator)
    collection = owe(barber)
    simulator.add_fault("time_out_before", account_id=platform.account_id, operation="charge")
    simulator.add_fault("reset_before", account_id=platform.account_id, operation="charge")
    attempt = claim_debit(
        collection=collection, states=(CollectionState.DUE,), by=BY, now=timezone.now()
    )
    CollectionAttempt.objects.filter(pk=attempt.pk).update(
        state="unknown", lease_until=None, next_check_at=timezone.now()
    )
    said = {"attempt": attempt, "reason": "It is not there", "by": "usr_1"}
    with pytest.raises(MayStillBeDebited):
        close_unmade_attempt(**said, now=timezone.now())

    tomorrow = timezone.now() + timedelta(days=1)
    settle_unknown_attempts(now=tomorrow)

    assert Discrepancy.objects.get().kind == DiscrepancyKind.DEBIT_UNKNOWN
    closed = close_unmade_attempt(**said, now=tomorrow)
    collection.refresh_from_db()
    assert (closed.state, collection.state) == ("failed", "due")
    with pytest.raises(AttemptNotUnknown):
        close_unmade_attempt(**said, now=tomorrow)
    assert list_debits(simulator, platform.account_id) == []


def test_a_debit_that_waits_for_its_holder_is_canceled_before_it_counts_as_failed(
    platform, simulator, settings
):
    collection = owe(create_payer(simulator))
    said = {"states": (CollectionState.DUE,), "by": BY, "now": timezone.now()}
    attempt = claim_debit(collection=collection, **said)
    # As if the bank had wanted to ask somebody who was not there.
    client = stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}
    )
    intent = client.v1.payment_intents.create(
        {
            "amount": attempt.amount_minor,
            "currency": "usd",
            "customer": attempt.mandate.customer_id,
            "metadata": {"reference": attempt.public_id},
        }
    )

    settle_everything()

    attempt.refresh_from_db()
    collection.refresh_from_db()
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    assert (attempt.failure_class, attempt.external_id) == ("authentication", intent.id)
    assert (collection.state, get_failed_checks()) == ("failed", set())
