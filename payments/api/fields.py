from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from bookedbarber.foundation.api.fields import DecimalText

from ..errors import InvalidPaymentAmount


class AmountText(DecimalText):
    """The amount of a payment; whatever is no number gets the error code of amounts."""

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return super().to_internal_value(data)
        except ValidationError as error:
            raise InvalidPaymentAmount(
                f"{self.field_name}: a number such as 75.00 is needed", field=self.field_name
            ) from error


@extend_schema_field(OpenApiTypes.DECIMAL)
class RateText(serializers.Field[Decimal, Any, str, Any]):
    """A percentage as text with two decimals. Output only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Tokens(serializers.Field[dict[str, str], Any, dict[str, str], Any]):
    """The payer's tokens by account: {"platform": "pm_…", "5": "cnon:…"}."""

    MOST = 10
    LONGEST = 500

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or not 0 < len(data) <= self.MOST:
            raise ValidationError(f"An object of 1 to {self.MOST} tokens by account is required.")
        for key, token in data.items():
            if not isinstance(token, str) or not 0 < len(token) <= self.LONGEST:
                raise ValidationError(f"{key}: a token of 1 to {self.LONGEST} characters.")
            if not (token.isascii() and token.isprintable()):
                raise ValidationError(f"{key}: the token has characters that no token has.")
        return dict(data)
