"""What routing knows of a barber: read once, cached, and never stale."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.errors import PaymentRoutingFailed
from payments.operations.configs import raise_routing_version, set_config
from payments.operations.connections import disconnect_account
from payments.queries.routing import forget_kept_facts, get_barber_facts, quote_route
from payments.states import Decision, Mode
from processors.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db

BY = "usr_test"


@pytest.fixture
def barber(db):
    factories.create_platform_connection()
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    factories.create_connection(barber)
    return barber


def ask(barber, now=None):
    """As a request does: the barber is read anew."""
    fresh = Barber.objects.get(pk=barber.pk)
    return get_barber_facts(fresh, now=now or timezone.now())


def decide(barber) -> Decision:
    fresh = Barber.objects.get(pk=barber.pk)
    return quote_route(fresh, amount=Money(75_00, "USD"), now=timezone.now()).route.decision


def test_a_barber_without_a_config_is_paid_through_the_platform():
    facts = ask(factories.create_barber())

    assert (facts.is_configured, facts.terms.mode) == (False, Mode.CENTRALIZED)
    assert (facts.terms.commission.rate, facts.terms.currency) == (20, "USD")


def test_the_facts_are_those_of_the_rows(barber):
    facts = ask(barber)

    platform, square = facts.accounts
    assert (platform.is_platform, square.is_platform) == (True, False)
    assert (square.fees.percent, square.fees.fixed_minor) == (Decimal("2.6"), 10)
    row = Connection.objects.get(pk=square.connection_id)
    assert (square.connected_at, square.name) == (row.connected_at, row.name)
    assert facts.terms.mode == Mode.DECENTRALIZED


def test_other_barbers_and_other_environments_are_left_out(barber):
    factories.create_connection(factories.create_barber())
    factories.create_connection(barber, environment="production")
    factories.create_connection(barber, state="removed")

    assert len(ask(barber).accounts) == 2


def test_they_are_read_once_and_then_cached(barber, django_assert_num_queries):
    fresh = Barber.objects.get(pk=barber.pk)
    with django_assert_num_queries(1):
        first = get_barber_facts(fresh, now=timezone.now())
    with django_assert_num_queries(0):
        again = get_barber_facts(fresh, now=timezone.now())

    assert first == again
    assert cache.get(f"payment_config:{barber.pk}")["version"] == fresh.routing_version


def test_what_a_process_keeps_ends_with_the_cache(barber, settings, django_assert_num_queries):
    settings.ROUTING_CACHE_SECONDS = 0
    fresh = Barber.objects.get(pk=barber.pk)

    for _ in range(2):
        with django_assert_num_queries(1):
            get_barber_facts(fresh, now=timezone.now())


def test_another_process_reads_what_this_one_has_cached(barber, django_assert_num_queries):
    fresh = Barber.objects.get(pk=barber.pk)
    first = get_barber_facts(fresh, now=timezone.now())
    forget_kept_facts()

    with django_assert_num_queries(0):
        assert get_barber_facts(fresh, now=timezone.now()) == first


def test_a_change_of_config_takes_effect_at_once(barber):
    assert decide(barber) == Decision.EXTERNAL

    set_config(barber=barber, changes={"mode": Mode.CENTRALIZED}, by=BY, now=timezone.now())

    assert decide(barber) == Decision.CENTRALIZED


def test_a_disconnected_account_is_out_at_once(barber):
    assert decide(barber) == Decision.EXTERNAL

    disconnect_account(connection=Connection.objects.of_barbers().get(), by=BY)

    assert decide(barber) == Decision.FALLBACK


def test_an_account_that_is_switched_off_is_out_at_once(barber):
    assert decide(barber) == Decision.EXTERNAL

    with transaction.atomic():
        Connection.objects.of_barbers().update(disabled_at=timezone.now())
        raise_routing_version([barber.pk])

    assert decide(barber) == Decision.FALLBACK


def test_a_change_of_the_platform_concerns_every_barber(barber):
    other = factories.create_barber()
    assert (decide(barber), decide(other)) == (Decision.EXTERNAL, Decision.CENTRALIZED)

    disconnect_account(connection=Connection.objects.of_platform().get(), by=BY)

    assert decide(barber) == Decision.EXTERNAL
    with pytest.raises(PaymentRoutingFailed, match=f"for barber {other.pk} .* is not connected"):
        decide(other)


@pytest.mark.parametrize("shift", [-1, 1])
def test_an_entry_of_another_version_is_ignored(barber, shift):
    ask(barber)
    key = f"payment_config:{barber.pk}"
    planted = cache.get(key)
    planted["version"] += shift
    planted["config"]["mode"] = "centralized"
    cache.set(key, planted)
    forget_kept_facts()

    assert decide(barber) == Decision.EXTERNAL


@pytest.mark.parametrize("nonsense", ["text", 5, [], {}])
def test_an_entry_that_is_no_entry_is_ignored(barber, nonsense):
    cache.set(f"payment_config:{barber.pk}", nonsense)

    assert decide(barber) == Decision.EXTERNAL


def test_a_version_of_the_future_is_respected_when_its_moment_comes(barber):
    now = timezone.now()
    tomorrow = now + timedelta(days=1)
    set_config(barber=barber, changes={"mode": Mode.HYBRID}, by=BY, now=tomorrow)

    assert ask(barber, now).terms.mode == Mode.DECENTRALIZED
    assert ask(barber, tomorrow - timedelta(microseconds=1)).terms.mode == Mode.DECENTRALIZED
    assert ask(barber, tomorrow).terms.mode == Mode.HYBRID


def test_a_quote_has_fees_and_commission(barber):
    fresh = Barber.objects.get(pk=barber.pk)

    quote = quote_route(
        fresh, amount=Money(75_00, "USD"), tip=Money(15_00, "USD"), now=timezone.now()
    )

    fees = quote.fees
    assert (fees.processing_fee, fees.commission) == (Money(2_05, "USD"), Money(12_00, "USD"))
    assert (fees.net_amount, fees.total) == (Money(60_95, "USD"), Money(14_05, "USD"))
    assert quote.fallback_available
