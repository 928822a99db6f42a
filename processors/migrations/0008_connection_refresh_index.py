from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('processors', '0007_authorizations'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='connection',
            index=models.Index(condition=models.Q(('refresh_at__isnull', False)), fields=['refresh_at'], name='connection_refresh'),
        ),
    ]
