from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # CREATE INDEX CONCURRENTLY does not run in a transaction.
    atomic = False

    dependencies = [("payments", "0020_conversions")]

    operations = [
        AddIndexConcurrently(
            "listedmovement",
            models.Index(
                fields=["run", "kind", "external_id"],
                name="listed_movement_mentioned",
                condition=models.Q(is_mentioned=True),
            ),
        ),
    ]
