"""GET and PATCH /hybrid-payments/config[/{barber_id}]."""

import pytest

from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.models import AuditEntry
from payments.models import HybridPaymentConfig
from tests import factories

pytestmark = pytest.mark.django_db

MINE = "/api/v1/hybrid-payments/config"
ROUTE = "/api/v1/hybrid-payments/route"


def of(barber) -> str:
    return f"{MINE}/{barber.pk}"


@pytest.fixture
def barber(db):
    return factories.create_barber(shop=factories.create_shop())


def test_who_is_not_configured_has_the_defaults(barber, api):
    body = api(barber.user).get(MINE).json()

    assert body == {
        "barber_id": barber.pk,
        "is_configured": False,
        "mode": "centralized",
        "preferred_processor": "",
        "fallback_enabled": True,
        "currency": "USD",
        "collection_frequency": "weekly",
        "collection_day": 1,
        "auto_collection": True,
        "commission_rate": "20.00",
        "min_external_amount": None,
        "max_platform_amount": None,
        "split_threshold": None,
        "minimum_collection_amount": "25.00",
        "effective_at": None,
    }


def test_a_change_is_answered_and_read_again(barber, api):
    changes = {
        "mode": "hybrid",
        "preferred_processor": "square",
        "fallback_enabled": False,
        "min_external_amount": "50.00",
        "max_platform_amount": 100,
        "split_threshold": "200.5",
        "collection_frequency": "monthly",
        "minimum_collection_amount": "0",
        "auto_collection": False,
        "reason": "a new chair",
    }

    answer = api(barber.user).patch(MINE, changes)

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body == api(barber.user).get(MINE).json()
    assert (body["is_configured"], body["mode"]) == (True, "hybrid")
    assert (body["min_external_amount"], body["max_platform_amount"]) == ("50.00", "100.00")
    assert (body["split_threshold"], body["minimum_collection_amount"]) == ("200.50", "0.00")
    config = HybridPaymentConfig.objects.get()
    assert (config.set_by, config.reason) == (barber.user.public_id, "a new chair")
    assert AuditEntry.objects.get(action="config.changed").reason == "a new chair"


def test_each_change_is_a_version_and_null_takes_a_threshold_away(barber, api):
    client = api(barber.user)
    client.patch(MINE, {"mode": "hybrid", "min_external_amount": "50.00"})

    body = client.patch(MINE, {"min_external_amount": None}).json()

    assert (body["mode"], body["min_external_amount"]) == ("hybrid", None)
    assert HybridPaymentConfig.objects.count() == 2


def test_a_change_takes_effect_at_once(barber, api):
    factories.create_platform_connection()
    factories.create_connection(barber)
    client = api(barber.user)

    def decide() -> str:
        return client.post(ROUTE, {"amount": "75.00"}).json()["routing_decision"]

    before = decide()
    client.patch(MINE, {"mode": "decentralized"})

    assert (before, decide()) == ("centralized", "external")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mode": "sometimes"}, "mode: "),
        ({"currency": "EUR"}, "currency: "),
        ({"preferred_processor": "paypal"}, "preferred_processor: paypal is not supported"),
        ({"min_external_amount": "0"}, "min_external_amount: must be more than 0"),
        ({"min_external_amount": "-5"}, "min_external_amount: must be more than 0"),
        ({"min_external_amount": "50.005"}, "min_external_amount: USD has 2 decimal places"),
        ({"min_external_amount": "abc"}, "min_external_amount: "),
        ({"min_external_amount": "1e25"}, "min_external_amount: amount is out of range"),
        ({"max_platform_amount": "-1"}, "max_platform_amount: must be more than 0"),
        ({"split_threshold": "0"}, "split_threshold: must be more than 0"),
        ({"minimum_collection_amount": "-1"}, "minimum_collection_amount: must not be negative"),
        (
            {"min_external_amount": "100.01", "max_platform_amount": "100.00"},
            "min_external_amount: must not be more than max_platform_amount",
        ),
        ({"collection_frequency": "hourly"}, "collection_frequency: "),
        ({"collection_day": 8}, "collection_day: from 1 to 7 is needed"),
        ({"fallback_enabled": "perhaps"}, "fallback_enabled: "),
        ({"barber_id": 3}, "barber_id: This field is not known"),
        ({"commission_on_tips": True}, "commission_on_tips: This field is not known"),
    ],
)
def test_bad_values_name_the_field_and_the_limit(barber, api, changes, said):
    answer = api(barber.user).patch(MINE, changes)

    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["message"].startswith(said)
    assert not HybridPaymentConfig.objects.exists()


# ── Who may ──


def test_the_rate_is_for_operators(barber, api):
    for person in (barber.user, barber.shop.owner):
        answer = api(person).patch(of(barber), {"commission_rate": "0"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            403,
            "INSUFFICIENT_PERMISSIONS",
        )
    assert not HybridPaymentConfig.objects.exists()

    operator = factories.create_user(Role.ADMIN)
    answer = api(operator).patch(of(barber), {"commission_rate": "12.5"})

    assert answer.json()["commission_rate"] == "12.50"


@pytest.mark.parametrize("rate", ["-0.01", "100.01", "12.34567", "1e25", "NaN", "abc"])
def test_a_rate_is_a_percentage(barber, api, rate):
    answer = api(factories.create_user(Role.ADMIN)).patch(of(barber), {"commission_rate": rate})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("commission_rate: ")


def test_the_owner_of_the_shop_reads_and_changes(barber, api):
    owner = barber.shop.owner

    assert api(owner).get(of(barber)).status_code == 200
    assert api(owner).patch(of(barber), {"mode": "hybrid"}).status_code == 200


def test_to_others_the_config_does_not_exist(barber, api):
    for person in (factories.create_barber().user, factories.create_shop().owner):
        for ask in (api(person).get, lambda url, person=person: api(person).patch(url, {})):
            assert ask(of(barber)).status_code == 404
    assert not HybridPaymentConfig.objects.exists()


def test_clients_have_no_part_in_it(barber, api):
    payer = factories.create_user(Role.CLIENT)
    factories.create_client(barber, user=payer)

    assert api(payer).get(of(barber)).status_code == 403
    assert api(payer).patch(of(barber), {"mode": "hybrid"}).status_code == 403


def test_somebody_who_is_no_barber_must_name_one(api):
    assert api(factories.create_user(Role.ADMIN)).get(MINE).status_code == 404
