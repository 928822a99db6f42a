"""Which account a token, or the name of one, means."""

from dataclasses import replace

import pytest

from payments.rules.tokens import (
    AmbiguousPaymentMethod,
    UnknownPaymentMethod,
    find_connection_id,
    resolve_tokens,
)

from .facts import OWN_STRIPE, PLATFORM, SQUARE

ACCOUNTS = (PLATFORM, SQUARE)


def test_tokens_belong_to_the_platform_or_to_a_connection() -> None:
    assert resolve_tokens({"platform": "pm_1", "5": "cnon:1"}, ACCOUNTS) == {1: "pm_1", 5: "cnon:1"}


def test_a_processors_name_means_its_only_account() -> None:
    assert resolve_tokens({"square": "cnon:1"}, ACCOUNTS) == {5: "cnon:1"}


def test_a_processors_name_that_fits_two_accounts_lists_them() -> None:
    with pytest.raises(AmbiguousPaymentMethod, match="'stripe' fits the connections 1, 7"):
        resolve_tokens({"stripe": "pm_1"}, (PLATFORM, OWN_STRIPE))


@pytest.mark.parametrize("key", ["6", "paypal", "", "05", "-5", "５", "Platform", "5 "])
def test_a_name_that_means_no_account_is_refused_by_name(key: str) -> None:
    with pytest.raises(UnknownPaymentMethod) as raised:
        resolve_tokens({key: "pm_1"}, ACCOUNTS)

    assert repr(key) in raised.value.message
    assert raised.value.details == {"field": "payment_methods"}


def test_the_platform_is_unknown_where_it_has_no_account() -> None:
    with pytest.raises(UnknownPaymentMethod):
        resolve_tokens({"platform": "pm_1"}, (SQUARE,))


def test_a_refusal_names_the_field_that_was_read() -> None:
    with pytest.raises(UnknownPaymentMethod, match=r"^available: '6'") as raised:
        find_connection_id("6", ACCOUNTS, field="available")

    assert raised.value.details == {"field": "available"}


def test_no_token_appears_in_a_refusal() -> None:
    with pytest.raises(UnknownPaymentMethod) as raised:
        resolve_tokens({"6": "pm_secret"}, (replace(PLATFORM), SQUARE))

    assert "pm_secret" not in str(raised.value)
