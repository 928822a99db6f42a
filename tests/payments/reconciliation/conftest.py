import pytest

from tests import factories


@pytest.fixture(autouse=True)
def _at_once(settings):
    """What was sold just now is compared, too."""
    settings.RECONCILIATION_GRACE_SECONDS = 0


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    return connect(factories.create_barber(), request.param)
