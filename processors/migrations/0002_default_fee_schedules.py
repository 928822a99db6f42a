"""The published fees of both processors, so that estimates exist from the first sale on."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import migrations

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SCHEDULES = [
    ("stripe", Decimal("2.9"), 30, "Stripe's list price for online cards"),
    ("square", Decimal("2.6"), 10, "Square's list price for cards present"),
]


def add_schedules(apps: Any, schema_editor: Any) -> None:
    schedule = apps.get_model("processors", "FeeSchedule")
    schedule.objects.bulk_create(
        schedule(
            processor=processor,
            effective_at=SINCE,
            percent=percent,
            fixed_minor=fixed_minor,
            source=source,
        )
        for processor, percent, fixed_minor, source in SCHEDULES
    )


class Migration(migrations.Migration):
    dependencies = [("processors", "0001_initial")]

    operations = [migrations.RunPython(add_schedules, migrations.RunPython.noop)]
