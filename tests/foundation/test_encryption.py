import base64
import os

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.encryption import (
    CannotDecrypt,
    decrypt,
    encrypt,
    is_current,
    parse_keys,
)


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(codec="ascii")))
def test_a_secret_comes_back_as_it_was(secret: str, row: str) -> None:
    assert decrypt(encrypt(secret, row=row), row=row) == secret


def test_nothing_of_the_secret_can_be_read_and_no_two_are_alike() -> None:
    one, other = (encrypt("sk_live_secret", row="connection:con_1") for _ in range(2))

    assert b"sk_live" not in one
    assert one != other


def test_a_ciphertext_belongs_to_its_row() -> None:
    sealed = encrypt("secret", row="connection:con_1")

    with pytest.raises(CannotDecrypt, match="con_2"):
        decrypt(sealed, row="connection:con_2")


@pytest.mark.parametrize("place", [0, 1, 5, 17, -1])
def test_one_wrong_bit_is_noticed(place: int) -> None:
    sealed = bytearray(encrypt("secret", row="row"))
    sealed[place] ^= 1

    with pytest.raises(CannotDecrypt):
        decrypt(bytes(sealed), row="row")


@pytest.mark.parametrize("length", [0, 1, 5, 17, 18, 30])
def test_what_is_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("secret", row="row")[:length], row="row")


def test_a_new_first_key_encrypts_and_the_old_one_still_decrypts(settings) -> None:
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEY = old
    before = encrypt("secret", row="row")

    settings.ENCRYPTION_KEY = f"{new}, {old}"

    assert decrypt(before, row="row") == "secret"
    assert not is_current(before)
    assert is_current(encrypt("secret", row="row"))


def test_without_its_key_a_ciphertext_cannot_be_read(settings) -> None:
    sealed = encrypt("secret", row="row")

    settings.ENCRYPTION_KEY = new_key()

    with pytest.raises(CannotDecrypt, match="not in ENCRYPTION_KEY"):
        decrypt(sealed, row="row")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "missing"),
        (" , ", "missing"),
        ("==not*base64==", "Key 1 in ENCRYPTION_KEY is not base64"),
        ("ключ", "Key 1 in ENCRYPTION_KEY is not base64"),
        (base64.b64encode(b"short").decode(), "Key 1 in ENCRYPTION_KEY has 5 bytes, not 32"),
        (f"{base64.b64encode(bytes(32)).decode()},YQ==", "Key 2 in ENCRYPTION_KEY has 1 bytes"),
    ],
)
def test_a_bad_key_is_named_by_its_place_and_not_shown(text: str, fault: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=fault) as raised:
        parse_keys(text)

    for part in filter(None, text.replace(",", " ").split()):
        assert part not in str(raised.value)


def test_keys_may_be_written_in_either_base64_alphabet() -> None:
    key = bytes([0xFB, 0xEF, 0xFF]) * 10 + b"ab"

    both = f"{base64.b64encode(key).decode()},{base64.urlsafe_b64encode(key).decode()}"

    assert parse_keys(both) == (key, key)
