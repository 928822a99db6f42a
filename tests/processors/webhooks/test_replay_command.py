from io import StringIO

import pytest
from django.core.management import call_command

from processors.models import WebhookEvent
from processors.operations.webhook_outcomes import Ignored

from .probes import handle, receive, write_down

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("replay_webhooks", *arguments, stdout=output)
    return output.getvalue().strip()


@pytest.fixture
def events(stripe_door, answering) -> list[WebhookEvent]:
    answering(lambda _reported: Ignored("not_wanted"))
    events = [receive(stripe_door) for _ in range(3)]
    handle()
    answering(write_down)
    return events


def test_one_is_taken_up_again_by_the_processors_id(events):
    assert run(events[0].event_id) == "1 webhook events are taken up again."
    assert handle() == 1


def test_all_of_a_state_are_taken_up_again(events):
    assert run("--all") == "0 webhook events are taken up again."
    assert run("--all", "--state=ignored") == "3 webhook events are taken up again."


def test_those_of_another_connection_are_left(events):
    assert run("--all", "--state=ignored", "--connection=0").startswith("0 ")


def test_a_dry_run_only_counts(events):
    said = run("--all", "--state=ignored", "--dry-run")

    assert said == "3 webhook events would be taken up again."
    assert handle() == 0


def test_nothing_is_replayed_unless_it_is_said_what(events):
    assert run().startswith("Nothing is replayed")
