"""What a route asks of the caller's role."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from ..roles import Permission, Role
from .authentication import get_person


def may(permission: Permission) -> type[BasePermission]:
    """A permission class that names what is missing."""

    class HasPermission(BasePermission):
        required = permission

        def has_permission(self, request: Request, view: Any) -> bool:
            if not get_person(request).may(permission):
                raise PermissionDenied(f"This needs the permission {permission.value}")
            return True

    return HasPermission


class ClientsOnlyRead(BasePermission):
    """A client sees what is about him; those who work in the shop change it."""

    message = "Clients may only read this"

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or get_person(request).role != Role.CLIENT
