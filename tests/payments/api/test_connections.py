"""/external-payments/connections: credentials go in, are proven, and never come out."""

import pytest

from bookedbarber.accounts.roles import Role
from processors.models import Connection, WebhookDoor
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/external-payments/connections"
ROUTE = "/api/v1/hybrid-payments/route"


def one(connection: Connection | int, act: str = "") -> str:
    number = connection if isinstance(connection, int) else connection.pk
    return f"{URL}/{number}{act}"


def refuse(answer, status: int, code: str) -> str:
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["code"] == code
    return error["message"]


@pytest.fixture(autouse=True)
def _fees(transactional_db):
    factories.create_fee_schedules()


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber(shop=factories.create_shop())


@pytest.fixture
def account(simulator):
    return simulator.create_account("square", name="Chair 5", currencies=["USD"])


def ask_for(account, **fields):
    return {
        "processor_type": account.processor,
        "connection_config": account.credentials,
        **fields,
    }


# ── Creating ──


@pytest.mark.parametrize("processor", ["square", "stripe"])
def test_an_account_is_connected_after_it_answered(barber, simulator, api, processor):
    account = simulator.create_account(processor, name="Chair 5", currencies=["USD"])

    answer = api(barber.user).post(URL, ask_for(account, account_id=account.account_id))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    connection = Connection.objects.get()
    assert (body["id"], body["barber_id"]) == (connection.pk, barber.pk)
    assert (body["processor_type"], body["account_id"]) == (processor, account.account_id)
    assert (body["status"], body["disabled"], body["environment"]) == (
        "connected",
        False,
        "sandbox",
    )
    assert (body["account_name"], body["currencies"]) == ("Chair 5", ["USD"])
    assert body["validation_result"] == {
        "connection_valid": True,
        "permissions_verified": True,
        "webhook_configured": False,
    }
    assert account.secret not in answer.content.decode()
    assert not {"connection_config", "credentials", "sealed_credentials"} & set(body)


def test_a_webhook_secret_may_be_given_at_once_and_is_not_told(barber, account, api):
    secret = "whsec_of_the_barber"

    answer = api(barber.user).post(URL, ask_for(account, webhook_notifications={"secret": secret}))

    body = answer.json()
    assert body["validation_result"]["webhook_configured"] is True
    assert body["webhook_address"].endswith(f"/api/v1/webhooks/square/{body['id']}")
    assert secret not in answer.content.decode()
    assert WebhookDoor.objects.get().get_secrets() == (secret,)


@pytest.mark.parametrize("wanted", [True, False])
def test_without_a_secret_webhooks_are_not_configured_yet(barber, account, api, wanted):
    answer = api(barber.user).post(URL, ask_for(account, webhook_notifications=wanted))

    assert answer.status_code == 201
    assert answer.json()["validation_result"]["webhook_configured"] is False


@pytest.mark.parametrize("wanted", [1, "yes", {}, {"secret": "short"}, {"secret": 1}, {"url": "x"}])
def test_what_cannot_be_understood_of_webhooks_is_refused(barber, account, api, wanted):
    answer = api(barber.user).post(URL, ask_for(account, webhook_notifications=wanted))

    assert "webhook_notifications" in refuse(answer, 400, "VALIDATION_ERROR")
    assert Connection.objects.count() == 0


def test_a_new_account_takes_part_in_routing_at_once(barber, account, api, platform):
    factories.create_config(barber, mode="decentralized")
    client = api(barber.user)
    before = client.post(ROUTE, {"amount": "75.00"}).json()

    created = client.post(URL, ask_for(account)).json()
    during = client.post(ROUTE, {"amount": "75.00"}).json()
    client.delete(one(created["id"]))
    after = client.post(ROUTE, {"amount": "75.00"}).json()

    assert [body["routing_decision"] for body in (before, during, after)] == [
        "fallback",
        "external",
        "fallback",
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "processor_type: This field is required"),
        ({"processor_type": "square"}, "connection_config: This field is required"),
        (
            {"processor_type": "square", "connection_config": {}},
            "square credentials: missing ['access_token']",
        ),
        (
            {"processor_type": "stripe", "connection_config": {"access_token": "secret-x"}},
            "missing ['secret_key'], unknown ['access_token']",
        ),
        (
            {"processor_type": "square", "connection_config": {"access_token": ""}},
            "connection_config: This field may not be blank",
        ),
        (
            {"processor_type": "square", "connection_config": {"access_token": ["secret-x"]}},
            "connection_config: Not a valid string",
        ),
        (
            {"processor_type": "square", "connection_config": "secret-x"},
            "connection_config: Expected a dictionary",
        ),
        (
            {"processor_type": "paypal", "connection_config": {"key": "secret-x"}},
            "This processor is not supported",
        ),
        (
            {
                "processor_type": "square",
                "connection_config": {"access_token": "secret-x"},
                "state": "connected",
            },
            "state: This field is not known",
        ),
    ],
)
def test_what_is_missing_or_unknown_is_named(barber, api, body, said):
    answer = api(barber.user).post(URL, body)

    assert said in refuse(answer, 400, "VALIDATION_ERROR")
    assert "secret-x" not in answer.content.decode()
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("processor", "field"), [("square", "access_token"), ("stripe", "secret_key")]
)
def test_a_wrong_key_is_424_and_nothing_is_stored(barber, simulator, api, processor, field, caplog):
    caplog.set_level("DEBUG")
    body = {"processor_type": processor, "connection_config": {field: "sk_test_wrong_777"}}

    answer = api(barber.user).post(URL, body)

    refuse(answer, 424, "EXTERNAL_API_ERROR")
    assert "sk_test_wrong_777" not in answer.content.decode() + caplog.text
    assert not Connection.objects.exists()


