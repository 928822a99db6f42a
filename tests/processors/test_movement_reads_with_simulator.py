"""Each processor describes one payment when it is asked for it by its name."""

from datetime import UTC, datetime, timedelta

import pytest

from bookedbarber.foundation.money import Money
from processors.contract import MovementReads
from processors.errors import RequestRefused
from processors.registry import get_adapter

SALE = {"amount_minor": 20_00, "tip_minor": 4_00, "currency": "USD", "reference": "leg_1"}
NOTHING = {"stripe": "ch_nothing", "square": "nothing"}


@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_a_payment_by_its_name_has_its_tip_and_fee(simulator, processor):
    account = simulator.create_account(processor, currencies=["USD"])
    simulator.record_sales(account, [SALE | {"occurred_at": _say_now()}])
    [moved] = simulator.journal(account.account_id)
    reads = get_adapter(account.get_access(), MovementReads)

    movement = reads.retrieve_movement(moved["object_id"])

    assert (movement.amount, movement.tip) == (Money(24_00, "USD"), Money(4_00, "USD"))
    assert movement.fee == Money(moved["fee_minor"], "USD")
    with pytest.raises(RequestRefused):
        reads.retrieve_movement(NOTHING[processor])


def test_a_payment_of_another_location_is_none_of_this_one(simulator):
    account = simulator.create_account("square", currencies=["USD"])
    simulator.record_sales(account, [SALE | {"occurred_at": _say_now()}])
    [moved] = simulator.journal(account.account_id)
    reads = get_adapter(account.get_access(location_id="LANOTHER"), MovementReads)

    with pytest.raises(RequestRefused):
        reads.retrieve_movement(moved["object_id"])


def _say_now() -> str:
    """A second ago: the simulator's clock knows no part of a millisecond."""
    return (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
