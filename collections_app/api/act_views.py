"""Acting on a collection: contest, pay, try again, give it up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.idempotency import read_keyed_request, replay
from bookedbarber.foundation.api.throttles import HourlyThrottle
from payments.api.payment_views import KEY_HEADER

from ..models import CollectionAttempt, CollectionLine, PlatformCollection
from ..operations.attempts import pay_collection, retry_collection
from ..operations.collections import waive_collection
from ..operations.contesting import contest_collection
from ..operations.contests import contest_line
from ..operations.keyed_attempts import attempt_once
from ..states import CollectionMethod
from .answers import answer_for_attempt, find_visible, render_collection, render_detail
from .serializers import (
    CollectionDetail,
    CollectionOutput,
    ContestInput,
    NothingInput,
    ReasonInput,
    RetryInput,
)


class ActingView(APIView):
    permission_classes = (may(Permission.COLLECTION_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "processing"


class ContestView(ActingView):
    """One line, or all of them without `line_id`."""

    @extend_schema(request=ContestInput, responses=CollectionDetail)
    def post(self, request: Request, collection_id: str) -> Response:
        wanted = ContestInput(data=request.data)
        collection = _find_own(request, collection_id)
        wanted.is_valid(raise_exception=True)
        reason, line_id = wanted.validated_data["reason"], wanted.validated_data.get("line_id")
        by, now = get_person(request).public_id, timezone.now()
        if line_id is None:
            contest_collection(collection=collection, reason=reason, by=by, now=now)
        else:
            lines = CollectionLine.objects.filter(collection=collection)
            line = get_object_or_404(lines, pk=line_id)
            contest_line(line=line, reason=reason, by=by, now=now)
        collection.refresh_from_db()
        return Response(render_detail(request, collection))


class PayView(ActingView):
    @extend_schema(
        request=NothingInput,
        parameters=[KEY_HEADER],
        responses={200: CollectionOutput, 202: CollectionOutput},
    )
    def post(self, request: Request, collection_id: str) -> Response:
        NothingInput(data=request.data or {}).is_valid(raise_exception=True)
        collection = _find_own(request, collection_id)
        by, now = get_person(request).public_id, timezone.now()

        def pay() -> CollectionAttempt:
            return pay_collection(collection=collection, by=by, now=now)

        return _answer(request, collection, pay, now)


class RetryView(ActingView):
    @extend_schema(
        request=RetryInput,
        parameters=[KEY_HEADER],
        responses={200: CollectionOutput, 202: CollectionOutput},
    )
    def post(self, request: Request, collection_id: str) -> Response:
        wanted = RetryInput(data=request.data)
        collection = _find_own(request, collection_id)
        wanted.is_valid(raise_exception=True)
        fields = wanted.validated_data
        by, now = get_person(request).public_id, timezone.now()

        def retry() -> CollectionAttempt:
            return retry_collection(
                collection=collection,
                method=_read_method(fields),
                reason=fields["retry_reason"],
                by=by,
                now=now,
            )

        return _answer(request, collection, retry, now)


class WaiveView(ActingView):
    permission_classes = (may(Permission.ADMIN_WRITE),)

    @extend_schema(request=ReasonInput, responses=CollectionOutput)
    def post(self, request: Request, collection_id: str) -> Response:
        person = get_person(request)
        if not person.has_perm("collections_app.change_platformcollection"):
            raise PermissionDenied("This needs the group operator")
        wanted = ReasonInput(data=request.data)
        collection = find_visible(person, settings.ENVIRONMENT, collection_id)
        wanted.is_valid(raise_exception=True)
        waived = waive_collection(
            collection=collection,
            reason=wanted.validated_data["reason"],
            by=person.public_id,
            now=timezone.now(),
        )
        return Response(render_collection(waived))


def _find_own(request: Request, collection_id: str) -> PlatformCollection:
    """Seeing a collection is not enough to act on it: it is the barber's own, or an operator's.

    :raises PermissionDenied: it is neither.
    """
    person = get_person(request)
    collection = find_visible(person, settings.ENVIRONMENT, collection_id)
    is_operator = person.has_perm("collections_app.change_platformcollection")
    if collection.barber_id != person.barber_id_or_none and not is_operator:
        raise PermissionDenied("Only the barber, or an operator, may do this")
    return collection


def _read_method(fields: dict[str, Any]) -> CollectionMethod | None:
    chosen = fields.get("collection_method")
    return None if chosen is None else CollectionMethod(chosen)


def _answer(
    request: Request,
    collection: PlatformCollection,
    act: Callable[[], CollectionAttempt],
    now: datetime,
) -> Response:
    keyed = read_keyed_request(request, answer_for_attempt)
    done = attempt_once(act, collection=collection, keyed=keyed, now=now)
    if not isinstance(done, CollectionAttempt):
        return replay(done)
    status, body = answer_for_attempt(done)
    return Response(body, status=status)