def test_a_processor_that_cannot_be_reached_is_424(barber, account, api, settings):
    settings.SQUARE_API_BASE = "http://127.0.0.1:9"

    answer = api(barber.user).post(URL, ask_for(account))

    refuse(answer, 424, "EXTERNAL_PROCESSOR_UNAVAILABLE")
    assert not Connection.objects.exists()


def test_another_account_than_the_one_named_is_a_conflict(barber, account, api):
    answer = api(barber.user).post(URL, ask_for(account, account_id="MLother"))

    assert "another processor account" in refuse(answer, 409, "CONFLICT")


def test_the_same_account_twice_is_a_conflict(barber, account, api):
    client = api(barber.user)
    client.post(URL, ask_for(account))

    assert "already connected" in refuse(client.post(URL, ask_for(account)), 409, "CONFLICT")
    assert Connection.objects.count() == 1


def test_somebody_elses_account_is_a_conflict(barber, account, api):
    other = factories.create_barber()
    client = api(other.user)
    theirs = client.post(URL, ask_for(account)).json()

    refuse(api(barber.user).post(URL, ask_for(account)), 409, "CONFLICT")
    client.delete(one(theirs["id"]))
    refuse(api(barber.user).post(URL, ask_for(account)), 409, "CONFLICT")

    assert Connection.objects.get().owner == other


def test_disconnected_and_connected_again_is_the_same_row(barber, account, api):
    client = api(barber.user)
    first = client.post(URL, ask_for(account)).json()

    gone = client.delete(one(first["id"]))
    again = client.post(URL, ask_for(account, account_name="Front desk"))

    assert (gone.status_code, gone.json()["status"]) == (200, "disconnected")
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert (again.json()["status"], again.json()["account_name"]) == ("connected", "Front desk")


# ── Reading ──


def test_everybody_reads_their_own(barber, api):
    other = factories.create_barber(shop=factories.create_shop())
    factories.create_platform_connection()
    mine, theirs = factories.create_connection(barber), factories.create_connection(other)

    def list_ids(user) -> list[int]:
        answer = api(user).get(URL)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["data"]]

    assert list_ids(barber.user) == list_ids(barber.shop.owner) == [mine.pk]
    assert list_ids(other.user) == [theirs.pk]
    assert list_ids(factories.create_shop().owner) == []
    assert list_ids(factories.create_user(Role.ADMIN)) == [theirs.pk, mine.pk]


def test_what_belongs_to_somebody_else_does_not_exist(barber, api):
    connection = factories.create_connection(barber)
    stranger = api(factories.create_barber().user)

    answers = [
        stranger.get(one(connection)),
        stranger.put(one(connection), {"account_name": "mine now"}),
        stranger.delete(one(connection)),
        stranger.post(one(connection, "/test")),
        api(factories.create_shop().owner).get(one(connection)),
    ]

    for answer in answers:
        refuse(answer, 404, "NOT_FOUND")
        assert connection.account_id not in answer.content.decode()
    connection.refresh_from_db()
    assert connection.state == "connected"


@pytest.mark.parametrize("number", [0, 10**9, 10**30])
def test_what_does_not_exist(barber, api, number):
    refuse(api(barber.user).get(one(number)), 404, "NOT_FOUND")


def test_the_platforms_own_account_is_not_among_them(api):
    platform = factories.create_platform_connection()

    refuse(api(factories.create_user(Role.ADMIN)).get(one(platform)), 404, "NOT_FOUND")


