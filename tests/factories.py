"""Rows for tests. A call names only what the test is about."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bookedbarber.accounts.models import Barber, Enterprise, Shop, User
from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Appointment, Client
from payments.models import HybridPaymentConfig
from payments.operations.configs import get_default_values
from payments.states import Mode
from processors.models import PLATFORM_OWNER_ID, Connection, FeeSchedule
from processors.states import ConnectionRole, ConnectionState

PASSWORD = "correct horse battery staple"
# Everything that a test does not date was there long before.
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)

_numbers = count(1)


def create_user(role: Role = Role.BARBER, **fields: Any) -> User:
    fields.setdefault("email", f"person{next(_numbers)}@example.test")
    if role == Role.ADMIN:
        fields.setdefault("is_staff", True)
    fields["password"] = _hash(fields.pop("password", PASSWORD))
    return User.objects.create(role=role, **fields)


@cache
def _hash(password: str) -> str:
    """Hashing is slow on purpose; most tests log nobody in by password."""
    return make_password(password)


def create_shop(**fields: Any) -> Shop:
    fields.setdefault("name", f"Shop {next(_numbers)}")
    if "owner" not in fields:
        fields["owner"] = create_user(Role.SHOP_OWNER)
    return Shop.objects.create(**fields)


def create_enterprise(**fields: Any) -> Enterprise:
    fields.setdefault("name", f"Enterprise {next(_numbers)}")
    fields.setdefault("owner", create_user(Role.ENTERPRISE_OWNER))
    return Enterprise.objects.create(**fields)


def create_barber(**fields: Any) -> Barber:
    fields.setdefault("name", f"Barber {next(_numbers)}")
    if "user" not in fields:
        fields["user"] = create_user(Role.BARBER)
    return Barber.objects.create(**fields)


def create_client(barber: Barber | None = None, **fields: Any) -> Client:
    fields.setdefault("name", f"Client {next(_numbers)}")
    return Client.objects.create(barber=barber or create_barber(), **fields)


def create_appointment(barber: Barber | None = None, **fields: Any) -> Appointment:
    client = fields.pop("client", None) or create_client(barber)
    defaults: dict[str, Any] = {
        "service_name": "Haircut",
        "price_minor": 75_00,
        "currency": "USD",
        "starts_at": timezone.now() + timedelta(days=1),
    }
    return Appointment.objects.create(barber=client.barber, client=client, **(defaults | fields))


def create_config(barber: Barber, **fields: Any) -> HybridPaymentConfig:
    """A version in force since long ago; amounts in minor units."""
    values = get_default_values() | {"effective_at": LONG_AGO, "set_by": "usr_test"} | fields
    return HybridPaymentConfig.objects.create(barber=barber, **values)


def create_hybrid_barber(**fields: Any) -> Barber:
    """From 50.00 on the barber's own account may be used, above 100.00 it is."""
    barber = create_barber(**fields)
    create_config(barber, mode=Mode.HYBRID, min_external_minor=50_00, max_platform_minor=100_00)
    return barber


def create_connection(barber: Barber | None, **fields: Any) -> Connection:
    """A barber's connected Square account; without a simulator behind it."""
    number = next(_numbers)
    credentials = fields.pop("credentials", {"access_token": f"EAAA-test-token-{number}"})
    defaults: dict[str, Any] = {
        "owner_id": barber.pk if barber else 0,
        "role": ConnectionRole.BARBER,
        "processor": "square",
        "environment": "sandbox",
        "account_id": f"ACCOUNT{number}",
        "name": f"Account {number}",
        "state": ConnectionState.CONNECTED,
        "connected_at": LONG_AGO,
        "first_connected_at": LONG_AGO,
        "currencies": ["USD"],
        "abilities": ["payments"],
        "fee_percent": Decimal("2.6"),
        "fee_fixed_minor": 10,
    }
    connection = Connection(**(defaults | fields))
    connection.seal_credentials(credentials)
    connection.save(force_insert=True)
    return connection


def create_platform_connection(**fields: Any) -> Connection:
    """The platform's Stripe account; without a simulator behind it."""
    defaults: dict[str, Any] = {
        "owner_id": PLATFORM_OWNER_ID,
        "role": ConnectionRole.PLATFORM,
        "processor": "stripe",
        "account_id": "acct_platform",
        "name": "BookedBarber platform",
        "currencies": ["USD", "AUD", "GBP", "CAD", "NZD"],
        "fee_percent": Decimal("2.9"),
        "fee_fixed_minor": 30,
        "credentials": {"secret_key": "sk_test_platform"},
    }
    return create_connection(None, **(defaults | fields))


def create_fee_schedules() -> None:
    """The ones that the migration makes; tests with real commits empty every table."""
    for processor, percent, fixed_minor in (("stripe", "2.9", 30), ("square", "2.6", 10)):
        FeeSchedule.objects.get_or_create(
            processor=processor,
            effective_at=LONG_AGO,
            defaults={"percent": Decimal(percent), "fixed_minor": fixed_minor, "source": "test"},
        )
