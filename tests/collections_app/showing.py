"""Collections that were announced just now, for pages and the API, which go by the real clock."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import OPERATOR, Role
from bookedbarber.console.operations.groups import seed_groups
from collections_app.models import PlatformCollection
from collections_app.operations.collections import move_due_collections
from tests import factories
from tests.collections_app.owing import build_one, create_owing_barber, refund, sell
from tests.payments.books import BY


def announce(**terms: Any) -> PlatformCollection:
    """100.00 less a refund of 30.00, and 60.00, at 20 %: 26.00 in three lines."""
    _, account = create_owing_barber(**terms)
    then = timezone.now() - timedelta(days=14)
    sale, _ = sell(account, 100_00, 60_00, at=then)
    refund(account, sale, 30_00, at=then)
    return build_one(now=timezone.now())


def announce_long_ago() -> PlatformCollection:
    """The same, due by now."""
    collection = announce()
    long_ago = timezone.now() - timedelta(days=1)
    PlatformCollection.objects.filter(pk=collection.pk).update(
        contest_until=long_ago, due_at=long_ago
    )
    move_due(timezone.now())
    collection.refresh_from_db()
    return collection


def move_due(now: datetime) -> None:
    move_due_collections(now=now, by=BY)


def create_operator() -> User:
    seed_groups()
    person = factories.create_user(Role.ADMIN)
    person.groups.add(Group.objects.get(name=OPERATOR))
    return person
