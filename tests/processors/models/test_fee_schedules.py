"""Which fees apply on which day; the past does not change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from processors.models import FeeSchedule
from processors.queries.fee_schedules import NoFeeSchedule, get_fee_schedule

pytestmark = pytest.mark.django_db

JULY = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("processor", "percent", "fixed_minor"), [("stripe", "2.9", 30), ("square", "2.6", 10)]
)
def test_both_processors_have_fees_from_the_start(processor, percent, fixed_minor):
    schedule = get_fee_schedule(processor, at=JULY)

    assert (schedule.percent, schedule.fixed_minor) == (Decimal(percent), fixed_minor)


def test_a_new_schedule_applies_from_its_moment_on():
    FeeSchedule.objects.create(
        processor="square", effective_at=JULY, percent=Decimal(3), fixed_minor=0, source="list"
    )

    before, exactly = (
        get_fee_schedule("square", at=at) for at in (JULY - timedelta(microseconds=1), JULY)
    )
    assert (before.percent, exactly.percent) == (Decimal("2.6"), Decimal(3))
    assert get_fee_schedule("stripe", at=JULY).percent == Decimal("2.9")


@pytest.mark.parametrize(
    ("processor", "at"), [("paypal", JULY), ("square", datetime(2019, 12, 31, tzinfo=UTC))]
)
def test_where_there_is_none_it_is_said(processor, at):
    with pytest.raises(NoFeeSchedule):
        get_fee_schedule(processor, at=at)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE processors_feeschedule SET percent = 0", "DELETE FROM processors_feeschedule"],
)
def test_the_past_does_not_change(statement):
    with pytest.raises(InternalError), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "fields", [{"percent": -1}, {"percent": 101}, {"fixed_minor": -1}, {"effective_at": None}]
)
def test_the_database_refuses_nonsense(fields):
    sense = {
        "processor": "square",
        "effective_at": JULY,
        "percent": 3,
        "fixed_minor": 0,
        "source": "list",
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        FeeSchedule.objects.create(**(sense | fields))
