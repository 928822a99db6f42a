"""/external-payments/oauth and the webhook of a connection."""

import pytest
from django.utils import timezone

from bookedbarber.accounts.roles import Role
from processors.models import AuthorizationAttempt, Connection
from tests import factories
from tests.payments.api.test_connections import one, refuse

pytestmark = pytest.mark.django_db(transaction=True)

OAUTH = "/api/v1/external-payments/oauth"
each_processor = pytest.mark.parametrize("processor", ["square", "stripe"])


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber(shop=factories.create_shop())


def start(client, processor: str) -> dict:
    answer = client.get(f"{OAUTH}/{processor}/start")
    assert answer.status_code == 200, answer.content
    return answer.json()


def come_back(client, processor: str, came: dict):
    return client.get(f"{OAUTH}/{processor}/callback", came)


@each_processor
def test_there_and_back(applications, barber, simulator, api, processor):
    account = simulator.create_account(processor, name="Chair 5")
    client = api(barber.user)

    begun = start(client, processor)
    waiting = client.get(one(begun["connection_id"])).json()
    came = applications.visit(begun["authorize_url"], account)
    answer = come_back(client, processor, came)

    body = answer.json()
    assert answer.status_code == 200, answer.content
    assert (waiting["status"], waiting["connected_by"]) == ("pending", "oauth")
    assert (body["id"], body["status"]) == (begun["connection_id"], "connected")
    assert (body["account_id"], body["connected_by"]) == (account.account_id, "oauth")
    assert body["validation_result"]["connection_valid"] is True
    credentials = Connection.objects.get(pk=body["id"]).get_access().credentials
    assert not [secret for secret in credentials.values() if secret in answer.content.decode()]


def test_what_can_go_wrong_on_the_way_back(applications, barber, simulator, api):
    account = simulator.create_account("square")
    client, other = api(barber.user), api(factories.create_barber().user)
    denied = applications.visit(start(client, "square")["authorize_url"], account, answer="deny")
    came = applications.visit(start(client, "square")["authorize_url"], account)
    late = applications.visit(start(client, "square")["authorize_url"], account)
    latest = AuthorizationAttempt.objects.order_by("-pk")[0]
    AuthorizationAttempt.objects.filter(pk=latest.pk).update(expires_at=timezone.now())

    refuse(come_back(client, "square", {}), 400, "VALIDATION_ERROR")
    refuse(come_back(client, "square", {"state": "made up"}), 400, "VALIDATION_ERROR")
    refuse(come_back(client, "abacus", came), 400, "VALIDATION_ERROR")
    refuse(come_back(client, "square", denied), 424, "EXTERNAL_API_ERROR")
    assert "begun by somebody else" in refuse(
        come_back(other, "square", came), 403, "INSUFFICIENT_PERMISSIONS"
    )
    assert "took too long" in refuse(come_back(client, "square", late), 409, "CONFLICT")
    assert come_back(client, "square", came).status_code == 200
    assert "finished before" in refuse(come_back(client, "square", came), 409, "CONFLICT")


def test_another_barbers_account_is_a_conflict(applications, barber, simulator, api):
    account = simulator.create_account("square")
    answers = []
    for person in (factories.create_barber().user, barber.user):
        client = api(person)
        came = applications.visit(start(client, "square")["authorize_url"], account)
        answers.append(come_back(client, "square", came))

    assert answers[0].status_code == 200
    refuse(answers[1], 409, "CONFLICT")


def test_only_barbers_begin_and_nobody_without_a_login(applications, barber, api, client):
    refuse(client.get(f"{OAUTH}/square/start"), 401, "INVALID_TOKEN")
    refuse(client.get(f"{OAUTH}/square/callback?state=x"), 401, "INVALID_TOKEN")
    owner = api(barber.shop.owner).get(f"{OAUTH}/square/start")
    refuse(owner, 403, "INSUFFICIENT_PERMISSIONS")
    payer = api(factories.create_user(Role.CLIENT)).get(f"{OAUTH}/square/start")
    refuse(payer, 403, "INSUFFICIENT_PERMISSIONS")


def test_what_is_not_configured_or_not_known_is_not_begun(applications, barber, api, settings):
    settings.SQUARE_APPLICATION_SECRET = ""
    client = api(barber.user)

    refuse(client.get(f"{OAUTH}/square/start"), 409, "CONFLICT")
    refuse(client.get(f"{OAUTH}/abacus/start"), 400, "VALIDATION_ERROR")


def test_disconnecting_gives_the_access_back(applications, barber, simulator, api):
    account = simulator.create_account("square")
    client = api(barber.user)
    begun = start(client, "square")
    come_back(client, "square", applications.visit(begun["authorize_url"], account))

    answer = client.delete(one(begun["connection_id"]))

    assert (answer.status_code, answer.json()["status"]) == (200, "disconnected")
    assert applications.list_live(account) == []


def test_a_webhook_is_recreated_and_the_answer_says_whose_it_is(
    applications, connect, barber, simulator, api, settings
):
    client = api(barber.user)
    begun = start(client, "square")
    account = simulator.create_account("square")
    come_back(client, "square", applications.visit(begun["authorize_url"], account))
    pasted = connect(barber)

    shared = client.post(one(begun["connection_id"], "/webhook"))
    own = client.post(one(pasted, "/webhook"))

    base = f"{settings.PUBLIC_URL}/api/v1/webhooks/square"
    assert shared.status_code == own.status_code == 200, shared.content + own.content
    assert (shared.json()["is_application"], own.json()["is_application"]) == (True, False)
    assert (shared.json()["address"], own.json()["address"]) == (base, f"{base}/{pasted.pk}")
    assert "all accounts connected by OAuth" in shared.json()["explanation"]
    listed = client.get(one(pasted)).json()
    assert "secret" not in str(listed)


def test_the_webhook_of_somebody_else_is_not_there(connect, api):
    connection = connect(factories.create_barber())

    answer = api(factories.create_barber().user).post(one(connection, "/webhook"))

    refuse(answer, 404, "NOT_FOUND")
