"""What the platform owes the demo's barbers goes to accounts of theirs."""

from datetime import datetime

from django.conf import settings

from bookedbarber.accounts.models import Barber
from payments.operations.payout_destinations import set_payout_destination
from payments.operations.payouts import pay_out
from payments.states import Mode

from . import simulator_door
from .people import BY, BarberPlan


def pay_out_barber(plan: BarberPlan, barber: Barber, *, now: datetime) -> int:
    """Open the barber's account for payouts at the simulator and pay him what can be paid.

    Who is not paid by the platform needs none. Returns how many payouts were made.
    """
    if plan.mode == Mode.DECENTRALIZED:
        return 0
    account_id = f"acct_demo_payouts_{plan.login}"
    simulator_door.put_account(
        "stripe",
        account_id,
        secret=f"sk_test_demo_payouts_{plan.login}",
        name=f"{plan.name}'s payouts",
        platform=settings.STRIPE_ACCOUNT_ID,
        currencies=[plan.currency],
        default_currency=plan.currency,
    )
    set_payout_destination(barber=barber, account_id=account_id, by=BY, now=now)
    return len(pay_out(by=BY, now=now, barber_ids=[barber.pk]))
