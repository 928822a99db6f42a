"""Public ids: a prefix that says the kind, then 26 characters that sort by time of birth."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


def new_public_id(prefix: str) -> str:
    """A fresh id such as `pay_01jd…`: 48 bits of milliseconds, 80 random bits.

    At most 30 characters for a three-letter prefix, so it fits Square's reference (40) and
    idempotency key (45).
    """
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    digits = [ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"
