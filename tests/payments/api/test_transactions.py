"""/external-payments/transactions and …/connections/{id}/sync."""

from datetime import timedelta

import pytest

from bookedbarber.accounts.roles import Role
from payments.models import SyncRun
from payments.operations.syncs import forget_old_syncs, wake_due_syncs, wake_requested_syncs
from payments.tasks import sync_connection
from processors.contract import MovementState
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import NOON, charge, record, usd

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/external-payments/transactions"


@pytest.fixture
def connection():
    return factories.create_connection(factories.create_barber(shop=factories.create_shop()))


@pytest.fixture
def queued(monkeypatch):
    """What was sent to the broker, by job."""
    sent = []
    monkeypatch.setattr(
        "bookedbarber.foundation.jobs._send", lambda job, arguments: sent.append((job, arguments))
    )
    return sent


def get_ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


def sync_url(connection):
    return f"/api/v1/external-payments/connections/{connection.pk}/sync"


# ── Transactions ──


def test_a_movement_shows_what_its_processor_states(api, connection):
    [row_id] = record(connection, charge(amount=usd(90_00), tip=usd(15_00), fee=usd(2_44)))

    body = api(connection.owner.user).get(f"{URL}/{row_id}").json()

    assert (body["kind"], body["status"], body["processor"]) == ("charge", "completed", "square")
    assert (body["amount"], body["tip_amount"], body["processing_fee"]) == (
        "90.00",
        "15.00",
        "2.44",
    )
    assert (body["commission_rate"], body["commission_amount"]) == ("20.00", "15.00")
    assert (body["payment_id"], body["appointment_id"]) == (None, None)


def test_the_list_is_filtered_and_walked_by_cursor(api, connection):
    other = factories.create_connection(connection.owner)
    first = record(connection, charge(occurred_at=NOON - timedelta(days=2)))
    second = record(connection, charge(state=MovementState.PENDING))
    third = record(other, charge())
    person = api(connection.owner.user)

    assert get_ids(person.get(URL)) == [*third, *second, *first]
    assert get_ids(person.get(URL, {"connection_id": connection.pk})) == [*second, *first]
    assert get_ids(person.get(URL, {"status": "pending"})) == second
    assert get_ids(person.get(URL, {"kind": "refund"})) == []
    assert get_ids(person.get(URL, {"since": NOON.isoformat()})) == [*third, *second]
    assert get_ids(person.get(URL, {"until": NOON.isoformat()})) == first
    page = person.get(URL, {"limit": 1}).json()
    following = person.get(URL, {"limit": 1, "cursor": page["pagination"]["next_cursor"]})
    assert get_ids(following) == second


@pytest.mark.parametrize("query", [{"kind": "gift"}, {"status": "lost"}, {"barber": 1}])
def test_a_filter_that_makes_no_sense_is_refused_by_name(api, connection, query):
    answer = api(connection.owner.user).get(URL, query)

    assert answer.status_code == 400
    assert next(iter(query)) in answer.content.decode()


def test_nobody_sees_another_barbers_movements(api, connection):
    [row_id] = record(connection, charge())
    stranger = factories.create_barber().user

    assert get_ids(api(stranger).get(URL)) == []
    assert api(stranger).get(f"{URL}/{row_id}").status_code == 404
    assert get_ids(api(connection.owner.shop.owner).get(URL)) == [row_id]


# ── Asking for a sync ──


def test_a_sync_is_asked_for_and_carried_out_by_a_worker(api, connection, queued):
    person = api(connection.owner.user)

    answer = person.post(sync_url(connection), {"since": "2024-01-01T00:00:00Z", "force": True})

    assert answer.status_code == 202, answer.content
    assert (answer.json()["status"], answer.json()["force"]) == ("requested", True)
    assert queued == [("payments.sync_connection", {"connection_id": connection.pk})]
    assert person.get(sync_url(connection)).json() == answer.json()


def test_requests_that_wait_become_one(api, connection, queued):
    person = api(connection.owner.user)

    first = person.post(sync_url(connection), {"since": "2024-05-01T00:00:00Z"}).json()
    second = person.post(sync_url(connection), {"since": "2024-01-01T00:00:00Z"}).json()

    assert first["id"] == second["id"]
    assert second["since"] == "2024-01-01T00:00:00Z"
    assert SyncRun.objects.count() == 1


def test_a_connection_that_is_gone_is_not_read(api, connection, queued):
    type(connection).objects.update(state=ConnectionState.DISCONNECTED)

    answer = api(connection.owner.user).post(sync_url(connection), {})

    assert answer.status_code == 409
    assert "disconnected" in answer.json()["error"]["message"]
    assert queued == []


def test_strangers_and_clients_start_no_sync(api, connection, queued):
    stranger, client = factories.create_barber().user, factories.create_user(Role.CLIENT)

    assert api(stranger).post(sync_url(connection), {}).status_code == 404
    assert api(client).post(sync_url(connection), {}).status_code == 403
    assert api(stranger).get(sync_url(connection)).status_code == 404
    assert queued == []


def test_a_request_whose_message_was_lost_is_queued_again(connection, queued):
    run = SyncRun.objects.create(connection=connection, requested_by="usr_1", requested_at=NOON)

    assert wake_requested_syncs(now=NOON + timedelta(seconds=30)) == 0
    assert wake_requested_syncs(now=NOON + timedelta(minutes=2)) == 1
    assert queued == [("payments.sync_connection", {"connection_id": run.connection_id})]


# ── The timetable ──


def test_live_accounts_are_read_often_and_all_daily(connection, queued):
    quiet = factories.create_connection(connection.owner)
    gone = factories.create_connection(connection.owner, state=ConnectionState.EXPIRED)
    type(connection).objects.filter(pk=connection.pk).update(last_transaction_at=NOON)

    live = wake_due_syncs(now=NOON, live_only=True)
    everyone = wake_due_syncs(now=NOON, live_only=False)

    assert (live, everyone) == (1, 2)
    assert [(one["connection_id"], one["thorough"]) for _, one in queued] == [
        (connection.pk, False),
        (connection.pk, True),
        (quiet.pk, True),
    ]
    assert gone.pk not in {one["connection_id"] for _, one in queued}


def test_a_task_for_a_connection_that_cannot_be_read_says_why(connection):
    type(connection).objects.update(state=ConnectionState.EXPIRED)

    assert sync_connection(connection.pk) == "A connection that is expired cannot be synchronized"


def test_old_runs_are_forgotten_but_the_last_one(connection):
    long_ago = NOON - timedelta(days=400)
    fields = {"outcome": "completed", "started_at": long_ago, "ended_at": long_ago}
    old, last = (
        SyncRun.objects.create(connection=connection, requested_by="usr_1", **fields)
        for _ in range(2)
    )

    assert forget_old_syncs(before=NOON) == 1
    assert SyncRun.objects.get() == last
    assert old.pk != last.pk
