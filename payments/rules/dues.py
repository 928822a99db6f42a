"""What barbers come to owe besides commission of sales. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from bookedbarber.foundation.money import Money

from ..states import AccountCode, AccrualKind

# What the platform earns by it, or where else it comes from.
COUNTER_ACCOUNTS = {
    AccrualKind.COMMISSION: AccountCode.COMMISSION,
    AccrualKind.RENT: AccountCode.RENT,
    AccrualKind.PLATFORM_FEE: AccountCode.CHARGES,
    AccrualKind.LATE_FEE: AccountCode.CHARGES,
    AccrualKind.CARRIED_OVER: AccountCode.PAYABLE,
    # The money went back to the barber already, so giving in means giving up.
    AccrualKind.REPAID: AccountCode.WAIVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One accrual to be made; a negative amount is a credit.

    `corrected_kind` is the kind of what `corrects_id` names. `reference` makes it unique among
    the barber's accruals of its kind, so that a repeated request accrues once.
    """

    environment: str
    barber_id: int
    kind: AccrualKind
    amount: Money
    occurred_at: datetime
    reason: str = ""
    reference: str = ""
    corrects_id: int | None = None
    corrected_kind: AccrualKind | None = None
    rent_plan_id: int | None = None
    period_start: date | None = None
    period_end: date | None = None

    @property
    def counter_account(self) -> AccountCode:
        """What the receivable is posted against; an adjustment goes back the way it came."""
        return COUNTER_ACCOUNTS[self.corrected_kind or self.kind]