def test_an_owner_reads_but_does_not_touch(barber, api):
    connection = factories.create_connection(barber)
    owner = api(barber.shop.owner)

    assert owner.get(one(connection)).status_code == 200
    for answer in (
        owner.put(one(connection), {"account_name": "x"}),
        owner.delete(one(connection)),
        owner.post(one(connection, "/test")),
        owner.post(URL, {"processor_type": "square", "connection_config": {}}),
    ):
        assert "connection:write" in refuse(answer, 403, "INSUFFICIENT_PERMISSIONS")


def test_clients_have_no_part_in_it(barber, api):
    connection = factories.create_connection(barber)
    payer = factories.create_user(Role.CLIENT)
    factories.create_client(barber, user=payer)

    for answer in (api(payer).get(URL), api(payer).get(one(connection)), api(payer).post(URL, {})):
        refuse(answer, 403, "INSUFFICIENT_PERMISSIONS")


def test_an_operator_has_no_account_of_his_own_to_connect(account, api):
    answer = api(factories.create_user(Role.ADMIN)).post(URL, ask_for(account))

    refuse(answer, 404, "NOT_FOUND")
    assert not Connection.objects.exists()


def test_without_a_token_nobody_reads(client):
    refuse(client.get(URL), 401, "INVALID_TOKEN")


# ── Changing and testing ──


def test_renaming(barber, api):
    connection = factories.create_connection(barber)

    body = api(barber.user).put(one(connection), {"account_name": "Front desk"}).json()

    assert (body["account_name"], body["id"]) == ("Front desk", connection.pk)


def test_fresh_credentials_are_proven_first(barber, account, simulator, api):
    client = api(barber.user)
    created = client.post(URL, ask_for(account)).json()
    fresh = simulator.renew_secret("square", account.account_id)
    other = simulator.create_account("square")

    wrong = client.put(one(created["id"]), {"connection_config": {"access_token": "sim_wrong_9"}})
    foreign = client.put(one(created["id"]), {"connection_config": other.credentials})
    right = client.put(one(created["id"]), {"connection_config": fresh.credentials})

    refuse(wrong, 424, "EXTERNAL_API_ERROR")
    refuse(foreign, 409, "CONFLICT")
    assert right.status_code == 200
    assert Connection.objects.get().get_access().credentials == fresh.credentials
    for answer in (wrong, foreign, right):
        text = answer.content.decode()
        assert not [word for word in ("sim_wrong_9", other.secret, fresh.secret) if word in text]


def test_a_live_test_says_what_it_proved(barber, account, api):
    client = api(barber.user)
    created = client.post(URL, ask_for(account)).json()

    answer = client.post(one(created["id"], "/test"))

    assert answer.status_code == 200, answer.content
    assert answer.json()["validation_result"]["connection_valid"] is True
    assert answer.json()["last_checked_at"] > created["last_checked_at"]


def test_a_live_test_with_a_revoked_key_expires_the_connection(barber, account, simulator, api):
    client = api(barber.user)
    created = client.post(URL, ask_for(account)).json()
    simulator.renew_secret("square", account.account_id)

    refuse(client.post(one(created["id"], "/test")), 424, "EXTERNAL_API_ERROR")

    body = client.get(one(created["id"])).json()
    assert (body["status"], body["error_count"]) == ("expired", 1)
    assert body["last_error"]
    assert account.secret not in str(body)


def test_what_is_disconnected_cannot_be_tested_or_disconnected_again(barber, account, api):
    client = api(barber.user)
    created = client.post(URL, ask_for(account)).json()
    client.delete(one(created["id"]))

    refuse(client.post(one(created["id"], "/test")), 409, "CONFLICT")
    refuse(client.delete(one(created["id"])), 409, "CONFLICT")
    assert client.get(one(created["id"])).json()["status"] == "disconnected"


# ── Limits ──


def test_live_calls_are_limited_and_reading_is_not(barber, api, settings):
    settings.THROTTLE_LIMITS = settings.THROTTLE_LIMITS | {"connections": 2}
    connection = factories.create_connection(barber)
    client = api(barber.user)

    answers = [
        client.post(URL, {}),
        client.put(one(connection), {"account_name": "x"}),
        client.post(one(connection, "/test")),
    ]

    assert [answer.status_code for answer in answers] == [400, 200, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert int(answers[2]["Retry-After"]) > 0
    reading = client.get(URL)
    assert (reading.status_code, reading.has_header("X-RateLimit-Limit")) == (200, False)
