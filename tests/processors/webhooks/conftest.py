from collections.abc import Callable
from typing import Any

import pytest

from processors.models import Connection
from tests import factories
from tests.processors.webhooks import routes
from tests.processors.webhooks.doors import Door, open_door


@pytest.fixture
def square(db: None) -> Connection:
    return factories.create_connection(factories.create_barber(), account_id="MLSQUARE")


@pytest.fixture
def stripe(db: None) -> Connection:
    return factories.create_connection(
        factories.create_barber(),
        processor="stripe",
        account_id="acct_own",
        credentials={"secret_key": "sk_test_own"},
    )


@pytest.fixture
def square_door(square: Connection) -> Door:
    return open_door(square)


@pytest.fixture
def stripe_door(stripe: Connection) -> Door:
    return open_door(stripe)


@pytest.fixture
def answering(settings) -> Callable[[Callable[..., Any]], None]:
    """Let `probe.*` events be answered by a function: answering(lambda _reported: Handled())."""
    settings.ROOT_EVENTCONF = "tests.processors.webhooks.routes"

    def answer(operation: Callable[..., Any]) -> None:
        routes.answer = operation

    return answer
