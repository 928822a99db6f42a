from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.api.parsers import to_plain
from bookedbarber.foundation.idempotency import (
    KeyedRequest,
    KeyReused,
    Remembered,
    StillInProgress,
    get_fingerprint,
)
from bookedbarber.foundation.models import IdempotencyKey

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def make_request(**fields: Any) -> KeyedRequest:
    request = KeyedRequest(
        principal="usr_1",
        key="key-1",
        fingerprint=get_fingerprint("POST", "/pay", {"amount": "75.00"}),
        render=lambda outcome: (201, {"outcome": outcome}),
    )
    return replace(request, **fields)


def claim(request: KeyedRequest, subject: str, now: datetime = NOW) -> Remembered | None:
    return idempotency.claim(request, subject=subject, lease=LEASE, now=now)


@pytest.mark.django_db
def test_the_first_request_claims_its_key() -> None:
    assert claim(make_request(), "pay_1") is None
    assert IdempotencyKey.objects.get().subject == "pay_1"


@pytest.mark.django_db
def test_a_repetition_is_told_that_the_first_is_under_way() -> None:
    claim(make_request(), "pay_1")

    with pytest.raises(StillInProgress) as raised:
        claim(make_request(), "pay_2", NOW + LEASE - timedelta(seconds=1))
    assert raised.value.code == "IDEMPOTENCY_IN_PROGRESS"


@pytest.mark.django_db
def test_after_the_lease_a_repetition_is_told_the_subject() -> None:
    claim(make_request(), "pay_1")

    assert claim(make_request(), "pay_2", NOW + LEASE) == Remembered("pay_1", None)
    assert idempotency.find_remembered(make_request(), now=NOW + LEASE) == Remembered("pay_1", None)


@pytest.mark.django_db
def test_a_released_lease_ends_at_once() -> None:
    claim(make_request(), "pay_1")

    idempotency.release(make_request(), now=NOW)

    assert claim(make_request(), "pay_2") == Remembered("pay_1", None)


@pytest.mark.django_db
def test_a_final_answer_is_kept_and_does_not_change() -> None:
    claim(make_request(), "pay_1")

    idempotency.keep_answer(make_request(), "completed")
    idempotency.keep_answer(make_request(), "something else")

    expected = Remembered("pay_1", (201, {"outcome": "completed"}))
    assert claim(make_request(), "pay_2") == expected
    assert idempotency.find_remembered(make_request(), now=NOW) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("answered", [True, False])
def test_another_content_under_the_same_key_is_refused(*, answered: bool) -> None:
    claim(make_request(), "pay_1")
    if answered:
        idempotency.keep_answer(make_request(), "completed")
    other = make_request(fingerprint=get_fingerprint("POST", "/pay", {"amount": "76.00"}))

    with pytest.raises(KeyReused) as raised:
        claim(other, "pay_2", NOW + LEASE)
    assert raised.value.code == "IDEMPOTENCY_KEY_REUSED"
    with pytest.raises(KeyReused):
        idempotency.find_remembered(other, now=NOW)


@pytest.mark.django_db
def test_the_same_key_of_somebody_else_is_another_key() -> None:
    claim(make_request(), "pay_1")

    assert claim(make_request(principal="usr_2"), "pay_2") is None


@pytest.mark.django_db
def test_an_unknown_key_is_not_remembered() -> None:
    assert idempotency.find_remembered(make_request(), now=NOW) is None


@pytest.mark.django_db
def test_old_keys_are_forgotten_and_young_ones_kept() -> None:
    claim(make_request(), "pay_1")
    claim(make_request(key="key-2"), "pay_2", NOW + timedelta(days=1))

    assert idempotency.forget_old_keys(before=NOW + timedelta(hours=1)) == 1

    assert IdempotencyKey.objects.get().key == "key-2"
    assert claim(make_request(), "pay_3") is None


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=6))
def test_the_order_of_fields_does_not_matter_to_the_fingerprint(body: dict[str, object]) -> None:
    turned = dict(reversed(body.items()))

    assert get_fingerprint("POST", "/pay", body) == get_fingerprint("POST", "/pay", turned)


@pytest.mark.parametrize(
    "request_parts",
    [
        ("PUT", "/pay", {"amount": "75.00"}),
        ("POST", "/other", {"amount": "75.00"}),
        ("POST", "/pay", {"amount": "75.01"}),
        ("POST", "/pay", {"amount": "75.00", "tip": None}),
        ("POST", "/pay", {}),
    ],
)
def test_method_path_and_content_make_the_fingerprint(request_parts: tuple) -> None:
    assert get_fingerprint(*request_parts) != make_request().fingerprint


def test_exact_numbers_have_a_fingerprint_too() -> None:
    body = {"amount": Decimal("75.00"), "parts": [{"tip": Decimal("1.5")}]}

    assert to_plain(body) == {"amount": "75.00", "parts": [{"tip": "1.5"}]}
    assert get_fingerprint("POST", "/pay", to_plain(body))
