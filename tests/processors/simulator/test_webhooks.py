"""Events and their signed deliveries, verified by the SDKs' own verifiers."""

import json
from pathlib import Path
from typing import Any

import pytest
import stripe
from square.utils.webhooks_helper import verify_signature

from processors.simulator.server import start
from processors.simulator.signatures import sign_for_square
from tests.processors.simulator.conftest import CARD_SALE, RETRY_SECONDS, Sandbox, square_sale
from tests.processors.simulator.receiver import WebhookReceiver
from tests.waiting import wait_until

VECTORS = json.loads(
    (Path(__file__).parents[2] / "contracts" / "square_signatures.json").read_text()
)


def wait_for_state(sandbox: Sandbox, account_id: str, state: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        answer = sandbox.doors.get("deliveries", params={"account_id": account_id})
        found.extend(each for each in answer.json()["deliveries"] if each["state"] == state)
        return bool(found)

    wait_until(is_there)
    return found[0]


def test_stripe_events_arrive_signed(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    client = sandbox.new_stripe()
    endpoint = client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]}
    )
    intent = client.v1.payment_intents.create(
        CARD_SALE,
        {"idempotency_key": "k1"},
    )

    [received] = receiver.wait_for(1)

    signature = received.headers["stripe-signature"]
    event: Any = client.construct_event(received.body, signature, str(endpoint.secret))
    assert event.type == "payment_intent.succeeded"
    assert event.data.object.id == intent.id
    assert event.request.idempotency_key == "k1"
    assert client.v1.events.retrieve(event.id).data.object["id"] == intent.id
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(received.body + " ", signature, str(endpoint.secret))


def test_square_events_arrive_signed(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    subscription: Any = client.webhooks.subscriptions.create(
        subscription={
            "name": "ours",
            "event_types": ["payment.created", "payment.updated"],
            "notification_url": receiver.url,
        }
    ).subscription
    payment: Any = client.payments.create(**square_sale()).payment

    for received in receiver.wait_for(2):
        assert verify_signature(
            request_body=received.body,
            signature_header=received.headers["x-square-hmacsha256-signature"],
            signature_key=subscription.signature_key,
            notification_url=receiver.url,
        )
        event = json.loads(received.body)
        assert event["merchant_id"] == account.account_id
        assert event["data"]["id"] == payment.id
        assert event["data"]["object"]["payment"]["id"] == payment.id
        assert not any(name.startswith("_") for name in event["data"]["object"]["payment"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["source"])
def test_square_signatures_are_those_of_the_vendor(vector: dict[str, Any]) -> None:
    signature = sign_for_square(
        vector["body"].encode(), vector["signature_key"], vector["notification_url"]
    )

    assert (signature == vector["header"]) is vector["valid"]


def test_every_step_of_a_sale_is_an_event(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})
    client.v1.payment_intents.capture(held.id)
    client.v1.refunds.create({"payment_intent": held.id})

    types = [event.type for event in client.v1.events.list().data]

    assert types[::-1] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    ]
    some = client.v1.events.list({"types": ["charge.captured", "refund.created"]}).data
    assert [event.type for event in some] == ["refund.created", "charge.captured"]
    first = client.v1.events.list({"limit": 2})
    assert [event.type for event in first.auto_paging_iter()] == types


