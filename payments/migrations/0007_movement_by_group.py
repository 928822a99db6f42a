from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0006_disputes_and_payouts")]

    operations = [
        AddIndexConcurrently(
            model_name="externaltransaction",
            index=models.Index(condition=models.Q(('kind__in', ['dispute', 'dispute_won', 'transfer_reversed'])), fields=['connection', 'group_id'], name='movement_by_group'),
        ),
    ]
