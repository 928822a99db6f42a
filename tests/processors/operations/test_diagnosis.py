"""Where the way to an account ends: name, connection, TLS, HTTP or credentials."""

import json
import socket

import pytest
from django.core.management import CommandError, call_command

from processors.models import Connection
from processors.operations.diagnosis import diagnose_connection
from processors.transport import diagnosis
from tests import factories
from tests.processors.raw_server import answers, is_silent

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ["dns", "tcp", "tls", "http", "credentials"]


@pytest.fixture
def connection(transactional_db, simulator) -> Connection:
    account = simulator.create_account("square", name="Chair 5")
    return factories.create_connection(
        factories.create_barber(), account_id=account.account_id, credentials=account.credentials
    )


def verdicts(connection) -> dict[str, str]:
    return {step.name: str(step.verdict) for step in diagnose_connection(connection=connection)}


def explain(connection, name: str) -> str:
    return next(
        step.explanation for step in diagnose_connection(connection=connection) if step.name == name
    )


def test_all_is_well_step_by_step(connection):
    steps = diagnose_connection(connection=connection)

    assert [(step.name, step.verdict) for step in steps] == [(name, "ok") for name in NAMES]
    said = {step.name: step.explanation for step in steps}
    assert said["dns"] == "127.0.0.1 is 127.0.0.1"
    assert said["tls"] == "not used: the address is http://"
    assert said["credentials"] == "they open Chair 5"
    assert all(0 <= step.milliseconds < 20_000 for step in steps)


def test_a_name_that_nobody_knows(connection, settings, monkeypatch):
    settings.SQUARE_API_BASE = "https://api.nowhere.invalid"

    def refuse(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert list(verdicts(connection).values()) == ["failed", *["skipped"] * 4]
    assert explain(connection, "dns").startswith("api.nowhere.invalid is not known")


def test_a_port_at_which_nobody_listens(connection, settings, closed_port_url):
    settings.SQUARE_API_BASE = closed_port_url

    assert list(verdicts(connection).values()) == ["ok", "failed", "skipped", "skipped", "skipped"]
    assert "Connection refused" in explain(connection, "tcp")


def test_a_server_without_tls_where_there_should_be(connection, settings, raw_server):
    settings.SQUARE_API_BASE = raw_server.url.replace("http://", "https://")
    settings.PROCESSOR_CONNECT_TIMEOUT_SECONDS = 1

    found = verdicts(connection)

    assert (found["tcp"], found["tls"], found["http"]) == ("ok", "failed", "skipped")


def test_a_server_that_says_nothing(connection, settings, raw_server):
    settings.SQUARE_API_BASE = raw_server.url
    settings.PROCESSOR_TIMEOUT_SECONDS = 1
    raw_server.answer = is_silent()

    found = verdicts(connection)

    assert (found["tls"], found["http"], found["credentials"]) == ("ok", "failed", "skipped")
    assert explain(connection, "http") == "no answer: ReadTimeout"


def test_credentials_that_are_refused(connection):
    connection.seal_credentials({"access_token": "sim_wrong_token"})

    assert list(verdicts(connection).values()) == ["ok", "ok", "ok", "ok", "failed"]
    said = explain(connection, "credentials")
    assert said == "The processor does not accept the account's credentials (UNAUTHORIZED)"


def test_credentials_of_another_account(connection, simulator):
    other = simulator.create_account("square")
    connection.seal_credentials(other.credentials)

    assert explain(connection, "credentials") == f"they open another account: {other.account_id}"


def test_credentials_that_no_key_opens(connection, settings):
    settings.ENCRYPTION_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    (step,) = diagnose_connection(connection=connection)

    assert (step.name, step.verdict) == ("credentials", "failed")
    assert "is not in ENCRYPTION_KEY" in step.explanation


def test_any_answer_over_http_will_do(raw_server):
    raw_server.answer = answers({}, 404)

    steps = diagnosis.take_steps(diagnosis.list_way_steps(raw_server.url))

    assert (steps[-1].name, steps[-1].explanation) == ("http", "answered 404")


# ── The command ──


def test_the_command_prints_each_step(connection, capsys):
    call_command("diagnose_connection", connection.public_id)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{connection}, connected"
    assert [line.split()[:2] for line in lines[1:]] == [[name, "ok"] for name in NAMES]


def test_the_command_prints_json_and_exits_with_1_when_a_step_failed(
    connection, settings, closed_port_url, capsys
):
    settings.SQUARE_API_BASE = closed_port_url

    with pytest.raises(SystemExit) as stopped:
        call_command("diagnose_connection", str(connection.pk), "--json")

    found = json.loads(capsys.readouterr().out)
    assert stopped.value.code == 1
    assert found["connection"] == connection.public_id
    assert [step["verdict"] for step in found["steps"]][:2] == ["ok", "failed"]
    assert {"name", "verdict", "explanation", "milliseconds"} == set(found["steps"][0])


@pytest.mark.parametrize("name", ["con_unknown", "99999999", "9" * 30])
def test_the_command_knows_what_is_not_there(transactional_db, name):
    with pytest.raises(CommandError, match="There is no connection"):
        call_command("diagnose_connection", name)
