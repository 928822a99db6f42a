"""Twenty requests with one key at the same moment: real threads, real commits."""

from collections import Counter
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.idempotency import KeyReused, Remembered, StillInProgress
from bookedbarber.foundation.models import IdempotencyKey

from .at_once import do_at_once
from .test_idempotency import make_request

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def claim(subject: str, **fields: Any) -> Remembered | None:
    request, lease = make_request(**fields), timedelta(seconds=60)
    with transaction.atomic():
        return idempotency.claim(request, subject=subject, lease=lease, now=timezone.now())


def test_of_twenty_at_once_one_claims() -> None:
    results = do_at_once([partial(claim, f"pay_{n}") for n in range(AT_ONCE)])

    assert Counter(type(result) for result in results) == {
        type(None): 1,
        StillInProgress: AT_ONCE - 1,
    }
    assert IdempotencyKey.objects.get().subject == f"pay_{results.index(None)}"


def test_of_two_contents_under_one_key_one_is_refused() -> None:
    results = do_at_once([partial(claim, f"pay_{n}", fingerprint=str(n)) for n in range(2)])

    assert Counter(type(result) for result in results) == {type(None): 1, KeyReused: 1}


def test_a_claim_waits_for_the_one_before_and_takes_over_when_that_is_rolled_back() -> None:
    has_claimed = Event()

    def claim_and_fail() -> None:
        with transaction.atomic():
            claim("pay_failed")
            has_claimed.set()
            raise ZeroDivisionError

    def claim_after() -> Remembered | None:
        assert has_claimed.wait(60)
        return claim("pay_second")

    failed, second = do_at_once([claim_and_fail, claim_after])

    assert isinstance(failed, ZeroDivisionError)
    assert second is None
    assert IdempotencyKey.objects.get().subject == "pay_second"
