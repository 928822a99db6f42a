"""Our applications at the processors: what is sent, and what is made of each answer."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from processors import registry
from processors.errors import AnswerLost, CredentialsRefused, ProcessorNotReached, RequestRefused
from processors.registry import UnknownProcessor
from tests.processors.oauth.samples import CREDENTIALS, REFUSALS, WORDS
from tests.processors.raw_server import answers, truncates

REDIRECT = "https://pay.example.com/back"
each_processor = pytest.mark.parametrize("processor", sorted(WORDS))


@pytest.fixture
def words(processor, settings, raw_server):
    for name in WORDS[processor].base_settings:
        setattr(settings, name, raw_server.url)
    settings.STRIPE_CLIENT_ID = settings.SQUARE_APPLICATION_ID = "client_1"
    settings.STRIPE_SECRET_KEY = settings.SQUARE_APPLICATION_SECRET = "sk_application_secret"
    return WORDS[processor]


@pytest.fixture
def application(processor, words):
    return registry.get_application(processor)


@each_processor
def test_the_owner_is_sent_to_the_processors_page_with_our_state(application, words, raw_server):
    url = urlsplit(application.get_authorize_url(state="st ate/1", redirect_url=REDIRECT))

    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}" == raw_server.url
    assert url.path.endswith("/authorize")
    assert asked["client_id"] == "client_1"
    assert (asked["state"], asked["redirect_uri"]) == ("st ate/1", REDIRECT)
    assert "secret" not in url.query
    assert raw_server.requests == []


@each_processor
def test_a_code_is_exchanged_for_access(application, words, raw_server):
    raw_server.answer = answers(words.granted)

    grant = application.exchange_code("code_1", redirect_url=REDIRECT)

    (sent,) = raw_server.requests
    assert (sent.method, sent.path) == ("POST", words.token_path)
    assert b"code_1" in sent.body
    assert b"authorization_code" in sent.body
    assert b"sk_application_secret" in sent.body
    assert (grant.account_id, grant.credentials) == ("acct_of_the_owner", words.granted_credentials)
    expected = datetime(2027, 2, 14, 8, tzinfo=UTC) if "expires_at" in words.granted else None
    assert grant.expires_at == expected
    assert "of-the-account" not in repr(grant)


@each_processor
def test_access_is_renewed_with_the_refresh_token(application, words, raw_server):
    raw_server.answer = answers(words.granted)

    grant = application.refresh(CREDENTIALS)

    assert b"refresh_secret_1" in raw_server.requests[0].body
    assert grant.credentials == words.granted_credentials


@each_processor
def test_without_a_refresh_token_nobody_is_asked(application, raw_server):
    with pytest.raises(RequestRefused):
        application.refresh({})

    assert raw_server.requests == []


@pytest.mark.parametrize(("processor", "status", "body", "error"), REFUSALS)
def test_what_a_refusal_says_of_whom(
    processor, application, raw_server, settings, status, body, error
):
    settings.PROCESSOR_RETRIES = 0
    raw_server.answer = answers(body, status)

    with pytest.raises(error) as raised:
        application.refresh(CREDENTIALS)

    assert type(raised.value) is error
    said = f"{raised.value} {raised.value.details}"
    assert "EAAA-quoted" not in said
    assert "refresh_secret" not in said


@each_processor
@pytest.mark.parametrize("left_out", ["access_token", "refresh_token"])
def test_access_without_its_tokens_is_not_understood(application, words, raw_server, left_out):
    raw_server.answer = answers({**words.granted, left_out: ""})

    with pytest.raises(AnswerLost, match=left_out):
        application.exchange_code("code_1", redirect_url=REDIRECT)


@each_processor
def test_an_answer_that_breaks_off_is_lost(application, words, raw_server):
    raw_server.answer = truncates(words.granted)

    with pytest.raises(AnswerLost):
        application.exchange_code("code_1", redirect_url=REDIRECT)


@each_processor
def test_nobody_at_the_other_end(application, words, settings, closed_port_url):
    for name in words.base_settings:
        setattr(settings, name, closed_port_url)

    with pytest.raises(ProcessorNotReached):
        application.refresh(CREDENTIALS)


def test_live_access_is_refused_in_the_sandbox(settings, raw_server):
    settings.STRIPE_CONNECT_BASE = raw_server.url
    raw_server.answer = answers({**WORDS["stripe"].granted, "livemode": True})

    with pytest.raises(CredentialsRefused, match="not for sandbox"):
        registry.get_application("stripe").exchange_code("code_1", redirect_url=REDIRECT)


@each_processor
def test_access_is_given_back_for_the_account(application, words, raw_server):
    raw_server.answer = answers(words.revoked)

    application.revoke("acct_of_the_owner", CREDENTIALS)

    (sent,) = raw_server.requests
    assert (sent.path, b"acct_of_the_owner" in sent.body) == (words.revoke_path, True)
    assert "sk_application_secret" in sent.headers["authorization"]


@each_processor
def test_what_is_gone_need_not_be_given_back(application, words, raw_server):
    raw_server.answer = answers(words.gone[1], words.gone[0])

    application.revoke("acct_of_the_owner", CREDENTIALS)


@each_processor
def test_giving_back_for_another_account_is_not_understood(application, words, raw_server):
    raw_server.answer = answers({"success": False, "stripe_user_id": "acct_other"})

    with pytest.raises(AnswerLost):
        application.revoke("acct_of_the_owner", CREDENTIALS)


@pytest.mark.parametrize("missing", ["SQUARE_APPLICATION_ID", "SQUARE_APPLICATION_SECRET"])
def test_an_application_without_id_or_secret_is_not_configured(settings, missing):
    assert registry.is_application_configured("square")
    setattr(settings, missing, "")

    assert not registry.is_application_configured("square")


def test_there_is_no_application_at_a_processor_we_do_not_know():
    with pytest.raises(UnknownProcessor):
        registry.get_application("abacus")
