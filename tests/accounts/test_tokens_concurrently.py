"""One refresh token, several programs at the same moment."""

from collections import Counter

import pytest

from bookedbarber.accounts.tokens import (
    RefreshTokenRefused,
    TokenPair,
    issue_tokens,
    refresh_tokens,
)
from tests import factories
from tests.foundation.at_once import do_at_once

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6


def test_a_refresh_token_is_exchanged_once_though_several_try() -> None:
    refresh = issue_tokens(factories.create_user()).refresh

    results = do_at_once([lambda: refresh_tokens(refresh)] * AT_ONCE)

    assert Counter(type(result) for result in results) == {
        TokenPair: 1,
        RefreshTokenRefused: AT_ONCE - 1,
    }
