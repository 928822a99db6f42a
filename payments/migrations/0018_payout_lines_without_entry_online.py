from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

_CONSTRAINT = models.UniqueConstraint(
    fields=["movement"],
    condition=models.Q(("entry", None), ("released_at", None)),
    name="payout_line_without_entry_once",
)


class Migration(migrations.Migration):
    """A partial unique constraint is an index, and as one it is built while payouts go on."""

    atomic = False

    dependencies = [("payments", "0017_payout_lines_without_entry")]

    operations = [
        ValidateConstraint(
            model_name="payoutline", name="payout_line_without_entry_gives_back"
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(model_name="payoutline", constraint=_CONSTRAINT)
            ],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY payout_line_without_entry_once"
                    " ON payments_payoutline (movement_id)"
                    " WHERE released_at IS NULL AND entry_id IS NULL",
                    "DROP INDEX CONCURRENTLY payout_line_without_entry_once",
                )
            ],
        ),
    ]
