"""Setting how a barber is paid."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from bookedbarber.foundation.models import AuditEntry
from payments.models import HybridPaymentConfig
from payments.operations.configs import (
    ConfigBackdated,
    ConfigNotValid,
    get_default_values,
    set_config,
)
from payments.queries.configs import find_config
from payments.states import Mode
from tests import factories
from tests.payments.books import BY, NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def barber(db):
    return factories.create_barber()


def change(barber, now=NOON, reason="", **changes):
    return set_config(barber=barber, changes=changes, by=BY, now=now, reason=reason)


def test_the_first_version_starts_from_the_defaults(barber):
    config = change(barber, mode=Mode.HYBRID)

    assert (config.mode, config.commission_rate, config.currency) == ("hybrid", 20, "USD")
    assert (config.effective_at, config.set_by) == (NOON, BY)


def test_a_change_keeps_what_it_does_not_name(barber):
    change(barber, mode=Mode.HYBRID, min_external_minor=50_00, commission_rate=Decimal(15))

    config = change(barber, NOON + timedelta(days=1), max_platform_minor=100_00)

    assert (config.mode, config.min_external_minor, config.max_platform_minor) == (
        "hybrid",
        50_00,
        100_00,
    )
    assert config.commission_rate == 15


def test_the_version_of_each_day_can_be_asked_for(barber):
    change(barber, mode=Mode.HYBRID)
    change(barber, NOON + timedelta(days=1), mode=Mode.DECENTRALIZED)

    before, exactly, after = (
        find_config(barber, at=NOON + shift)
        for shift in (timedelta(microseconds=-1), timedelta(0), timedelta(days=2))
    )
    assert before is None
    assert (exactly.mode, after.mode) == ("hybrid", "decentralized")


def test_a_change_renews_the_routing_and_says_who_did_it_and_why(barber):
    change(barber, mode=Mode.HYBRID, reason="asked for it")

    before, barber.routing_version = barber.routing_version, None
    barber.refresh_from_db()
    assert barber.routing_version == before + 1
    entry = AuditEntry.objects.get(subject=f"barber:{barber.pk}")
    assert (entry.action, entry.by, entry.reason) == ("config.changed", BY, "asked for it")
    assert (entry.before["mode"], entry.after["mode"]) == ("centralized", "hybrid")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"currency": "EUR"}, "currency: one of USD, AUD, GBP, CAD, NZD is needed"),
        ({"commission_rate": Decimal("-0.01")}, "commission_rate: a percentage from 0 to 100"),
        ({"commission_rate": Decimal("100.01")}, "commission_rate: a percentage from 0 to 100"),
        ({"commission_rate": Decimal("12.34567")}, "commission_rate: .* at most 4 decimals"),
        ({"commission_rate": Decimal("99.99999")}, "commission_rate: .* at most 4 decimals"),
        ({"min_external_minor": 0}, "min_external_amount: must be more than 0"),
        ({"max_platform_minor": -1}, "max_platform_amount: must be more than 0"),
        ({"split_threshold_minor": 0}, "split_threshold: must be more than 0"),
        ({"minimum_collection_minor": -1}, "minimum_collection_amount: must not be negative"),
        (
            {"min_external_minor": 100_01, "max_platform_minor": 100_00},
            "min_external_amount: must not be more than max_platform_amount",
        ),
        ({"collection_day": 8}, "collection_day: from 1 to 7"),
        ({"collection_day": 0, "collection_frequency": "monthly"}, "collection_day: from 1 to 31"),
        ({"buffer_days": 32}, "buffer_days: from 0 to 31"),
        ({"maximum_outstanding_minor": -1}, "maximum_outstanding_amount: must not be negative"),
        ({"preferred_processor": "paypal"}, "preferred_processor: paypal is not supported"),
    ],
)
def test_nonsense_is_refused_naming_field_and_limit(barber, changes, said):
    with pytest.raises(ConfigNotValid, match=f"^{said}") as raised:
        change(barber, **changes)

    assert said.startswith(f"{raised.value.details['field']}:")
    assert not HybridPaymentConfig.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"commission_rate": Decimal(0)},
        {"commission_rate": Decimal(100)},
        {"commission_rate": Decimal("12.34560")},
        {"min_external_minor": 1, "max_platform_minor": 1},
        {"min_external_minor": 100_00, "max_platform_minor": None},
        {"minimum_collection_minor": 0},
        {"collection_day": 31, "collection_frequency": "monthly", "buffer_days": 0},
        {"preferred_processor": "square"},
        {"preferred_processor": ""},
    ],
)
def test_sense_is_accepted_up_to_its_limits(barber, changes):
    config = change(barber, **changes)

    config.refresh_from_db()
    assert {name: getattr(config, name) for name in changes} == changes


def test_thresholds_are_compared_with_those_in_force(barber):
    change(barber, min_external_minor=50_00)

    with pytest.raises(ConfigNotValid, match="min_external_amount"):
        change(barber, NOON + timedelta(days=1), max_platform_minor=49_99)


@pytest.mark.parametrize("earlier", [timedelta(0), timedelta(seconds=1)])
def test_nothing_is_backdated(barber, earlier):
    change(barber, mode=Mode.HYBRID)

    with pytest.raises(ConfigBackdated):
        change(barber, NOON - earlier, mode=Mode.DECENTRALIZED)

    assert HybridPaymentConfig.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_hybridpaymentconfig SET commission_rate = 0",
        "DELETE FROM payments_hybridpaymentconfig",
    ],
)
def test_versions_are_neither_changed_nor_deleted(barber, statement):
    change(barber)

    with pytest.raises(InternalError), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"mode": "sometimes"}, "config_mode_is_known"),
        ({"commission_rate": Decimal("100.01")}, "config_rate_is_percentage"),
        ({"commission_rate": Decimal(-1)}, "config_rate_is_percentage"),
        ({"min_external_minor": 2, "max_platform_minor": 1}, "config_thresholds_are_ordered"),
        ({"split_threshold_minor": 0}, "config_amounts_are_positive"),
        ({"minimum_collection_minor": -1}, "config_amounts_are_positive"),
    ],
)
def test_the_database_refuses_nonsense_too(barber, values, constraint):
    fields = get_default_values() | values

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        HybridPaymentConfig.objects.create(barber=barber, effective_at=NOON, set_by=BY, **fields)
