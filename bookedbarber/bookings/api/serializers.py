from typing import ClassVar

from django.conf import settings
from rest_framework import serializers

from bookedbarber.foundation.api.fields import DecimalText, MoneyText, StrictSerializer
from bookedbarber.foundation.api.filters import ListFilter

from ..models import AppointmentStatus


class AppointmentInput(StrictSerializer):
    client_id = serializers.IntegerField(min_value=1)
    service_name = serializers.CharField(max_length=100)
    price = DecimalText()
    currency = serializers.ChoiceField(choices=settings.CURRENCIES)
    starts_at = serializers.DateTimeField()


class AppointmentChange(StrictSerializer):
    service_name = serializers.CharField(max_length=100, required=False)
    starts_at = serializers.DateTimeField(required=False)
    status = serializers.ChoiceField(choices=AppointmentStatus.choices, required=False)


class AppointmentFilter(ListFilter):
    MOMENT = "starts_at"
    LOOKUPS: ClassVar = {"status": "status"}

    status = serializers.ChoiceField(choices=AppointmentStatus.choices, required=False)


class AppointmentOutput(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.IntegerField()
    barber_id = serializers.IntegerField()
    client_id = serializers.IntegerField()
    service_name = serializers.CharField()
    price = MoneyText()
    currency = serializers.CharField()
    starts_at = serializers.DateTimeField()
    status = serializers.CharField()
