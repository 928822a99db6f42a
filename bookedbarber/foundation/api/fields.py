"""Serializer parts that every app shares."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..money import Money, NotAnAmount, parse_number


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, by name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {str(name): ["This field is not known."] for name in unknown}
                )
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.DECIMAL)
class DecimalText(serializers.Field[Decimal, Any, str, Any]):
    """An exact number: text ("75.00") or a JSON number in, text out."""

    default_error_messages = {"invalid": "A number such as “75.00” is required."}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        if isinstance(data, str) and len(data) > 40:
            self.fail("invalid")
        try:
            number = parse_number(data) if isinstance(data, str) else Decimal(data)
        except NotAnAmount:
            self.fail("invalid")
        if not number.is_finite() or abs(number.adjusted()) > 30:
            self.fail("invalid")
        return number

    def to_representation(self, value: Decimal) -> str:
        return format(value, "f")


@extend_schema_field(OpenApiTypes.DECIMAL)
class MoneyText(serializers.Field[Money, Any, str, Any]):
    """Money as text in major units; the currency stands in a field of its own. Output only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Money) -> str:
        return str(value.major)
