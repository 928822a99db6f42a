"""An idempotency key whose request was cut short."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.idempotency import KeyedRequest, StillInProgress
from collections_app.models import CollectionAttempt
from collections_app.operations.keyed_attempts import attempt_once
from collections_app.operations.payments_by_decision import pay_by_hand
from tests.collections_app.showing import announce

pytestmark = pytest.mark.django_db

KEYED = KeyedRequest(
    principal="usr_1",
    key="k-1",
    fingerprint="0" * 64,
    render=lambda attempt: (200, {"attempt": attempt.public_id}),
)


def die() -> CollectionAttempt:
    raise KeyboardInterrupt


def test_a_request_that_died_before_its_attempt_is_made_again_after_its_lease():
    collection, now = announce(), timezone.now()
    later = now + timedelta(hours=1)

    def pay() -> CollectionAttempt:
        return pay_by_hand(collection=collection, reference="wire", by="usr_1", now=now)

    with pytest.raises(KeyboardInterrupt):
        attempt_once(die, collection=collection, keyed=KEYED, now=now)
    with pytest.raises(StillInProgress):
        attempt_once(pay, collection=collection, keyed=KEYED, now=now)
    paid = attempt_once(pay, collection=collection, keyed=KEYED, now=later)
    again = attempt_once(die, collection=collection, keyed=KEYED, now=later)

    assert isinstance(paid, CollectionAttempt)
    assert again == (200, {"attempt": paid.public_id})


def test_a_request_that_died_after_its_attempt_finds_it_again():
    collection, now = announce(), timezone.now()

    def pay_and_die() -> CollectionAttempt:
        pay_by_hand(collection=collection, reference="wire", by="usr_1", now=now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt_once(pay_and_die, collection=collection, keyed=KEYED, now=now)
    found = attempt_once(die, collection=collection, keyed=KEYED, now=now + timedelta(hours=1))

    assert found == CollectionAttempt.objects.get()
