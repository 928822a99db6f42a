"""Debits beside the movements that moved their money."""

import pytest
from django.utils import timezone

from collections_app.models import CollectionAttempt
from collections_app.operations.attempts import pay_collection
from tests.collections_app.taking import create_payer, owe
from tests.payments.books import BY, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_debit_without_its_movement_is_found(platform, simulator):
    attempt = pay_collection(collection=owe(create_payer(simulator)), by=BY, now=timezone.now())
    assert get_failed_checks() == set()

    CollectionAttempt.objects.filter(pk=attempt.pk).update(public_id="cat_another")

    assert get_failed_checks() == {"debits_have_movements"}
