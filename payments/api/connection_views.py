"""Processor accounts of a barber. Credentials go in and never come out."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import StrictSerializer
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.api.throttles import HourlyThrottle
from bookedbarber.foundation.money import Money
from processors.models import Connection
from processors.operations.webhook_doors import is_usable_secret
from processors.operations.webhook_registrations import recreate_webhook
from processors.queries.webhook_doors import get_address, get_door_status

from ..errors import UnknownBarber
from ..operations import connection_health, connections


class Credentials(serializers.DictField):
    """Named secrets; their values never appear in an error or an answer."""

    child = serializers.CharField(max_length=500)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "boolean"},
            {
                "type": "object",
                "properties": {"secret": {"type": "string"}},
                "required": ["secret"],
                "additionalProperties": False,
            },
        ]
    }
)
class WebhookNotifications(serializers.Field[dict[str, str], Any, Any, Any]):
    """Whether events will be sent, and the secret that signs them where it is known already.

    `true`, `false`, or `{"secret": "whsec_…"}`; it never appears in an error or an answer.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, bool):
            return {}
        if not isinstance(data, dict) or set(data) != {"secret"}:
            raise serializers.ValidationError("true, false, or an object with a secret.")
        if not is_usable_secret(data["secret"]):
            raise serializers.ValidationError("secret: 8 to 200 characters without spaces.")
        return {"secret": data["secret"]}


class ConnectionInput(StrictSerializer):
    processor_type = serializers.CharField(max_length=20)
    account_id = serializers.CharField(max_length=100, required=False)
    account_name = serializers.CharField(max_length=100, required=False)
    connection_config = Credentials()
    webhook_notifications = WebhookNotifications(required=False)


class ConnectionChange(StrictSerializer):
    account_name = serializers.CharField(max_length=100, required=False)
    connection_config = Credentials(required=False)


class ConnectionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    barber_id = serializers.IntegerField(source="owner_id")
    processor_type = serializers.CharField(source="processor")
    account_id = serializers.CharField()
    account_name = serializers.CharField(source="name")
    environment = serializers.CharField()
    status = serializers.CharField(source="state")
    disabled = serializers.SerializerMethodField()
    currencies = serializers.ListField(child=serializers.CharField())
    abilities = serializers.ListField(child=serializers.CharField())
    connected_by = serializers.SerializerMethodField()
    connected_at = serializers.DateTimeField()
    token_expires_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    error_count = serializers.IntegerField()
    last_checked_at = serializers.DateTimeField(allow_null=True)
    webhook_address = serializers.SerializerMethodField()
    last_synced_at = serializers.DateTimeField(allow_null=True)
    last_transaction_at = serializers.DateTimeField(allow_null=True)
    transaction_count = serializers.IntegerField()
    charged = serializers.SerializerMethodField()

    def get_charged(self, connection: Connection) -> dict[str, str]:
        """Taken so far, by currency, as of the last sync."""
        return {
            currency: str(Money(minor, currency).major)
            for currency, minor in sorted(connection.charged_minor.items())
        }

    def get_webhook_address(self, connection: Connection) -> str:
        return get_address(connection.processor, connection.pk)

    def get_disabled(self, connection: Connection) -> bool:
        return connection.disabled_at is not None

    def get_connected_by(self, connection: Connection) -> str:
        return "oauth" if connection.is_authorized else "credentials"


class ConnectionsView(APIView):
    throttle_scope = "connections"

    def get_permissions(self) -> list[Any]:
        return [_may(self.request)]

    def get_throttles(self) -> list[Any]:
        return [HourlyThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=ConnectionOutput(many=True))
    def get(self, request: Request) -> Response:
        visible = Connection.objects.visible_to(get_person(request)).of_barbers().listed()
        return paginate(request, visible, render_connection)

    @extend_schema(request=ConnectionInput, responses={201: ConnectionOutput})
    def post(self, request: Request) -> Response:
        wanted = ConnectionInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = wanted.validated_data
        connection = connections.connect_account(
            barber=get_own_barber(request),
            processor=fields["processor_type"],
            credentials=fields["connection_config"],
            account_id=fields.get("account_id", ""),
            name=fields.get("account_name", ""),
            webhook_secret=fields.get("webhook_notifications", {}).get("secret", ""),
            by=get_person(request).public_id,
            now=timezone.now(),
        )
        return Response(with_validation(connection), status=201)


