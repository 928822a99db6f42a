"""No secret reaches a log: what a line may not contain is replaced before it is written.

The formatter redacts the finished line, so message, arguments, exception and stack are covered.
"""

import logging
import re

MASK = "[redacted]"

# Values that are secrets wherever they stand.
_SECRET_SHAPES = re.compile(
    r"""
      (?<![A-Za-z0-9])(?:
        (?:sk|rk)_(?:test|live)_[A-Za-z0-9_]+                 # Stripe API keys
      | whsec_[A-Za-z0-9+/=_-]+                               # Stripe webhook secrets
      | [a-z]{2,6}_[A-Za-z0-9]+_secret_[A-Za-z0-9]+           # Stripe client secrets
      | E(?:AAA|QAA)[A-Za-z0-9_-]{10,}                        # Square access and refresh tokens
      | sq0(?:atp|csp|csb|idp|idb)-[A-Za-z0-9_-]+             # Square application secrets
      | cnon:[A-Za-z0-9_-]+                                   # Square payment tokens
      | eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*     # JSON web tokens
      )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_CARD_NUMBERS = re.compile(r"(?<![A-Za-z0-9.])[2-6](?:[ -]?\d){12,18}(?![A-Za-z0-9])")

# Values that are secrets because of the name before them: JSON, headers, keyword arguments,
# pairs. Nothing here may backtrack over a long text: a log line can hold a megabyte.
_NAMES = r"""
    (?:password|passwd|passphrase|pwd|secret|credentials|authorization|cookie|signature
    |session_?id|csrf_?token|cvc|cvv|(?:api|access|encryption|private)[-_]?key
    |(?<![A-Za-z0-9])token|(?:access|refresh|auth|id|bearer|csrfmiddleware)[-_]?token)
    s?(?:key|value)?(?:[-_](?!at\b|count\b|fields\b|type\b)[\w-]{0,40})?
"""
_NAMED_SECRETS = re.compile(
    rf"""
    (?P<name>
        {_NAMES} (?: \\*["']\]?\s{{0,3}} | \s{{0,3}} ) (?:=>|[:=]) \s{{0,3}}
      | [(\[] b?["'] [\w-]{{0,40}}? {_NAMES} ["'] ,\s{{0,3}}
    )
    (?P<value>
        b?(?P<quote>\\*["']) (?: [^\n]{{0,100000}}?(?<!\\)(?P=quote) | [^\n]* )
      | [\[({{] [^\])}}]{{0,100000}} [\])}}]
      | (?:Bearer|Basic|Token|Digest)\s+[^\s"')}}\]]+
      | (?: (?!&[\w-]{{1,40}}=|[,;](?:\s|$)) [^\s"')}}\]] )+
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In a header the whole line belongs to the name: several cookies, several parts of a signature.
_HEADERS = re.compile(
    r"(?P<name>^|[\s{(\[])(?P<header>(?:Proxy-)?Authorization|(?:Set-)?Cookie|[\w-]{0,40}-Signature)"
    r":[ \t]*[^\s\"'][^\n\"']*",
    re.IGNORECASE | re.MULTILINE,
)

# A password may hold "@" and "/"; a port before a path that holds "@" is none.
_URL_PASSWORDS = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]{0,20}://(?!\[)[^\s:/@]{0,200}:)"
    r"(?!\d{1,5}(?:[/?\#]|$))[^\s\"'<>]{1,500}(?=@)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)


def redact(text: str) -> str:
    """`text` with every secret that we can recognise replaced by a mask."""
    text = _URL_PASSWORDS.sub(rf"\g<before>{MASK}", text)
    text = _HEADERS.sub(rf"\g<name>\g<header>: {MASK}", text)
    text = _NAMED_SECRETS.sub(lambda found: found["name"] + MASK, text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _SECRET_SHAPES.sub(MASK, text)
    return _CARD_NUMBERS.sub(_mask_card, text)


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then redacts the whole entry."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return redact(super().format(record))
        except (TypeError, ValueError, KeyError):
            # Python would print message and arguments as they are.
            record.msg, record.args = f"{record.msg} {record.args} (could not be formatted)", None
            return redact(super().format(record))


def _mask_card(found: re.Match[str]) -> str:
    """Only what passes the check digit (ISO/IEC 7812-1): timestamps and ids seldom do."""
    digits = [int(digit) for digit in reversed(found[0]) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return MASK if (sum(digits[::2]) + sum(doubled)) % 10 == 0 else found[0]
