"""An account that only receives is left alone by what needs credentials, and takes no payments."""

import pytest
from django.utils import timezone

from payments.operations.connection_health import update_connection_health
from payments.operations.syncs import wake_due_syncs
from payments.queries.routing import get_barber_facts
from processors.models import Connection
from tests import factories
from tests.payments.payouts import create_destination

pytestmark = pytest.mark.django_db


def test_it_is_not_synced():
    barber = factories.create_barber()
    create_destination(barber)
    factories.create_connection(barber)

    assert wake_due_syncs(now=timezone.now(), live_only=False) == 1


def test_it_is_no_candidate_for_a_sale():
    barber = factories.create_barber()
    create_destination(barber)

    assert get_barber_facts(barber, now=timezone.now()).accounts == ()


def test_it_is_not_among_the_accounts_that_a_barber_manages():
    barber = factories.create_barber()
    create_destination(barber)

    assert not Connection.objects.visible_to(barber.user).of_barbers().exists()


def test_its_health_is_asked_through_the_platform_only():
    create_destination(factories.create_barber())

    asked = update_connection_health(now=timezone.now(), on_progress=lambda _: None)

    assert asked == {"answered": 0, "failed": 0}
