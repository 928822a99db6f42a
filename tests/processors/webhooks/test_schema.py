"""What the OpenAPI description says of webhook addresses is what they do."""

import pytest

from processors.registry import ADAPTERS, get_webhooks
from tests.processors.webhooks.doors import stripe_event

pytestmark = pytest.mark.django_db

OWN = "/api/v1/webhooks/{processor}/{connection_id}"


@pytest.fixture
def schema(client):
    answer = client.get("/api/v1/schema/", headers={"accept": "application/json"})
    return answer.json()


def check_answer(schema, act, answer) -> None:
    said = schema["paths"][OWN][act]["responses"][str(answer.status_code)]
    name = said["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    described = schema["components"]["schemas"][name]
    assert set(answer.json()) == set(described["properties"]) == set(described["required"])
    if answer.status_code >= 400:
        described = described["properties"]["error"]
        assert set(answer.json()["error"]) == set(described["properties"])


def test_its_answers_are_those_that_are_given(schema, stripe_door):
    event = stripe_event("charge.succeeded", {"id": "ch_1", "object": "charge"})

    check_answer(schema, "post", stripe_door.send(event))
    check_answer(schema, "post", stripe_door.send(event, signature=""))
    check_answer(schema, "get", stripe_door.look())
    check_answer(schema, "get", stripe_door.client.get(stripe_door.path + "9999"))


def test_it_names_every_processor_and_its_signature(schema):
    for path in (OWN, "/api/v1/webhooks/{processor}"):
        post = schema["paths"][path]["post"]
        headers = {one["name"] for one in post["parameters"] if one["in"] == "header"}
        assert headers == {get_webhooks(name).SIGNATURE_HEADER for name in ADAPTERS}
        [processor] = [one for one in post["parameters"] if one["name"] == "processor"]
        assert processor["schema"]["enum"] == sorted(ADAPTERS)
        assert post["security"] == [{}]
