from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0005_refunds")]

    operations = [
        RemoveIndexConcurrently(model_name="refund", name="refund_check"),
        AddIndexConcurrently(
            model_name="refund",
            index=models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['next_check_at'], name='refund_check'),
        ),
        AddIndexConcurrently(
            model_name="refund",
            index=models.Index(condition=models.Q(('external_id', ''), _negated=True), fields=['external_id'], name='refund_by_external_id'),
        ),
    ]
