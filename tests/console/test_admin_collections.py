"""Collections and rent in the admin: operators decide, each act once, everything with a trace."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from bookedbarber.accounts.roles import AUDITOR, OPERATOR, Role
from bookedbarber.console.operations.groups import seed_groups
from bookedbarber.foundation.models import StateChange
from collections_app.models import PlatformCollection, RentPlan
from collections_app.operations.contests import contest_line
from payments.models import Accrual
from tests import factories
from tests.collections_app.showing import announce, announce_long_ago
from tests.collections_app.taking import create_payer, list_debits, owe
from tests.payments.books import at_once, get_balances, get_failed_checks

SUBMITTED = {"_form_submitted": "True"}


@pytest.fixture
def log_in(db: None, as_person):
    def log_in(group: str):
        seed_groups()
        user = factories.create_user(Role.ADMIN)
        user.groups.add(Group.objects.get(name=group))
        return as_person(user)

    return log_in


def act(row, name: str) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("name", "typed", "state"),
    [
        ("waive", {"reason": "Flood"}, "waived"),
        ("cancel", {"reason": "Wrong week"}, "canceled"),
        ("mark_paid", {"reference": "wire 7"}, "collected"),
    ],
)
def test_an_operator_decides_once_and_nobody_else_does(log_in, name, typed, state):
    collection = announce()

    refused = log_in(AUDITOR).post(act(collection, name), SUBMITTED | typed)
    operator = log_in(OPERATOR)
    done = operator.post(act(collection, name), SUBMITTED | typed)
    operator.post(act(collection, name), SUBMITTED | typed)

    collection.refresh_from_db()
    assert refused.status_code == 403
    assert (messages_of(done), collection.state) == (["Done: 1."], state)
    moves = StateChange.objects.filter(subject=collection.public_id)
    assert [move.after for move in moves] == [state]
    assert get_failed_checks() == set()


def test_without_a_reason_nothing_is_waived(log_in):
    collection = announce()

    log_in(OPERATOR).post(act(collection, "waive"), {**SUBMITTED, "reason": "  "})

    collection.refresh_from_db()
    assert collection.state == "pending"


def test_what_cannot_be_taken_again_says_why(log_in):
    collection = announce_long_ago()

    response = log_in(OPERATOR).post(
        act(collection, "retry"), {**SUBMITTED, "method": "", "reason": "He asked"}
    )

    assert "There is no saved payment method to debit" in messages_of(response)[0]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_try_again_debits_once(platform, simulator, log_in):
    collection = owe(create_payer(simulator))
    operator = log_in(OPERATOR)

    def click() -> list[str]:
        typed = {**SUBMITTED, "method": "", "reason": "He asked"}
        return messages_of(operator.post(act(collection, "retry"), typed))

    said = at_once([click] * 2)

    collection.refresh_from_db()
    assert sorted(len(words) for words in said) == [1, 1]
    assert [words for words in said if words == ["Done: 1."]] == [["Done: 1."]]
    assert list_debits(simulator, platform.account_id) == [("charge", 50_00)]
    assert (collection.state, collection.attempts.count()) == ("collected", 1)
    assert get_failed_checks() == set()


def test_a_contest_is_upheld_or_rejected_on_its_line(log_in):
    collection = announce()
    by = collection.barber.user.public_id
    lines = [collection.lines.get(amount_minor=minor) for minor in (12_00, 20_00)]
    for line in lines:
        contest_line(line=line, reason="No", by=by, now=timezone.now())
    operator = log_in(OPERATOR)

    operator.post(act(lines[0], "uphold"), {**SUBMITTED, "reason": "He is right"})
    operator.post(act(lines[1], "reject"), {**SUBMITTED, "reason": "He is wrong"})

    decisions = [collection.lines.get(pk=line.pk).decision for line in lines]
    assert decisions == ["upheld", "rejected"]
    assert get_balances(barber_id=collection.barber_id) == {"receivable": 14_00}
    assert get_failed_checks() == set()


def test_a_rent_is_agreed_on_and_ended(log_in):
    barber = factories.create_barber()
    operator = log_in(OPERATOR)
    today = timezone.now().date()
    typed = {
        "barber_id": barber.pk,
        "amount": "150.00",
        "currency": "USD",
        "frequency": "weekly",
        "starts_on": today.isoformat(),
    }
    agree = reverse("admin:collections_app_rentplan_agree")

    said = operator.post(agree, SUBMITTED | typed)
    overlapping = operator.post(agree, SUBMITTED | typed)
    plan = RentPlan.objects.get()
    ends_on = (today + timedelta(days=10)).isoformat()
    operator.post(act(plan, "end"), {**SUBMITTED, "ends_on": ends_on, "reason": "Left"})

    plan.refresh_from_db()
    assert f"{barber} pays 150.00 USD" in messages_of(said)[0]
    assert "Another rent plan" in messages_of(overlapping)[-1]
    assert plan.ends_on == date.fromisoformat(ends_on)
    assert not Accrual.objects.exists()


def test_a_collections_page_shows_lines_rates_and_postings(log_in):
    collection = announce(commission_rate=20)

    page = log_in(OPERATOR).get(act(collection, "change")).content.decode()

    for words in ("Commission given back", "20 %", "terms in force from", "receivable"):
        assert words in page
    assert PlatformCollection.objects.get().public_id in page
