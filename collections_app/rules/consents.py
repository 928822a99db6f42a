"""What a barber agrees to when he saves a payment method. Pure."""

CONSENT_VERSION = "2026-11"

CONSENT_TEXT = (
    "I authorize BookedBarber to debit the card or bank account that I save for the commission, "
    "booth rent and fees that I owe, in amounts that vary. I am told of each debit by e-mail "
    "{notice_days} days before and can contest its lines until then. I can withdraw this "
    "authorization at any time on this page; what I owe by then is still owed."
)


def write_consent(*, notice_days: int) -> str:
    """The text of `CONSENT_VERSION`, as it is shown and kept."""
    return CONSENT_TEXT.format(notice_days=notice_days)
