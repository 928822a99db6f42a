"""A discrepancy is open until a person says how it was settled."""

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import StateChange
from bookedbarber.foundation.transitions import TransitionNotAllowed
from payments.models import Discrepancy
from payments.operations.discrepancies import ReasonMissing, resolve_discrepancy
from payments.states import DiscrepancyState
from tests import factories
from tests.payments.books import charge, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def discrepancy() -> Discrepancy:
    record(factories.create_platform_connection(), charge())
    return Discrepancy.objects.get()


def resolve(discrepancy: Discrepancy, reason: str) -> Discrepancy:
    return resolve_discrepancy(
        discrepancy=discrepancy, reason=reason, by="usr_1", now=timezone.now()
    )


def test_the_reason_is_kept_in_the_history(discrepancy):
    resolved = resolve(discrepancy, "refunded at the processor")

    assert resolved.state == DiscrepancyState.RESOLVED
    change = StateChange.objects.get(subject=discrepancy.public_id)
    assert (change.by, change.reason) == ("usr_1", "refunded at the processor")


def test_without_a_reason_it_stays_open(discrepancy):
    with pytest.raises(ReasonMissing):
        resolve(discrepancy, "  ")

    discrepancy.refresh_from_db()
    assert discrepancy.state == DiscrepancyState.OPEN


def test_it_is_resolved_once(discrepancy):
    resolve(discrepancy, "linked")

    with pytest.raises(TransitionNotAllowed):
        resolve(discrepancy, "linked again")
