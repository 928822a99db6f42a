"""The addresses at which processors tell us of events."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bookedbarber.foundation.api.plain import answering_in_json, refuse_method
from bookedbarber.foundation.api.throttles import count_request
from bookedbarber.foundation.errors import DomainError, Invalid

from ..operations.webhook_receipt import receive_event
from ..queries.webhook_doors import get_door_status, get_open_door
from ..registry import get_webhooks


class BodyTooLarge(Invalid):
    """The body is larger than an event can be."""


class BodyNotRead(Invalid):
    """The body did not come to its end."""


class TooManyEvents(DomainError):
    """This address gets more events than it takes in an hour."""

    code = "RATE_LIMIT_EXCEEDED"


@csrf_exempt
@answering_in_json
def webhooks(
    request: HttpRequest, processor: str, connection_id: int | None = None
) -> HttpResponse:
    """`POST` takes an event in, `GET` says whether the address is configured."""
    if request.method == "POST":
        return JsonResponse(_receive(request, processor, connection_id))
    if request.method == "GET":
        return JsonResponse(_describe(processor, connection_id))
    return refuse_method("GET", "POST")


def _receive(request: HttpRequest, processor: str, connection_id: int | None) -> dict[str, Any]:
    get_open_door(processor, connection_id)  # before a body is read for it
    usage = count_request(request, "webhooks", f"{processor}:{connection_id}", by_blocks=True)
    if usage.is_exceeded:
        raise TooManyEvents(retry_after=int(usage.seconds_left))
    receipt = receive_event(
        processor=processor,
        connection_id=connection_id,
        body=_read_body(request),
        signature=request.headers.get(get_webhooks(processor).SIGNATURE_HEADER, ""),
        now=timezone.now(),
    )
    return {
        "received": True,
        "event_id": receipt.event_id,
        "event_type": receipt.event_type,
        "duplicate": receipt.is_duplicate,
    }


def _describe(processor: str, connection_id: int | None) -> dict[str, Any]:
    status = get_door_status(processor, connection_id)
    last = status.last_event_at
    return {
        "processor": status.processor,
        "configured": status.is_configured,
        "last_event_at": last and last.isoformat().replace("+00:00", "Z"),
    }


def _read_body(request: HttpRequest) -> bytes:
    """Nothing of a body that says it is too large, and of the others not more than fits.

    :raises BodyTooLarge, BodyNotRead: it is not one that is taken.
    """
    limit = settings.WEBHOOK_BODY_MAX_BYTES
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not said.isdigit() or int(said) > limit:
        raise BodyTooLarge(f"The body is larger than {limit} bytes")
    try:
        body = request.read(limit + 1)
    except UnreadablePostError as error:
        raise BodyNotRead from error
    if len(body) > limit:
        raise BodyTooLarge(f"The body is larger than {limit} bytes")
    return body
