"""Authenticated encryption of secrets, bound to the row they belong to.

AES-256-GCM with a random nonce. The row's name is authenticated with the text, so a ciphertext
copied into another row does not decrypt. `ENCRYPTION_KEY` holds several keys: the first encrypts,
all decrypt, and each ciphertext names its key, so keys can be rotated without a pause.
"""

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FORMAT = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """The key is gone, or the ciphertext is damaged or belongs to another row."""


def encrypt(text: str, *, row: str) -> bytes:
    """Encrypt `text` for the row called `row` ("connection:con_…") with the first key."""
    key = _get_keys()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), row.encode())
    return FORMAT + _get_key_id(key) + nonce + sealed


def decrypt(ciphertext: bytes, *, row: str) -> str:
    """
    :raises CannotDecrypt: no key fits, or it is not this row's ciphertext.
    """
    key_id, nonce, sealed = _split(ciphertext)
    for key in _get_keys():
        if _get_key_id(key) == key_id:
            try:
                return AESGCM(key).decrypt(nonce, sealed, row.encode()).decode()
            except InvalidTag as error:
                raise CannotDecrypt(f"The ciphertext of {row} is damaged or foreign") from error
    raise CannotDecrypt(f"The key that encrypted {row} is not in ENCRYPTION_KEY")


def is_current(ciphertext: bytes) -> bool:
    """Whether the first key encrypted it."""
    return _split(ciphertext)[0] == _get_key_id(_get_keys()[0])


def parse_keys(text: str) -> tuple[bytes, ...]:
    """
    :raises ImproperlyConfigured: no key, or one that is not base64 of 32 bytes; never shows it.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ImproperlyConfigured("ENCRYPTION_KEY is missing")
    return tuple(_parse_key(part, place) for place, part in enumerate(parts, start=1))


def _parse_key(text: str, place: int) -> bytes:
    try:
        key = base64.b64decode(text, altchars=b"-_", validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(f"Key {place} in ENCRYPTION_KEY is not base64") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"Key {place} in ENCRYPTION_KEY has {len(key)} bytes, not {KEY_BYTES}"
        )
    return key


def _get_keys() -> tuple[bytes, ...]:
    return _parse_cached(settings.ENCRYPTION_KEY)


@lru_cache(maxsize=4)
def _parse_cached(text: str) -> tuple[bytes, ...]:
    return parse_keys(text)


def _get_key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:KEY_ID_BYTES]


def _split(ciphertext: bytes) -> tuple[bytes, bytes, bytes]:
    if len(ciphertext) <= 1 + KEY_ID_BYTES + NONCE_BYTES or ciphertext[:1] != FORMAT:
        raise CannotDecrypt("Not a ciphertext of ours")
    body = ciphertext[1:]
    nonce_end = KEY_ID_BYTES + NONCE_BYTES
    return body[:KEY_ID_BYTES], body[KEY_ID_BYTES:nonce_end], body[nonce_end:]
