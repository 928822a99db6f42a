import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0016_debits")]

    operations = [
        migrations.AlterField(
            model_name="payoutline",
            name="entry",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payout_lines",
                to="payments.ledgerentry",
            ),
        ),
        AddConstraintNotValid(
            model_name="payoutline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry", None), _negated=True),
                    models.Q(
                        ("amount_minor", -models.F("withheld_minor")),
                        ("amount_minor__gt", 0),
                        ("movement__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="payout_line_without_entry_gives_back",
            ),
        ),
    ]
