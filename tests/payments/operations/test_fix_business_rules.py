"""Thresholds that cannot have been meant are repaired by a new version of the config."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from payments.models import HybridPaymentConfig
from payments.operations.business_rules import fix_business_rules
from payments.queries.configs import find_config
from payments.rules.business_rules import repair_thresholds
from tests import factories

thresholds = st.none() | st.integers(1, 10**9).map(lambda minor: Money(minor, "USD"))


def get_thresholds(barber):
    config = find_config(barber, at=timezone.now())
    return config.min_external_minor, config.max_platform_minor


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1000_01, 2000_00), (50_00, 2000_00)),
        ((1000_00, 2000_00), (1000_00, 2000_00)),
        ((5_00, 9_99), (5_00, 200_00)),
        ((5_00, 10_00), (5_00, 10_00)),
        ((1500_00, None), (50_00, None)),
        ((None, 9_00), (None, 200_00)),
        ((None, None), (None, None)),
    ],
)
def test_nonsense_is_repaired_and_sense_is_kept(before, after):
    barber = factories.create_barber()
    low, high = before
    factories.create_config(barber, min_external_minor=low, max_platform_minor=high)

    fix_business_rules(by="job:test", now=timezone.now())

    assert get_thresholds(barber) == after
    assert fix_business_rules(by="job:test", now=timezone.now()) == []


@pytest.mark.django_db
def test_a_dry_run_says_what_it_would_change_and_changes_nothing():
    barber = factories.create_barber(name="Ana")
    factories.create_config(barber, min_external_minor=1500_00)
    said = StringIO()

    call_command("fix_business_rules", "--dry-run", stdout=said)

    assert "Ana: min_external 1500.00 USD → 50.00 USD" in said.getvalue()
    assert HybridPaymentConfig.objects.count() == 1


@given(thresholds, thresholds)
def test_what_is_repaired_needs_no_repair(low, high):
    repaired = repair_thresholds(low, high)

    assert repair_thresholds(*repaired) == repaired
    if None not in repaired:
        assert repaired[0] <= repaired[1]
