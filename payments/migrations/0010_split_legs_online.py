from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0009_split_legs")]

    operations = [
        AddIndexConcurrently(
            model_name="paymentleg",
            index=models.Index(
                condition=models.Q(("state__in", ["submitted", "authorized"])),
                fields=["lease_until"],
                name="leg_lease_over",
            ),
        ),
        RemoveIndexConcurrently(model_name="paymentleg", name="leg_lease"),
        ValidateConstraint(model_name="payment", name="payment_decision_is_known"),
    ]
