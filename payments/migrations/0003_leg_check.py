from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0002_unknown_outcomes")]

    operations = [
        AddIndexConcurrently(
            model_name="paymentleg",
            index=models.Index(condition=models.Q(('state__in', ['unknown', 'requires_action'])), fields=['next_check_at'], name='leg_check'),
        ),
    ]
