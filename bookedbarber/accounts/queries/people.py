"""Who somebody is. Every API request begins with this."""

from bookedbarber.foundation.database import CompiledQuery

from ..models import User

_PEOPLE = CompiledQuery(lambda: User.objects.select_related("barber").filter(public_id=""))


def find_person(public_id: str) -> User | None:
    """The person with his barber, where he is one; one statement."""
    return next(iter(_PEOPLE.fetch(public_id)), None)
