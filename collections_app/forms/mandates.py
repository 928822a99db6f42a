"""The form by which a barber agrees to be debited."""

from django import forms

from ..rules.consents import CONSENT_VERSION


class ConsentForm(forms.Form):
    """The version that was shown comes back with the answer, so that nobody agrees to another."""

    version = forms.CharField(widget=forms.HiddenInput, initial=CONSENT_VERSION, max_length=40)
    accepted = forms.BooleanField(label="I agree")
