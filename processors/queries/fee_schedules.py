"""Which fees apply."""

from datetime import datetime

from bookedbarber.foundation.errors import Missing

from ..models import FeeSchedule


class NoFeeSchedule(Missing):
    """There is no fee schedule for this processor."""


def get_fee_schedule(processor: str, *, at: datetime) -> FeeSchedule:
    """
    :raises NoFeeSchedule: nothing is in force for the processor at that moment.
    """
    schedule = FeeSchedule.objects.in_force(processor, at=at).first()
    if schedule is None:
        raise NoFeeSchedule(processor=processor)
    return schedule
