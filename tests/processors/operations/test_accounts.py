"""The steps of connecting: proving, storing, renewing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from bookedbarber.foundation.models import AuditEntry
from processors.contract import AccountAccess, AccountDescription
from processors.models import Connection, FeeSchedule
from processors.operations.accounts import (
    AccountAlreadyConnected,
    CredentialsIncomplete,
    OtherAccount,
    Owner,
    ProvenAccount,
    prove_account,
    renew_connection,
    store_connection,
)
from processors.queries.fee_schedules import NoFeeSchedule
from processors.states import ConnectionRole, ConnectionState
from tests import factories

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BY = "usr_test"


def proven(account_id: str = "ML1", token: str = "EAAA-1", **fields) -> ProvenAccount:
    """An account that has just answered; the call itself is tested with the simulator."""
    described = {
        "name": "Chair 5",
        "country": "US",
        "currencies": ("USD",),
        "abilities": ("payments",),
        "details": {"location_id": "L1"},
    }
    return ProvenAccount(
        access=AccountAccess(
            processor="square",
            environment="sandbox",
            account_id=account_id,
            credentials={"access_token": token},
        ),
        description=AccountDescription(account_id=account_id, **(described | fields)),
    )


def store(barber, account: ProvenAccount, name="", now=NOON) -> Connection:
    owner = Owner(id=barber.pk, role=ConnectionRole.BARBER)
    return store_connection(proven=account, owner=owner, name=name, now=now, by=BY)


# ── Proving ──


def test_an_account_is_asked_who_it_is(simulator):
    account = simulator.create_account("stripe", name="A shop", currencies=["USD", "CAD"])

    found = prove_account(processor="stripe", credentials=account.credentials)

    assert found.description.account_id == account.account_id
    assert set(found.description.currencies) == {"USD", "CAD"}
    assert found.access.environment == "sandbox"
    assert account.secret not in repr(found)


def test_an_optional_field_may_be_missing_and_an_unknown_one_not():
    with pytest.raises(CredentialsIncomplete) as raised:
        prove_account(processor="square", credentials={"acess_token": "typo", "location_id": "L1"})

    assert raised.value.details == {"missing": ["access_token"], "unknown": ["acess_token"]}
    assert "typo" not in raised.value.message


# ── Storing ──


@pytest.mark.django_db
def test_a_proven_account_is_stored_with_its_fees_and_details():
    connection = store(factories.create_barber(), proven())

    connection.refresh_from_db()
    assert (connection.fee_percent, connection.fee_fixed_minor) == (Decimal("2.6"), 10)
    assert (connection.details, connection.name) == ({"location_id": "L1"}, "Chair 5")


@pytest.mark.django_db
def test_the_fees_are_those_of_the_day():
    FeeSchedule.objects.create(
        processor="square",
        effective_at=NOON,
        percent=Decimal("2.9"),
        fixed_minor=15,
        source="a new list",
    )
    barber = factories.create_barber()

    before = store(barber, proven("ML1"), now=NOON - timedelta(seconds=1))
    after = store(barber, proven("ML2"))

    assert (before.fee_percent, before.fee_fixed_minor) == (Decimal("2.6"), 10)
    assert (after.fee_percent, after.fee_fixed_minor) == (Decimal("2.9"), 15)


@pytest.mark.django_db
def test_without_any_fee_schedule_nothing_is_stored():
    with pytest.raises(NoFeeSchedule), transaction.atomic():
        store(factories.create_barber(), proven(), now=datetime(2019, 12, 31, tzinfo=UTC))

    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_the_same_account_in_the_other_environment_is_another_one():
    barber = factories.create_barber()
    factories.create_connection(barber, account_id="ML1", environment="production")

    assert store(barber, proven("ML1")).environment == "sandbox"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "state", [ConnectionState.ERROR, ConnectionState.EXPIRED, ConnectionState.DISCONNECTED]
)
def test_an_account_that_stopped_working_is_connected_again(state):
    barber = factories.create_barber()
    row = factories.create_connection(
        barber, account_id="ML1", state=state, last_error="it stopped", error_count=7
    )

    again = store(barber, proven("ML1", token="EAAA-new"))

    again.refresh_from_db()
    assert (again.pk, again.state, again.connected_at) == (row.pk, "connected", NOON)
    assert (again.last_error, again.error_count) == ("", 0)
    assert again.get_access().credentials == {"access_token": "EAAA-new"}
    assert again.name == row.name


@pytest.mark.django_db
def test_a_connected_account_is_not_stored_again():
    barber = factories.create_barber()
    store(barber, proven())

    with pytest.raises(AccountAlreadyConnected) as raised:
        store(barber, proven())

    assert raised.value.details == {"account_id": "ML1"}


# ── Renewing ──


@pytest.mark.django_db
def test_renewing_keeps_what_the_account_says_now():
    connection = store(factories.create_barber(), proven())
    later = NOON + timedelta(days=1)

    renewed = renew_connection(
        connection=connection,
        proven=proven(token="EAAA-2", currencies=("CAD",), abilities=()),
        name=None,
        now=later,
        by=BY,
    )

    assert (renewed.currencies, renewed.abilities) == (["CAD"], [])
    assert (renewed.name, renewed.last_checked_at) == ("Chair 5", later)
    assert renewed.connected_at == NOON
    assert renewed.get_access().credentials == {"access_token": "EAAA-2"}
    assert AuditEntry.objects.filter(action="connection.proven").count() == 1


@pytest.mark.django_db
def test_renewing_with_another_account_is_refused():
    connection = store(factories.create_barber(), proven("ML1"))

    with pytest.raises(OtherAccount):
        renew_connection(connection=connection, proven=proven("ML2"), name=None, now=NOON, by=BY)


@pytest.mark.django_db
def test_the_audit_holds_no_secret():
    connection = store(factories.create_barber(), proven(token="EAAA-secret"))
    renew_connection(
        connection=connection, proven=proven(token="EAAA-secret"), name="x", now=NOON, by=BY
    )

    written = [str(entry) for entry in AuditEntry.objects.values()]
    assert written
    assert not [line for line in written if "EAAA-secret" in line]
