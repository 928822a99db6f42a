"""Several builders at once, and one that dies at any boundary: each accrual in one collection."""

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations import building
from collections_app.operations.building import build_collections
from payments.models import Accrual
from tests.collections_app.owing import BUILD, create_owing_barber, sell
from tests.killing import die_at
from tests.payments.books import BY, at_once, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)


def build() -> int:
    return len(build_collections(now=BUILD, by=BY).collection_ids)


def create_debtors(count: int) -> None:
    for _ in range(count):
        sell(create_owing_barber()[1], 100_00, 50_00)


def check_that_all_is_collected_once(barbers: int) -> None:
    assert PlatformCollection.objects.count() == OutgoingMail.objects.count() == barbers
    assert CollectionLine.objects.count() == Accrual.objects.count() == 2 * barbers
    collected = PlatformCollection.objects.aggregate(sum=Sum("amount_minor"))["sum"]
    assert collected == barbers * 30_00
    assert get_failed_checks() == set()


@pytest.mark.parametrize("batch", [building.BATCH, 7])
def test_four_builders_at_once_collect_everything_once(batch, monkeypatch):
    monkeypatch.setattr(building, "BATCH", batch)
    create_debtors(30)

    made = at_once([build] * 4)

    assert sum(made) + build() == 30
    check_that_all_is_collected_once(30)


def test_a_builder_that_dies_anywhere_leaves_all_or_nothing():
    create_debtors(3)

    boundary = 1
    while die_at(boundary, build):
        assert PlatformCollection.objects.count() in {0, 3}
        boundary += 1

    assert boundary > 2
    check_that_all_is_collected_once(3)


def test_the_database_has_the_last_word_about_an_accrual():
    create_debtors(1)
    build()
    line = CollectionLine.objects.first()

    line.pk = None
    with pytest.raises(IntegrityError, match="collection_line_accrual_once"):
        line.save(force_insert=True)
