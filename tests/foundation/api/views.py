"""Routes that fail in every way there is, for the tests of the error bodies."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.models import Enterprise
from bookedbarber.foundation import errors
from bookedbarber.foundation.api.errors import bad_request_anywhere
from bookedbarber.foundation.api.fields import DecimalText, StrictSerializer
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.api.throttles import HourlyThrottle
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.models import AuditEntry
from bookedbarber.urls import handler404, handler500
from tests import factories

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

handler400 = bad_request_anywhere


class ProcessorAway(errors.Unavailable):
    """The payment processor could not be asked."""

    code = "EXTERNAL_PROCESSOR_UNAVAILABLE"


class KeyExpired(errors.NotAllowed):
    """The API key has expired."""

    code = "API_KEY_EXPIRED"


def violate_a_constraint() -> None:
    shared = factories.create_user()
    Enterprise.objects.create(name="x", owner_id=shared.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET role = 'emperor'")


def change_a_fact() -> None:
    record_audit(subject="a", action="b", by="c")
    AuditEntry.objects.update(by="d")


def store_what_does_not_fit() -> None:
    Enterprise.objects.create(name="x" * 101, owner=factories.create_user())


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


ACTS: dict[str, Callable[[], Any]] = {
    "invalid": raising(errors.Invalid("The amount is too large", limit="2000.00")),
    "not-allowed": raising(errors.NotAllowed()),
    "missing": raising(errors.Missing()),
    "conflict": raising(errors.Conflict()),
    "declined": raising(errors.Declined(decline_code="do_not_honor")),
    "unprocessable": raising(errors.Unprocessable()),
    "refused": raising(errors.Refused()),
    "outcome-unknown": raising(errors.OutcomeUnknown()),
    "unavailable": raising(errors.Unavailable()),
    "processor-away": raising(ProcessorAway()),
    "key-expired": raising(KeyExpired()),
    "http404": raising(Http404("with internals")),
    "denied": raising(PermissionDenied("with internals")),
    "bug": raising(ZeroDivisionError("with internals")),
    "constraint": violate_a_constraint,
    "append-only": change_a_fact,
    "too-long": store_what_does_not_fit,
    "missing-table": lambda: connection.cursor().execute("SELECT * FROM nowhere"),
}


class Open(APIView):
    authentication_classes = ()
    permission_classes = ()


class Fail(Open):
    def get(self, request: Request, how: str) -> Response:
        ACTS[how]()
        return Response()


class Part(StrictSerializer):
    name = serializers.CharField(max_length=10)


class Input(StrictSerializer):
    amount = DecimalText()
    parts = Part(many=True, required=False)
    metadata = serializers.DictField(required=False)


class Echo(Open):
    def post(self, request: Request) -> Response:
        body = Input(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"amount": str(body.validated_data["amount"])})


class Entries(Open):
    def get(self, request: Request) -> Response:
        return paginate(request, AuditEntry.objects.all(), lambda row: row.subject)


class Throttled(APIView):
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "routing"

    def get(self, request: Request) -> Response:
        return Response({})


class ThrottledByAddress(Throttled):
    authentication_classes = ()
    permission_classes = ()


urlpatterns = [
    path("api/v1/fail/<how>", Fail.as_view()),
    path("api/v1/echo", Echo.as_view()),
    path("api/v1/entries", Entries.as_view()),
    path("api/v1/throttled", Throttled.as_view()),
    path("api/v1/throttled-by-address", ThrottledByAddress.as_view()),
    path("", include("bookedbarber.urls")),
]
