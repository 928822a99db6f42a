"""A collection calculated anew: what is wrong is named, and corrected while nothing was taken."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookedbarber.foundation.models import AuditEntry
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations.payments_by_decision import pay_by_hand
from payments.models import Accrual, LedgerEntry
from tests.collections_app.owing import BUILD, build_one, create_owing_barber, refund, sell
from tests.payments.books import get_failed_checks, triggers_off

pytestmark = pytest.mark.django_db


def collect() -> PlatformCollection:
    """100.00 less a refund of 30.00, and 60.00, at 20 %: 26.00 in three lines."""
    _, account = create_owing_barber()
    sale, _ = sell(account, 100_00, 60_00)
    refund(account, sale, 30_00)
    return build_one()


def verify(collection: PlatformCollection, *options: str) -> dict[str, object]:
    out = StringIO()
    try:
        call_command("verify_collection", collection.public_id, "--json", *options, stdout=out)
    except CommandError:
        if not out.getvalue():
            raise
    said: dict[str, object] = json.loads(out.getvalue())
    return said


def get_codes(said: dict[str, object], name: str = "found") -> set[str]:
    return {fault["code"] for fault in said[name]}  # type: ignore[attr-defined]


def test_a_right_collection_is_right():
    collection = collect()
    out = StringIO()

    call_command("verify_collection", collection.public_id, stdout=out)

    assert "3 lines, calculated 26.00 USD, stored 26.00 USD: right." in out.getvalue()


def change_the_amount(collection: PlatformCollection) -> None:
    PlatformCollection.objects.filter(pk=collection.pk).update(amount_minor=99_00)


def change_a_line(collection: PlatformCollection) -> None:
    line = collection.lines.get(amount_minor=12_00)
    CollectionLine.objects.filter(pk=line.pk).update(amount_minor=13_00)
    PlatformCollection.objects.filter(pk=collection.pk).update(amount_minor=27_00)


def miscount(collection: PlatformCollection) -> None:
    PlatformCollection.objects.filter(pk=collection.pk).update(line_count=7)


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (change_the_amount, {"sum_differs"}),
        (change_a_line, {"line_differs", "sum_differs"}),
        (miscount, {"count_differs"}),
    ],
)
def test_what_differs_is_named_and_corrected_with_a_trace(
    spoil: Callable[[PlatformCollection], None], codes: set[str]
):
    collection = collect()
    spoil(collection)

    assert get_codes(verify(collection)) == codes
    assert get_codes(verify(collection, "--fix"), "left") == set()

    collection.refresh_from_db()
    assert (collection.amount_minor, collection.line_count) == (26_00, 3)
    assert AuditEntry.objects.get(subject=collection.public_id).action == "collection.corrected"
    assert get_failed_checks() == set()
    assert verify(collection, "--fix")["found"] == []


def test_a_sale_that_misses_a_step_gets_it_outstanding_and_the_collection_stays():
    collection = collect()
    with triggers_off():
        step = Accrual.objects.get(amount_minor=-6_00)
        collection.lines.get(accrual=step).delete()
        LedgerEntry.objects.filter(transaction__source_id=step.pk).delete()
        step.delete()
    PlatformCollection.objects.filter(pk=collection.pk).update(amount_minor=32_00, line_count=2)

    said = verify(collection, "--fix")

    assert get_codes(said) == {"commission_differs"}
    assert said["left"] == []
    again = Accrual.objects.get(amount_minor=-6_00)
    assert not again.collection_lines.exists()


def test_a_posting_that_differs_is_named_and_left_to_people():
    collection = collect()
    with triggers_off():
        LedgerEntry.objects.filter(amount_minor=12_00).update(amount_minor=11_00)

    said = verify(collection, "--fix")

    assert get_codes(said) == get_codes(said, "left") == {"posting_differs"}


def test_nothing_is_corrected_once_it_was_taken():
    collection = collect()
    pay_by_hand(collection=collection, reference="bank 1", by="usr_1", now=BUILD)
    change_the_amount(collection)

    with pytest.raises(CommandError, match="something was taken"):
        verify(collection, "--fix")

    assert get_codes(verify(collection)) == {"sum_differs", "taken_differs"}
    assert PlatformCollection.objects.get().amount_minor == 99_00
