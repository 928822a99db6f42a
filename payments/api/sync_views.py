"""Reading an account's sales from its processor, on request."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import StrictSerializer
from bookedbarber.foundation.api.throttles import HourlyThrottle
from processors.models import Connection

from ..models import SyncRun
from ..operations.syncs import request_sync


class SyncInput(StrictSerializer):
    since = serializers.DateTimeField(
        required=False, help_text="Older history too; it bears no commission."
    )
    force = serializers.BooleanField(required=False, default=False)


class UnreadableOutput(serializers.Serializer[Any]):
    external_id = serializers.CharField()
    field = serializers.CharField()


class SyncOutput(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    connection_id = serializers.IntegerField()
    status = serializers.CharField()
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    force = serializers.BooleanField(source="is_forced")
    seen = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    unreadable_count = serializers.IntegerField()
    unreadable = UnreadableOutput(many=True)
    error = serializers.CharField()


class ConnectionSyncView(APIView):
    """POST asks for a sync, which a worker carries out; GET says how the last one stands."""

    throttle_scope = "connections"

    def get_permissions(self) -> list[Any]:
        writes = self.request.method == "POST"
        return [may(Permission.CONNECTION_WRITE if writes else Permission.CONNECTION_READ)()]

    def get_throttles(self) -> list[Any]:
        return [HourlyThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=SyncOutput)
    def get(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        runs = SyncRun.objects.filter(connection=connection).order_by("-pk")
        return Response(SyncOutput(get_object_or_404(runs[:1])).data)

    @extend_schema(request=SyncInput, responses={202: SyncOutput})
    def post(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        wanted = SyncInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        run = request_sync(
            connection=connection,
            by=get_person(request).public_id,
            now=timezone.now(),
            since=wanted.validated_data.get("since"),
            force=wanted.validated_data["force"],
        )
        return Response(SyncOutput(run).data, status=202)


def _find(request: Request, connection_id: int) -> Connection:
    visible = Connection.objects.visible_to(get_person(request)).of_barbers()
    return get_object_or_404(visible, pk=connection_id)