class ConnectionView(APIView):
    throttle_scope = "connections"

    def get_permissions(self) -> list[Any]:
        return [_may(self.request)]

    def get_throttles(self) -> list[Any]:
        return [HourlyThrottle()] if self.request.method == "PUT" else []

    @extend_schema(responses=ConnectionOutput)
    def get(self, request: Request, connection_id: int) -> Response:
        return Response(render_connection(_find(request, connection_id)))

    @extend_schema(request=ConnectionChange, responses=ConnectionOutput)
    def put(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        wanted = ConnectionChange(data=request.data)
        wanted.is_valid(raise_exception=True)
        changed = connections.change_connection(
            connection=connection,
            credentials=wanted.validated_data.get("connection_config"),
            name=wanted.validated_data.get("account_name"),
            by=get_person(request).public_id,
            now=timezone.now(),
        )
        return Response(render_connection(changed))

    @extend_schema(responses=ConnectionOutput)
    def delete(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        gone = connections.disconnect_account(
            connection=connection, by=get_person(request).public_id
        )
        return Response(render_connection(gone))


class ConnectionTestView(APIView):
    permission_classes = (may(Permission.CONNECTION_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "connections"

    @extend_schema(request=None, responses=ConnectionOutput)
    def post(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        connections.check_connection(
            connection=connection, by=get_person(request).public_id, now=timezone.now()
        )
        connection.refresh_from_db()
        return Response(with_validation(connection))


class ConnectionResetView(APIView):
    permission_classes = (may(Permission.CONNECTION_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "connections"

    @extend_schema(request=None, responses=ConnectionOutput)
    def post(self, request: Request, connection_id: int) -> Response:
        connection = _find(request, connection_id)
        connection_health.reset_connection(
            connection=connection, by=get_person(request).public_id, now=timezone.now()
        )
        connection.refresh_from_db()
        return Response(with_validation(connection))


class RecreatedOutput(serializers.Serializer[Any]):
    address = serializers.CharField()
    is_application = serializers.BooleanField()
    removed = serializers.IntegerField()
    left = serializers.IntegerField()
    explanation = serializers.CharField()


class ConnectionWebhookView(APIView):
    permission_classes = (may(Permission.CONNECTION_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "connections"

    @extend_schema(request=None, responses=RecreatedOutput)
    def post(self, request: Request, connection_id: int) -> Response:
        recreated = recreate_webhook(
            connection=_find(request, connection_id),
            by=get_person(request).public_id,
            now=timezone.now(),
        )
        return Response(RecreatedOutput(recreated).data)


def render_connection(connection: Connection) -> dict[str, Any]:
    return dict(ConnectionOutput(connection).data)


def with_validation(connection: Connection) -> dict[str, Any]:
    """What the live call proved, and whether events can come."""
    door = get_door_status(connection.processor, connection.pk)
    validation = {
        "connection_valid": True,
        "permissions_verified": "payments" in connection.abilities,
        "webhook_configured": door.is_configured,
    }
    return {**render_connection(connection), "validation_result": validation}


def _may(request: Request) -> Any:
    writes = request.method != "GET"
    return may(Permission.CONNECTION_WRITE if writes else Permission.CONNECTION_READ)()


def _find(request: Request, connection_id: int) -> Connection:
    visible = Connection.objects.visible_to(get_person(request)).of_barbers().listed()
    return get_object_or_404(visible, pk=connection_id)


def get_own_barber(request: Request) -> Barber:
    own: Barber | None = getattr(get_person(request), "barber", None)
    if own is None:
        raise UnknownBarber("Only barbers connect accounts of their own")
    return own
