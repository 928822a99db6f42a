"""The join names what the rule names, for any two small sets of movements."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import ExternalTransaction, ListedMovement, ReconciliationRun
from payments.queries.comparisons import compare, list_found
from payments.rules.differences import Figures, classify
from tests import factories
from tests.payments.books import NOON, charge, record

pytestmark = pytest.mark.django_db

STATES = ["completed", "pending", "failed", "canceled"]


@st.composite
def figures(draw):
    return Figures(
        state=draw(st.sampled_from(STATES)),
        amount_minor=draw(st.sampled_from([2000, 2001, 2002, 2500])),
        tip_minor=draw(st.sampled_from([0, 1, 2, 300])),
        fee_minor=draw(st.sampled_from([None, 0, 88, 89, 90])),
        currency=draw(st.sampled_from(["USD", "CAD"])),
    )


pairs = st.lists(st.tuples(st.none() | figures(), st.none() | figures()), max_size=6)


def write(run, number, ours, theirs):
    name = f"object-{number}"
    columns = {
        "kind": "charge",
        "external_id": name,
        "group_id": name,
        "our_reference": "",
        "parent_external_id": "",
        "method": "card",
        "version": 1,
        "occurred_at": NOON,
    }
    if ours is not None:
        row = ExternalTransaction.objects.get(pk=record(run.connection, charge())[0])
        changes = {field: getattr(ours, field) for field in Figures.__slots__}
        ExternalTransaction.objects.filter(pk=row.pk).update(
            **columns, **changes, base_minor=0, digest=name
        )
    if theirs is not None:
        said = {field: getattr(theirs, field) for field in Figures.__slots__}
        ListedMovement.objects.create(run=run, **columns, **said)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pairs)
def test_the_join_and_the_rule_agree(db, sides):
    connection = factories.create_connection(factories.create_barber())
    run = ReconciliationRun.objects.create(
        connection=connection,
        requested_by="job:test",
        since=NOON - timedelta(days=1),
        until=NOON + timedelta(days=1),
        started_at=NOON,
    )
    for number, (ours, theirs) in enumerate(sides):
        write(run, number, ours, theirs)

    compare(run, unreadable=[])

    found = {one.external_id: one for chunk in list_found(run) for one in chunk}
    expected = {
        f"object-{number}": classify(ours, theirs, tolerance_minor=1)
        for number, (ours, theirs) in enumerate(sides)
        if ours or theirs
    }
    assert {name: one.kind for name, one in found.items()} == {
        name: kind for name, kind in expected.items() if kind is not None
    }
    for name, one in found.items():
        assert (one.ours, one.theirs) == sides[int(name.removeprefix("object-"))]
