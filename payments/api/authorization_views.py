"""Connecting an account by OAuth: where to send the person, and with what they came back."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.throttles import HourlyThrottle

from ..operations.authorizations import (
    AuthorizationAnswer,
    finish_authorization,
    start_authorization,
)
from .connection_views import ConnectionOutput, get_own_barber, with_validation


class BegunOutput(serializers.Serializer[Any]):
    authorize_url = serializers.CharField()
    connection_id = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class CallbackInput(serializers.Serializer[Any]):
    """What processors add of their own is theirs, so unknown fields are no fault here."""

    state = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=500, required=False, default="")
    error = serializers.CharField(max_length=200, required=False, default="")
    error_description = serializers.CharField(max_length=500, required=False, default="")

    def get_answer(self) -> AuthorizationAnswer:
        given = self.validated_data
        return AuthorizationAnswer(
            state=given["state"],
            code=given["code"],
            error=given["error"],
            explanation=given["error_description"],
        )


class AuthorizationStartView(APIView):
    permission_classes = (may(Permission.CONNECTION_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "connections"

    @extend_schema(responses=BegunOutput)
    def get(self, request: Request, processor: str) -> Response:
        begun = start_authorization(
            barber=get_own_barber(request),
            processor=processor,
            by=get_person(request).public_id,
            now=timezone.now(),
        )
        answer = {
            "authorize_url": begun.authorize_url,
            "connection_id": begun.connection.pk,
            "expires_at": begun.expires_at,
        }
        return Response(BegunOutput(answer).data)


class AuthorizationCallbackView(APIView):
    """For clients that registered a page of their own; ours is below /payments/connections."""

    permission_classes = (may(Permission.CONNECTION_WRITE),)

    @extend_schema(parameters=[CallbackInput], responses=ConnectionOutput)
    def get(self, request: Request, processor: str) -> Response:
        came = CallbackInput(data=request.query_params)
        came.is_valid(raise_exception=True)
        connection = finish_authorization(
            processor=processor,
            answer=came.get_answer(),
            by=get_person(request).public_id,
            now=timezone.now(),
        )
        return Response(with_validation(connection))
