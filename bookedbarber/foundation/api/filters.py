"""What narrows a list: read from its address, refused by name, made into conditions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request

from .fields import StrictSerializer

LARGEST_ID = 2**63 - 1


class ListFilter(StrictSerializer):
    """Which rows of a list are wanted, and which page of them, which `paginate` reads.

    A list adds names of its own, and says in `LOOKUPS` which condition each stands for, and in
    `MOMENT` which column `since` and `until` go by.
    """

    MOMENT: ClassVar[str] = "created_at"
    LOOKUPS: ClassVar[Mapping[str, str]] = {}

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    limit = serializers.CharField(required=False)
    offset = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Return the conditions on rows that the address asks for.

        :raises ValidationError: names the parameter that is not known or makes no sense.
        """
        asked = cls(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        lookups = {"since": f"{cls.MOMENT}__gte", "until": f"{cls.MOMENT}__lt", **cls.LOOKUPS}
        given: dict[str, Any] = asked.validated_data
        return {lookup: given[name] for name, lookup in lookups.items() if name in given}
