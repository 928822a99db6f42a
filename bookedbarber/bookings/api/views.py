from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import ClientsOnlyRead, may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.money import Money, NotAnAmount

from ..models import Appointment, Client
from ..operations import appointments
from .serializers import (
    AppointmentChange,
    AppointmentFilter,
    AppointmentInput,
    AppointmentOutput,
)


class AppointmentsView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(parameters=[AppointmentFilter], responses=AppointmentOutput(many=True))
    def get(self, request: Request) -> Response:
        wanted = AppointmentFilter.read(request)
        rows = Appointment.objects.visible_to(get_person(request)).filter(**wanted)
        return paginate(request, rows, lambda row: AppointmentOutput(row).data)

    @extend_schema(request=AppointmentInput, responses={201: AppointmentOutput})
    def post(self, request: Request) -> Response:
        wanted = AppointmentInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = wanted.validated_data
        visible = Client.objects.visible_to(get_person(request))
        appointment = appointments.book_appointment(
            client=get_object_or_404(visible, pk=fields["client_id"]),
            service_name=fields["service_name"],
            price=_read_price(fields),
            starts_at=fields["starts_at"],
            by=get_person(request).public_id,
        )
        return Response(AppointmentOutput(appointment).data, status=201)


class AppointmentView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(responses=AppointmentOutput)
    def get(self, request: Request, appointment_id: int) -> Response:
        visible = Appointment.objects.visible_to(get_person(request))
        return Response(AppointmentOutput(get_object_or_404(visible, pk=appointment_id)).data)

    @extend_schema(request=AppointmentChange, responses=AppointmentOutput)
    def patch(self, request: Request, appointment_id: int) -> Response:
        visible = Appointment.objects.visible_to(get_person(request))
        appointment = get_object_or_404(visible, pk=appointment_id)
        wanted = AppointmentChange(data=request.data)
        wanted.is_valid(raise_exception=True)
        changed = appointments.change_appointment(
            appointment=appointment, by=get_person(request).public_id, **wanted.validated_data
        )
        return Response(AppointmentOutput(changed).data)


def _read_price(fields: dict[str, Any]) -> Money:
    try:
        return Money.from_major(fields["price"], fields["currency"])
    except NotAnAmount as error:
        raise ValidationError({"price": [str(error)]}) from error
