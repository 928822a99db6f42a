from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0014_ledger_seals")]

    operations = [
        AddIndexConcurrently(
            model_name="ledgertransaction",
            index=BrinIndex(autosummarize=True, fields=["booked_at"], name="ledger_booked_at"),
        ),
    ]
