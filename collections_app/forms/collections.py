"""The forms on the page of a collection."""

from django import forms

LONGEST_REASON = 500


class ContestForm(forms.Form):
    """Which line is wrong, and why."""

    line_id = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="What is wrong with it?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
