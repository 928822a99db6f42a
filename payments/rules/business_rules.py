"""Thresholds that cannot have been meant, and what they become. Pure."""

from bookedbarber.foundation.money import Money, get_decimal_places

# Major units, in whichever currency the thresholds are.
MOST_MIN_EXTERNAL, USUAL_MIN_EXTERNAL = 1000, 50
LEAST_MAX_PLATFORM, USUAL_MAX_PLATFORM = 10, 200


def repair_thresholds(
    min_external: Money | None, max_platform: Money | None
) -> tuple[Money | None, Money | None]:
    """The thresholds with nonsense replaced; sensible ones come back as they are.

    An external minimum above 1000 keeps every sale from the barber's account, a platform maximum
    below 10 keeps every sale from the platform, and a minimum above the maximum contradicts it.
    """
    if min_external is not None and min_external > _to_money(MOST_MIN_EXTERNAL, min_external):
        min_external = _to_money(USUAL_MIN_EXTERNAL, min_external)
    if max_platform is not None and max_platform < _to_money(LEAST_MAX_PLATFORM, max_platform):
        max_platform = _to_money(USUAL_MAX_PLATFORM, max_platform)
    if min_external is not None and max_platform is not None and min_external > max_platform:
        min_external = min(_to_money(USUAL_MIN_EXTERNAL, max_platform), max_platform)
    return min_external, max_platform


def _to_money(major: int, like: Money) -> Money:
    return Money(major * 10 ** get_decimal_places(like.currency), like.currency)
