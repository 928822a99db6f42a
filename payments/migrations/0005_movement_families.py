from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0004_movement_kinds")]

    operations = [
        migrations.AddField(
            model_name="externaltransaction",
            name="parent_external_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="externaltransaction",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="children",
                to="payments.externaltransaction",
            ),
        ),
        migrations.AddField(
            model_name="externaltransaction",
            name="sale",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="family",
                to="payments.externaltransaction",
            ),
        ),
        AddIndexConcurrently(
            model_name="externaltransaction",
            index=models.Index(
                condition=models.Q(("sale", None), _negated=True),
                fields=["sale", "id"],
                name="movement_of_sale",
            ),
        ),
        AddIndexConcurrently(
            model_name="externaltransaction",
            index=models.Index(
                condition=models.Q(
                    ("sale", None), models.Q(("parent_external_id", ""), _negated=True)
                ),
                fields=["connection", "parent_external_id"],
                name="movement_waits_for_parent",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="externaltransaction", name="movement_base_within_amount"
        ),
        AddConstraintNotValid(
            model_name="externaltransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("base_minor__gte", 0),
                    models.Q(
                        ("base_minor__lte", models.F("amount_minor")),
                        models.Q(("payment", None), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="movement_base_makes_sense",
            ),
        ),
        ValidateConstraint(
            model_name="externaltransaction", name="movement_base_makes_sense"
        ),
        migrations.RemoveConstraint(model_name="payment", name="payment_decision_is_known"),
        AddConstraintNotValid(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["centralized", "external", "fallback", "split"])
                ),
                name="payment_decision_is_known",
            ),
        ),
        ValidateConstraint(model_name="payment", name="payment_decision_is_known"),
        migrations.AlterField(
            model_name="payment",
            name="decision",
            field=models.CharField(
                choices=[
                    ("centralized", "Centralized"),
                    ("external", "External"),
                    ("fallback", "Fallback"),
                    ("split", "Split"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="discrepancy",
            name="kind",
            field=models.CharField(
                choices=[
                    ("money_on_closed_leg", "Money On Closed Leg"),
                    ("unexplained_movement", "Unexplained Movement"),
                    ("outcome_unknown", "Outcome Unknown"),
                    ("amount_differs", "Amount Differs"),
                    ("parent_missing", "Parent Missing"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="externaltransaction",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("sale", "Sale"),
                    ("unexplained", "Unexplained"),
                    ("commission", "Commission"),
                    ("payout", "Payout"),
                    ("own", "Own"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="code",
            field=models.CharField(
                choices=[
                    ("clearing", "Clearing"),
                    ("payable", "Payable"),
                    ("receivable", "Receivable"),
                    ("commission", "Commission"),
                    ("suspense", "Suspense"),
                    ("processing_fees", "Processing Fees"),
                    ("bank", "Bank"),
                ],
                max_length=20,
            ),
        ),
    ]
