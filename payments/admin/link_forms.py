"""Dialogs in which a person says whose money it was."""

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_actions import ReasonForm

from ..models import PaymentLeg


class ExplainForm(ReasonForm):
    """Whose sale or payout it was, and how that is known."""

    barber = forms.ModelChoiceField(
        Barber.objects.order_by("name", "pk"), widget=UnfoldAdminSelectWidget()
    )


class LinkForm(ReasonForm):
    """Whose sale it was, or which part of a payment of ours, and how that is known."""

    barber = forms.ModelChoiceField(
        Barber.objects.order_by("name", "pk"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text="Of a sale on the platform’s account that we did not take.",
    )
    leg = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Of a payment of ours: the id of its part, such as leg_01jd….",
    )

    def clean_leg(self) -> PaymentLeg | None:
        name = self.cleaned_data["leg"].strip()
        if not name:
            return None
        found = PaymentLeg.objects.filter(public_id=name).first()
        if found is None:
            raise forms.ValidationError("There is no such part of a payment.")
        return found
