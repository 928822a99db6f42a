"""Known answers of the processors themselves, and headers made to break a verifier."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from processors.registry import get_webhooks
from processors.simulator.signatures import sign_for_stripe

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
VECTORS = json.loads(
    (Path(__file__).parents[2] / "contracts" / "square_signatures.json").read_text()
)
BODY = b'{"id": "evt_1"}'
SECRET = "whsec_secret"
MOMENT = int(NOW.timestamp())


def is_signed_by_stripe(signature: str, *, body: bytes = BODY, secret: str = SECRET) -> bool:
    webhooks = get_webhooks("stripe")
    return webhooks.is_signed(body, signature, secret=secret, address="", now=NOW)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["source"])
def test_squares_own_examples(vector: dict[str, Any]) -> None:
    is_signed = get_webhooks("square").is_signed(
        vector["body"].encode(),
        vector["header"],
        secret=vector["signature_key"],
        address=vector["notification_url"],
        now=NOW,
    )

    assert is_signed is vector["valid"]


def test_stripes_scheme() -> None:
    assert is_signed_by_stripe(sign_for_stripe(BODY, SECRET, MOMENT))
    assert not is_signed_by_stripe(sign_for_stripe(BODY, "whsec_other", MOMENT))


@pytest.mark.parametrize("off", [-301, 301, 10**9])
def test_stripes_time_counts_in_both_directions(off: int) -> None:
    assert not is_signed_by_stripe(sign_for_stripe(BODY, SECRET, MOMENT + off))


def test_a_second_moment_in_the_header_does_not_renew_an_old_signature() -> None:
    old = sign_for_stripe(BODY, SECRET, MOMENT - 10_000)

    assert not is_signed_by_stripe(f"{old},t={MOMENT}")
    assert not is_signed_by_stripe(f"t={MOMENT},{old}")


@pytest.mark.parametrize(
    "header",
    [
        "", ",", "=", "t", "t=", "t=x,v1=1", f"t={MOMENT}", f"t={MOMENT},v1=",
        f"t={MOMENT},v1=é", f"t={MOMENT},v1=\ud800", "v1=0,t=1e9", f"t={'9' * 5000},v1=0",
        "t=-1,v1=0", "\0", f"t={MOMENT},v0={'0' * 64}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_malformed_headers_are_no_signature(processor: str, header: str) -> None:
    webhooks = get_webhooks(processor)

    assert not webhooks.is_signed(BODY, header, secret=SECRET, address="https://x", now=NOW)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"\x00"])
@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_bodies_that_are_no_text_are_not_signed(processor: str, body: bytes) -> None:
    webhooks = get_webhooks(processor)

    assert not webhooks.is_signed(body, "t=1,v1=2", secret=SECRET, address="https://x", now=NOW)


@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_nothing_is_signed_with_no_secret(processor: str) -> None:
    webhooks = get_webhooks(processor)
    signature = sign_for_stripe(BODY, "", MOMENT)

    assert not webhooks.is_signed(BODY, signature, secret="", address="https://x", now=NOW)
