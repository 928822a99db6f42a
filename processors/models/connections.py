import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import JSONField, Q, Value
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation import encryption
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.transitions import Transitions

from ..contract import AccountAccess
from ..states import (
    CONNECTION_TRANSITIONS,
    LIVE_CONNECTION_STATES,
    ConnectionRole,
    ConnectionState,
    Environment,
)

# The platform owns its accounts as this owner, which is no barber's id.
PLATFORM_OWNER_ID = 0


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: User) -> Self:
        """Connections of the barbers this person may see; the platform's only for admins."""
        return self.filter(get_visibility(user, "owner__"))

    def in_environment(self, environment: str) -> Self:
        return self.filter(environment=environment)

    def of_platform(self) -> Self:
        return self.filter(owner_id=PLATFORM_OWNER_ID)

    def of_barbers(self) -> Self:
        """Accounts that barbers take payments with; not those they are only paid out to."""
        return self.filter(role=ConnectionRole.BARBER)

    def listed(self) -> Self:
        """All but those that never came to be."""
        return self.exclude(state=ConnectionState.REMOVED)

    def alive(self) -> Self:
        """Those whose account we speak for: neither given back nor never got."""
        return self.filter(state__in=LIVE_CONNECTION_STATES)

    def refreshable(self, *, now: datetime) -> Self:
        """Those whose access is due to be renewed."""
        return self.alive().filter(is_authorized=True, refresh_at__lte=now)


class Connection(models.Model):
    """An account at a payment processor: a barber's, or the platform's (owner 0).

    Disconnecting keeps the row: debts, refunds and disputes on the account go on.
    """

    TRANSITIONS: ClassVar[Transitions] = CONNECTION_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "con")
    )
    owner = models.ForeignKey(
        Barber, models.DO_NOTHING, db_constraint=False, related_name="connections"
    )
    role = models.CharField(max_length=20, choices=ConnectionRole.choices)
    processor = models.CharField(max_length=20)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    account_id = models.CharField(max_length=100, help_text="The processor's name of the account.")
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=20, choices=ConnectionState.choices)
    disabled_at = models.DateTimeField(null=True, blank=True, help_text="Set by an operator.")
    connected_at = models.DateTimeField(default=timezone.now, help_text="The last time.")
    # Sales on the account bear commission from here on; reconnecting does not forgive any.
    first_connected_at = models.DateTimeField(default=timezone.now, editable=False)
    currencies = ArrayField(models.CharField(max_length=3), help_text="It settles in these.")
    abilities = ArrayField(models.CharField(max_length=20))
    fee_percent = models.DecimalField(max_digits=7, decimal_places=4)
    fee_fixed_minor = models.BigIntegerField()
    details = models.JSONField(default=dict, help_text="What the processor says of the account.")
    sealed_credentials = models.BinaryField()
    is_authorized = models.BooleanField(default=False, help_text="Connected by OAuth.")
    token_expires_at = models.DateTimeField(null=True, help_text="Empty: it does not expire.")
    refresh_at = models.DateTimeField(null=True, help_text="When its access is to be renewed.")
    revoke_at = models.DateTimeField(
        null=True, help_text="When its access is to be given back at the processor."
    )
    last_error = models.TextField(blank=True)
    error_count = models.PositiveIntegerField(default=0)
    last_checked_at = models.DateTimeField(null=True)
    last_transaction_at = models.DateTimeField(null=True)
    last_synced_at = models.DateTimeField(null=True)
    # As counted at the end of the last sync.
    transaction_count = models.PositiveBigIntegerField(default=0, db_default=0)
    charged_minor = models.JSONField(
        default=dict, db_default=Value({}, JSONField()), help_text="Taken so far, by currency."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["refresh_at"],
                condition=Q(refresh_at__isnull=False),
                name="connection_refresh",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["processor", "environment", "account_id"], name="connection_account_once"
            ),
            models.UniqueConstraint(
                fields=["processor", "environment"],
                condition=Q(role=ConnectionRole.PLATFORM)
                & ~Q(state__in=[ConnectionState.DISCONNECTED, ConnectionState.REMOVED]),
                name="connection_platform_once",
            ),
            models.CheckConstraint(
                condition=Q(role=ConnectionRole.PLATFORM, owner_id=PLATFORM_OWNER_ID)
                | (~Q(role=ConnectionRole.PLATFORM) & Q(owner_id__gt=PLATFORM_OWNER_ID)),
                name="connection_owner_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ConnectionState.values), name="connection_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(environment__in=Environment.values),
                name="connection_environment_is_known",
            ),
            models.CheckConstraint(
                condition=Q(fee_percent__gte=0, fee_percent__lte=100, fee_fixed_minor__gte=0),
                name="connection_fee_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.processor})"

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def is_platform(self) -> bool:
        return self.owner_id == PLATFORM_OWNER_ID

    @property
    def is_usable(self) -> bool:
        """Connected, not switched off by an operator, and able to take payments."""
        return (
            self.state == ConnectionState.CONNECTED
            and self.disabled_at is None
            and "payments" in self.abilities
        )

    def seal_credentials(self, credentials: Mapping[str, str]) -> None:
        """Replace the credentials; they are readable through `get_access` only."""
        text = json.dumps(dict(credentials), sort_keys=True)
        self.sealed_credentials = encryption.encrypt(text, row=self._seal_name)

    def get_access(self) -> AccountAccess:
        """
        :raises CannotDecrypt: the key is missing or the credentials are another row's.
        """
        text = encryption.decrypt(bytes(self.sealed_credentials), row=self._seal_name)
        return AccountAccess(
            processor=self.processor,
            environment=self.environment,
            account_id=self.account_id,
            credentials=json.loads(text),
        )

    def replace_credentials(self, fresh: Mapping[str, str]) -> None:
        """Put `fresh` in the place of those of the same names; the others stay."""
        self.seal_credentials({**self.get_access().credentials, **fresh})

    def reseal_credentials(self) -> bool:
        """Encrypt again with the first key; False when that was so already."""
        if encryption.is_current(bytes(self.sealed_credentials)):
            return False
        self.seal_credentials(self.get_access().credentials)
        return True

    @property
    def _seal_name(self) -> str:
        return f"connection:{self.public_id}"