def test_a_refusal_is_tried_again(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    receiver.statuses = [500, 302]
    account = sandbox.put_account(
        "stripe",
        webhook={"url": receiver.url, "secret": "whsec_known", "events": ["charge.succeeded"]},
    )
    client = sandbox.stripe_client(account.secret)
    client.v1.payment_intents.create(CARD_SALE)

    bodies = {received.body for received in receiver.wait_for(3)}

    assert len(bodies) == 1
    delivery = wait_for_state(sandbox, account.account_id, "delivered")
    assert (delivery["attempts"], delivery["last_status"]) == (3, 200)


def test_after_the_last_attempt_a_delivery_has_failed(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    receiver.statuses = [500] * 9
    account = sandbox.put_account("stripe", webhook={"url": receiver.url, "secret": "whsec_known"})
    sandbox.stripe_client(account.secret).v1.customers.create({"name": "Ann"})

    delivery = wait_for_state(sandbox, account.account_id, "failed")

    assert delivery["attempts"] == len(RETRY_SECONDS) + 1


@pytest.mark.parametrize("url", ["http://192.0.2.1/hooks", "http://127.0.0.1:9/hooks"])
def test_only_this_machine_is_delivered_to(sandbox: Sandbox, url: str) -> None:
    account = sandbox.put_account("stripe", webhook={"url": url, "secret": "whsec_known"})
    sandbox.stripe_client(account.secret).v1.customers.create({"name": "Ann"})

    delivery = wait_for_state(sandbox, account.account_id, "failed")

    expected = "not this machine" if "192" in url else "refused"
    assert expected in delivery["last_error"]


def test_an_endpoint_is_changed_and_deleted_and_hides_its_secret(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    client = sandbox.new_stripe()
    hook = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    client.v1.webhook_endpoints.update(hook.id, {"disabled": True})
    client.v1.customers.create({"name": "unheard"})

    read = client.v1.webhook_endpoints.retrieve(hook.id)
    listed = client.v1.webhook_endpoints.list().data
    client.v1.webhook_endpoints.delete(hook.id)

    assert (hook.status, read.status) == ("enabled", "disabled")
    assert "secret" not in read.to_dict()
    assert [each.id for each in listed] == [hook.id]
    assert client.v1.webhook_endpoints.list().data == []
    assert receiver.received == []


def test_subscriptions_are_changed_tested_and_deleted(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    client = sandbox.new_square()
    made: Any = client.webhooks.subscriptions.create(
        subscription={"event_types": ["payment.created"], "notification_url": receiver.url}
    ).subscription

    result: Any = client.webhooks.subscriptions.test(
        made.id, event_type="payment.created"
    ).subscription_test_result
    key = client.webhooks.subscriptions.update_signature_key(made.id).signature_key
    changed: Any = client.webhooks.subscriptions.update(
        made.id, subscription={"enabled": False}
    ).subscription

    assert (result.status_code, len(receiver.received)) == (200, 1)
    assert key not in (None, made.signature_key)
    assert (changed.enabled, changed.signature_key) == (False, key)
    assert list(client.webhooks.subscriptions.list()) == []
    assert [each.id for each in client.webhooks.subscriptions.list(include_disabled=True)] == [
        made.id
    ]
    client.webhooks.subscriptions.delete(made.id)
    assert list(client.webhooks.subscriptions.list(include_disabled=True)) == []


def test_a_platform_hears_of_its_connected_accounts(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    platform = sandbox.put_account("stripe")
    connected = sandbox.put_account("stripe", platform=platform.account_id)
    client = sandbox.stripe_client(platform.secret)
    client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["customer.created"], "connect": True}
    )

    client.v1.customers.create({"name": "own"})
    client.v1.customers.create({"name": "theirs"}, {"stripe_account": connected.account_id})

    [received] = receiver.wait_for(1)
    event = json.loads(received.body)
    assert event["account"] == connected.account_id
    assert event["data"]["object"]["name"] == "theirs"


def test_what_was_not_delivered_is_delivered_after_a_restart(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    state = tmp_path / "state.sqlite3"
    first = start(state=state, webhook_retry_seconds=(0.4,))
    receiver.statuses = [503]
    sandbox = Sandbox(first.url)
    with sandbox.closing:
        hook = {"url": receiver.url, "secret": "whsec_known", "events": ["customer.created"]}
        account = sandbox.put_account("stripe", webhook=hook)
        sandbox.stripe_client(account.secret).v1.customers.create({"name": "Ann"})
        receiver.wait_for(1)
    first.stop()

    second = start(state=state, webhook_retry_seconds=(0.4,))
    assert len(receiver.wait_for(2)) == 2
    second.stop()
