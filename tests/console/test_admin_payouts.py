"""Payouts and disputes in the admin: found, filtered, acted on by operators only."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from bookedbarber.accounts.roles import AUDITOR, OPERATOR, Role
from bookedbarber.console.operations.groups import seed_groups
from bookedbarber.foundation.models import StateChange
from payments.models import Payout
from payments.states import PayoutState
from tests import factories
from tests.payments.disputes import a_statement, note
from tests.payments.payouts import create_destination, lose_answer, reserve, sell

SUBMITTED = {"_form_submitted": "True"}


@pytest.fixture
def log_in(db: None, as_person):
    def log_in(group: str):
        seed_groups()
        user = factories.create_user(Role.ADMIN)
        user.groups.add(Group.objects.get(name=group))
        return as_person(user)

    return log_in


@pytest.fixture
def unknown(db: None) -> Payout:
    barber = factories.create_barber()
    create_destination(barber)
    platform = factories.create_platform_connection()
    sell(platform, barber)
    return lose_answer(reserve(barber))


def act(payout: Payout, name: str) -> str:
    return reverse(f"admin:payments_payout_{name}", args=[payout.pk])


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_payout_that_was_never_made_is_closed_with_a_reason(log_in, unknown):
    Payout.objects.update(created_at=timezone.now() - timedelta(days=2))

    response = log_in(OPERATOR).post(
        act(unknown, "close_unmade"), {**SUBMITTED, "reason": "not in the dashboard"}
    )

    unknown.refresh_from_db()
    move = StateChange.objects.filter(subject=unknown.public_id).latest("pk")
    assert messages_of(response) == ["Done: 1."]
    assert (unknown.state, move.reason) == (PayoutState.FAILED, "not in the dashboard")
    assert not unknown.lines.filter(released_at=None).exists()


def test_what_may_still_be_made_is_not_closed(log_in, unknown):
    Payout.objects.update(created_at=timezone.now())

    response = log_in(OPERATOR).post(
        act(unknown, "close_unmade"), {**SUBMITTED, "reason": "impatience"}
    )

    unknown.refresh_from_db()
    assert "may still be repeated" in messages_of(response)[0]
    assert unknown.state == PayoutState.UNKNOWN


@pytest.mark.parametrize("name", ["ask_now", "close_unmade"])
def test_an_auditor_acts_on_no_payout(log_in, unknown, name):
    response = log_in(AUDITOR).post(act(unknown, name), {**SUBMITTED, "reason": "mine"})

    assert response.status_code == 403


def test_an_auditor_starts_no_payouts(log_in):
    response = log_in(AUDITOR).post(reverse("admin:payments_payout_create_now"), SUBMITTED)

    assert response.status_code == 403


def test_paying_out_when_nothing_is_owed_says_so(log_in):
    response = log_in(OPERATOR).post(reverse("admin:payments_payout_create_now"), SUBMITTED)

    assert messages_of(response) == ["Payouts made: 0."]


def test_setting_an_account_without_a_platform_says_why(log_in):
    barber = factories.create_barber()
    address = reverse("admin:payments_payoutdestination_set_destination")

    response = log_in(OPERATOR).post(
        address, {**SUBMITTED, "barber_id": barber.pk, "account_id": "acct_1"}
    )

    assert "no connected account at this processor" in messages_of(response)[0]


@pytest.mark.parametrize(
    ("due", "wanted"), [("over", "over"), ("2", "tomorrow"), ("7", "tomorrow")]
)
def test_disputes_are_filtered_by_deadline(log_in, due, wanted):
    platform, barber = factories.create_platform_connection(), factories.create_barber()
    now = timezone.now()
    deadlines = {"over": now - timedelta(days=1), "tomorrow": now + timedelta(days=1)}
    disputes = {
        name: note(platform, a_statement(sell(platform, barber), due_by=moment))
        for name, moment in deadlines.items()
    }

    page = log_in(OPERATOR).get(f"{reverse('admin:payments_dispute_changelist')}?due={due}")

    shown = {name for name, row in disputes.items() if row.public_id in page.content.decode()}
    assert shown == {wanted}
