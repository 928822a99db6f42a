"""Moving the simulator's clock, and starting over."""

from pydantic import BaseModel, ConfigDict

from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.identifiers import from_iso, to_iso
from processors.simulator.messages import Answer, json_answer

_HUNDRED_YEARS_SECONDS = 100 * 365 * 24 * 60 * 60


class _Move(BaseModel):
    model_config = ConfigDict(extra="forbid")

    advance_seconds: float | None = None
    now: str | None = None


def show(visit: Visit) -> Answer:
    clock = visit.simulation.clock
    return json_answer(
        200, {"now": to_iso(clock.now_ms()), "offset_seconds": clock.offset_ms / 1000}
    )


def move(visit: Visit) -> Answer:
    """Move by seconds or to a moment. What becomes due on the way is done before the answer."""
    wanted = read_model(_Move, read_fields(visit.request))
    if wanted.now is not None:
        visit.simulation.clock.set(_read_moment(wanted.now))
    elif wanted.advance_seconds is None:
        raise BadRequest("Send advance_seconds or now.", "advance_seconds")
    elif abs(wanted.advance_seconds) > _HUNDRED_YEARS_SECONDS:
        raise BadRequest("advance_seconds: is more than 100 years", "advance_seconds")
    else:
        visit.simulation.clock.advance(round(wanted.advance_seconds * 1000))
    return show(visit)


def _read_moment(text: str) -> int:
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        raise BadRequest(f"now: {text} is not an ISO 8601 moment", "now") from None


def reset(visit: Visit) -> Answer:
    visit.simulation.reset()
    return json_answer(200, {"reset": True})
