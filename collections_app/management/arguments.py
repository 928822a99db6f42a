"""What commands read from their arguments."""

from django.core.management.base import CommandError

from ..models import PlatformCollection


def find_collection(public_id: str) -> PlatformCollection:
    """
    :raises CommandError: there is none of that id.
    """
    found = PlatformCollection.objects.filter(public_id=public_id).first()
    if found is None:
        raise CommandError(f"There is no collection {public_id}.")
    return found
