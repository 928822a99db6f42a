"""Who may do what: roles, and the permissions that each carries. Pure."""

from enum import StrEnum


class Role(StrEnum):
    CLIENT = "client"
    BARBER = "barber"
    SHOP_OWNER = "shop_owner"
    ENTERPRISE_OWNER = "enterprise_owner"
    ADMIN = "admin"


class Permission(StrEnum):
    PAYMENT_READ = "payment:read"
    PAYMENT_WRITE = "payment:write"
    CONNECTION_READ = "connection:read"
    CONNECTION_WRITE = "connection:write"
    COLLECTION_READ = "collection:read"
    COLLECTION_WRITE = "collection:write"
    ANALYTICS_READ = "analytics:read"
    ADMIN_WRITE = "admin:write"


_BARBER = frozenset(Permission) - {Permission.ADMIN_WRITE}
# An owner sees the shop's barbers; their processor accounts stay the barbers' own.
_OWNER = _BARBER - {Permission.CONNECTION_WRITE}

PERMISSIONS_BY_ROLE: dict[Role, frozenset[Permission]] = {
    Role.CLIENT: frozenset({Permission.PAYMENT_READ, Permission.PAYMENT_WRITE}),
    Role.BARBER: _BARBER,
    Role.SHOP_OWNER: _OWNER,
    Role.ENTERPRISE_OWNER: _OWNER,
    Role.ADMIN: frozenset(Permission),
}

# Groups of people with the role admin; what each may do is seeded by `manage.py seed_groups`.
OPERATOR, FINANCE, SUPPORT, AUDITOR = "operator", "finance", "support", "auditor"


def get_permissions(role: str) -> list[str]:
    """The permissions of a role, sorted."""
    return sorted(PERMISSIONS_BY_ROLE[Role(role)])
