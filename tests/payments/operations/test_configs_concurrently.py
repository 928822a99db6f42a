"""Two people who change one barber's config at the same moment."""

from datetime import timedelta

import pytest

from bookedbarber.accounts.models import Barber
from payments.models import HybridPaymentConfig
from payments.operations.configs import ConfigBackdated, set_config
from tests import factories
from tests.payments.books import BY, NOON, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_change_does_not_undo_the_other():
    barber = factories.create_barber()
    first = {"fallback_enabled": False}
    second = {"auto_collection": False}

    def change(changes, now):
        return set_config(barber=barber, changes=changes, by=BY, now=now)

    results = at_once(
        [
            lambda: change(first, NOON),
            lambda: change(second, NOON + timedelta(milliseconds=1)),
        ]
    )

    last = HybridPaymentConfig.objects.order_by("-effective_at").first()
    assert last.auto_collection is False
    # Who came second and wanted to begin earlier is told so; else both changes are in force.
    assert last.fallback_enabled is isinstance(results[0], ConfigBackdated)
    raised = 1 + HybridPaymentConfig.objects.count()
    assert Barber.objects.get(pk=barber.pk).routing_version == raised


def test_two_versions_cannot_begin_at_one_moment():
    barber = factories.create_barber()

    results = at_once(
        [lambda: set_config(barber=barber, changes={}, by=BY, now=NOON) for _ in range(4)]
    )

    refused = [result for result in results if isinstance(result, ConfigBackdated)]
    assert (len(refused), HybridPaymentConfig.objects.count()) == (3, 1)
