"""What is recorded, and what became of it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal

from processors.contract import Movement, list_sides
from processors.models import PLATFORM_OWNER_ID, Connection

from ...models import PaymentLeg
from ...states import Purpose, TransactionKind, TransactionState

# Names one object of a processor: (connection id, kind, external id).
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class MovementFact:
    """A movement and the account it happened on.

    `leg`: the leg that the caller knows it to be of, as it now stands, with its payment and
    barber; it saves looking it up by our reference.
    """

    connection: Connection
    movement: Movement
    leg: PaymentLeg | None = None

    @property
    def key(self) -> Key:
        return self.connection.pk, self.movement.kind.value, self.movement.external_id

    def list_sides(self) -> list["MovementFact"]:
        """It, and the sides of its conversion, which are of no leg."""
        if self.movement.conversion is None:
            return [self]
        movement, *sides = list_sides(self.movement)
        alone = replace(self, movement=movement)
        return [alone, *(MovementFact(self.connection, side) for side in sides)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row that is new or changed, as it now stands; amounts in minor units."""

    id: int
    owner_id: int
    connection_id: int
    kind: str
    external_id: str
    parent_id: int | None
    sale_id: int | None
    barber_id: int | None
    payment_id: int | None
    purpose: str
    state: str
    amount_minor: int
    fee_minor: int | None
    currency: str
    base_minor: int
    commission_rate: Decimal
    occurred_at: datetime
    environment: str
    is_new: bool = False
    is_awaited: bool = False

    @property
    def key(self) -> Key:
        return self.connection_id, self.kind, self.external_id

    @property
    def is_on_platform(self) -> bool:
        return self.owner_id == PLATFORM_OWNER_ID

    @property
    def is_completed(self) -> bool:
        return self.state == TransactionState.COMPLETED

    @property
    def is_charge(self) -> bool:
        return self.kind == TransactionKind.CHARGE

    @property
    def is_unexplained(self) -> bool:
        return self.purpose == Purpose.UNEXPLAINED

    @property
    def is_debit(self) -> bool:
        return self.purpose == Purpose.DEBIT

    @property
    def is_commission(self) -> bool:
        return self.purpose == Purpose.COMMISSION

    @property
    def root_id(self) -> int | None:
        """The charge that it belongs to, itself included."""
        return self.id if self.is_charge else self.sale_id


_BESIDE = {"environment", "is_new", "is_awaited"}
_COLUMNS = tuple(column.name for column in fields(Recorded) if column.name not in _BESIDE)


def list_columns(movement: str, account: str) -> str:
    """What `Recorded` is read from, of these two tables."""
    return ", ".join(f"{movement}.{column}" for column in _COLUMNS) + f", {account}.environment"
