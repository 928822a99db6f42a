import pytest

from processors.contract import AccountAccess, AccountChecks
from processors.errors import AnswerLost, CredentialsRefused
from processors.registry import get_adapter
from tests.processors.examples import load_examples
from tests.processors.raw_server import answers, in_turn
from tests.processors.stripe import samples

ACCOUNT = answers(load_examples("stripe")["account"])


@pytest.fixture
def checks(raw_server, settings):
    settings.STRIPE_API_BASE = raw_server.url
    access = AccountAccess(
        processor="stripe",
        environment="sandbox",
        account_id="",
        credentials=samples.CREDENTIALS,
    )
    return get_adapter(access, AccountChecks)


def test_a_key_that_may_not_read_the_balance_is_refused(checks, raw_server):
    status, body, _ = samples.REFUSALS["no permission"]
    raw_server.answer = in_turn(ACCOUNT, answers(body, status))

    with pytest.raises(CredentialsRefused):
        checks.describe_account()


def test_a_balance_that_got_lost_is_lost(checks, raw_server):
    raw_server.answer = in_turn(ACCOUNT, answers({}, 500))

    with pytest.raises(AnswerLost):
        checks.describe_account()
