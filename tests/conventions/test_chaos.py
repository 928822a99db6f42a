"""`bin/chaos` takes minutes; that its mutants still fit the source is known at once."""

from dataclasses import replace

import pytest

from tests.chaos.collecting.plan import METHODS as WAYS_TO_PAY
from tests.chaos.collecting.plan import Plan as CollectionsPlan
from tests.chaos.leans import LEANS
from tests.chaos.mix import ENDINGS, METHODS, REFUNDS
from tests.chaos.mutant_parts import Mutant
from tests.chaos.mutant_table import MUTANTS
from tests.chaos.mutants import TextNotFound, check_texts
from tests.chaos.plan import DISRUPTIONS, FAULTS, make_plan

from .sources import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_that_a_mutant_replaces_is_there_once(mutant):
    check_texts(mutant, ROOT)


def test_a_mutant_whose_text_is_gone_is_an_error(tmp_path):
    edit = MUTANTS[0].edits[0]
    changed = tmp_path / edit.path
    changed.parent.mkdir(parents=True)
    changed.write_text("rewritten")

    with pytest.raises(TextNotFound):
        check_texts(Mutant(MUTANTS[0].name, (edit,)), tmp_path)


@pytest.mark.parametrize("lean", LEANS)
def test_the_same_seed_plans_the_same(lean):
    assert make_plan(payments=60, seed=7, lean=lean) == make_plan(payments=60, seed=7, lean=lean)
    assert make_plan(payments=60, seed=7, lean=lean) != make_plan(payments=60, seed=8, lean=lean)


@pytest.mark.parametrize("payments", [40, 200, 2000])
def test_every_kind_of_fault_and_disruption_is_planned(payments):
    plan = make_plan(payments=payments, seed=3)

    assert {rule["kind"] for rule in plan.faults} == set(FAULTS)
    assert {each.kind for each in plan.disruptions} == set(DISRUPTIONS)
    assert len(plan.sales) > 0
    assert plan.events["drop"] > 0
    assert all(0 < each.at < payments for each in plan.disruptions)


def test_two_hundred_payments_are_given_back_in_every_way():
    plan = make_plan(payments=200, seed=3)

    assert {each.refund.act for each in plan.payments} == set(REFUNDS)
    assert {each.ending for each in plan.sales if each.refund_minor} == set(ENDINGS)
    assert {each.method for each in plan.sales} == set(METHODS)


@pytest.mark.parametrize("lean", [name for name, lean in LEANS.items() if not lean.reads_lists])
def test_where_no_list_is_read_no_event_is_lost(lean):
    plan = make_plan(payments=200, seed=3, lean=lean)

    assert plan.events["drop"] == 0
    assert not {each.kind for each in plan.disruptions} & {"sync_at_once", "kill_sync"}


def test_weeks_of_sales_are_planned_the_same_and_each_movement_is_heard_of_once():
    plan = CollectionsPlan(seed=7, barbers=12, periods=3, transactions=1000)
    planned = [each for week in range(3) for each in plan.list_movements(week)]

    heard = [
        each
        for week in range(4)
        for phase in ("load", "build")
        for each in plan.list_heard(phase, week)
    ]

    assert plan.list_barbers() == replace(plan).list_barbers()
    assert plan.list_movements(0) != replace(plan, seed=8).list_movements(0)
    assert {each.method for each in plan.list_barbers()} == set(WAYS_TO_PAY)
    assert sorted(each.name for each in heard) == sorted(each.name for each in planned)
    assert len({each.name for each in planned}) == len(planned) == 1000
