"""The people of the demo: two shops, eight barbers over all three modes, their clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber, Shop, User
from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Client, Service
from payments.operations.configs import set_config
from payments.operations.connections import connect_account
from payments.queries.configs import find_config
from payments.states import Mode

from . import simulator_door

DOMAIN = "bookedbarber.test"
BY = "job:load_demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarberPlan:
    """A barber of the demo. `processors` are his own accounts."""

    login: str
    name: str
    shop: int
    mode: Mode
    currency: str = "USD"
    time_zone: str = "America/New_York"
    processors: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


_HYBRID = {"min_external_minor": 50_00, "max_platform_minor": 150_00}

BARBERS = (
    BarberPlan(login="central", name="Cora Central", shop=0, mode=Mode.CENTRALIZED),
    BarberPlan(
        login="square",
        name="Quinn Square",
        shop=0,
        mode=Mode.DECENTRALIZED,
        processors=("square",),
    ),
    BarberPlan(
        login="stripe",
        name="Sasha Stripe",
        shop=0,
        mode=Mode.DECENTRALIZED,
        processors=("stripe",),
        config={"commission_rate": Decimal(15)},
    ),
    BarberPlan(
        login="hybrid",
        name="Harper Hybrid",
        shop=0,
        mode=Mode.HYBRID,
        processors=("square",),
        config=_HYBRID,
    ),
    BarberPlan(
        login="sydney",
        name="Noor Newtown",
        shop=1,
        mode=Mode.CENTRALIZED,
        currency="AUD",
        time_zone="Australia/Sydney",
    ),
    BarberPlan(
        login="london",
        name="Lee Lambeth",
        shop=1,
        mode=Mode.DECENTRALIZED,
        currency="GBP",
        time_zone="Europe/London",
        processors=("stripe",),
    ),
    BarberPlan(
        login="toronto",
        name="Tess Trinity",
        shop=1,
        mode=Mode.HYBRID,
        currency="CAD",
        time_zone="America/Toronto",
        processors=("square", "stripe"),
        config=_HYBRID | {"preferred_processor": "stripe"},
    ),
    BarberPlan(
        login="auckland",
        name="Aroha Albert",
        shop=1,
        mode=Mode.CENTRALIZED,
        currency="NZD",
        time_zone="Pacific/Auckland",
    ),
)

SHOPS = (("owner", "Fifth Street Barbers"), ("owner2", "Commonwealth Cuts"))
SERVICES = (("Haircut", 38_00), ("Haircut and beard", 75_00), ("Wedding party", 180_00))
CLIENT_NAMES = ("Casey Client", "Robin Regular", "Max Monthly", "Jo Juniper", "Kim Kestrel")


def has_people() -> bool:
    return User.objects.filter(email=f"admin@{DOMAIN}").exists()


def get_barber(plan: BarberPlan) -> Barber:
    return Barber.objects.select_related("user").get(user__email=f"{plan.login}@{DOMAIN}")


@transaction.atomic
def create_people() -> None:
    """Users, shops, barbers, services and clients, all with the demo password."""
    _create_user("admin", Role.ADMIN, is_staff=True, is_superuser=True)
    shops = [
        Shop.objects.create(name=name, owner=_create_user(login, Role.SHOP_OWNER))
        for login, name in SHOPS
    ]
    payer = _create_user("client", Role.CLIENT)
    for plan in BARBERS:
        _create_barber(plan, shops[plan.shop], payer)


def open_accounts(plan: BarberPlan, barber: Barber, *, since: datetime) -> None:
    """The barber's accounts at the simulator, connected, and his config from `since` on."""
    connected = set(barber.connections.values_list("processor", flat=True))
    for processor in plan.processors:
        if processor in connected:
            continue
        credentials = _open_account(plan, processor)
        connect_account(
            barber=barber,
            processor=processor,
            credentials=credentials,
            name=f"{plan.name}'s {processor.title()}",
            by=BY,
            now=since,
        )
    if find_config(barber, at=since) is not None:
        return
    changes = {"mode": plan.mode, "currency": plan.currency, **plan.config}
    set_config(barber=barber, changes=changes, by=BY, now=since, reason="demo")


def open_platform_account() -> None:
    """The platform's account at the simulator, as the settings name it."""
    simulator_door.put_account(
        "stripe",
        settings.STRIPE_ACCOUNT_ID,
        secret=settings.STRIPE_SECRET_KEY,
        name="BookedBarber",
        country="US",
        currencies=list(settings.CURRENCIES),
        default_currency=settings.DEFAULT_CURRENCY,
    )


def open_applications() -> None:
    """Our OAuth applications at the simulator, and accounts of which nobody has connected any."""
    owner = "ML_demo_application"
    simulator_door.put_account(
        "square", owner, secret=settings.SQUARE_APPLICATION_TOKEN, name="BookedBarber application"
    )
    for processor, client_id, account_id, secret in (
        ("stripe", settings.STRIPE_CLIENT_ID, settings.STRIPE_ACCOUNT_ID, ""),
        ("square", settings.SQUARE_APPLICATION_ID, owner, settings.SQUARE_APPLICATION_SECRET),
    ):
        back = settings.OAUTH_REDIRECT_URL.replace("{processor}", processor)
        simulator_door.put_application(
            processor,
            client_id,
            account_id=account_id,
            client_secret=secret,
            redirect_uris=[back],
            name="BookedBarber",
        )
    free = {"stripe": ("acct_demo_free", "sk_test_demo_"), "square": ("ML_demo_free", "EAAA_demo_")}
    for processor, (account_id, secret) in free.items():
        name = f"A free {processor.title()} account"
        simulator_door.put_account(processor, account_id, secret=f"{secret}free", name=name)


def _open_account(plan: BarberPlan, processor: str) -> dict[str, str]:
    prefix, name, field_name = {
        "stripe": ("acct_", "sk_test_demo_", "secret_key"),
        "square": ("ML_", "EAAA_demo_token_", "access_token"),
    }[processor]
    secret = f"{name}{plan.login}"
    simulator_door.put_account(
        processor,
        f"{prefix}demo_{plan.login}",
        secret=secret,
        name=plan.name,
        currencies=[plan.currency],
        default_currency=plan.currency,
    )
    return {field_name: secret}


def _create_user(login: str, role: Role, **fields: Any) -> User:
    email = f"{login}@{DOMAIN}"
    return User.objects.create_user(email, settings.DEMO_PASSWORD, role=role, **fields)


def _create_barber(plan: BarberPlan, shop: Shop, payer: User) -> None:
    user = _create_user(plan.login, Role.BARBER, name=plan.name)
    barber = Barber.objects.create(user=user, shop=shop, name=plan.name, time_zone=plan.time_zone)
    Service.objects.bulk_create(
        Service(barber=barber, name=name, price_minor=price, currency=plan.currency)
        for name, price in SERVICES
    )
    for number, name in enumerate(CLIENT_NAMES):
        Client.objects.create(barber=barber, name=name, user=payer if number == 0 else None)
