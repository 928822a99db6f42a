"""People, their roles, and whom they see."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import check_time_zone
from bookedbarber.accounts.roles import PERMISSIONS_BY_ROLE, Permission, Role, get_permissions
from tests import factories


@pytest.mark.django_db
def test_everybody_sees_the_barbers_of_his_own() -> None:
    enterprise = factories.create_enterprise()
    shop, other_shop = factories.create_shop(enterprise=enterprise), factories.create_shop()
    ann, bob = (factories.create_barber(shop=shop) for _ in range(2))
    cid = factories.create_barber(shop=other_shop)
    dee = factories.create_barber()

    def list_visible(user: User) -> set[Barber]:
        return set(Barber.objects.visible_to(user))

    assert list_visible(ann.user) == {ann}
    assert list_visible(dee.user) == {dee}
    assert list_visible(shop.owner) == {ann, bob}
    assert list_visible(other_shop.owner) == {cid}
    assert list_visible(enterprise.owner) == {ann, bob}
    assert list_visible(factories.create_user(Role.ADMIN)) == {ann, bob, cid, dee}
    assert list_visible(factories.create_user(Role.ADMIN, is_staff=False)) == set()
    assert list_visible(factories.create_user(Role.CLIENT)) == set()
    assert list_visible(factories.create_user(Role.SHOP_OWNER)) == set()


def test_every_role_has_its_permissions() -> None:
    assert set(PERMISSIONS_BY_ROLE) == set(Role)
    assert get_permissions("client") == ["payment:read", "payment:write"]
    assert Permission.ADMIN_WRITE not in get_permissions("barber")
    assert Permission.CONNECTION_WRITE not in get_permissions("shop_owner")
    assert set(get_permissions("admin")) == set(Permission)


def test_an_unknown_role_may_nothing() -> None:
    with pytest.raises(ValueError, match="emperor"):
        get_permissions("emperor")


@pytest.mark.django_db
def test_the_database_refuses_an_unknown_role() -> None:
    with pytest.raises(IntegrityError, match="user_role_is_known"):
        User.objects.create(email="a@example.test", role="emperor")


@pytest.mark.django_db
def test_an_address_belongs_to_one_person_whatever_its_case() -> None:
    User.objects.create_user("Ann@Example.test", "x", role=Role.CLIENT)

    assert User.objects.get().email == "ann@example.test"
    with pytest.raises(IntegrityError, match="user_email_once"):
        User.objects.create(email="ANN@example.test", role=Role.CLIENT)


@pytest.mark.django_db
def test_who_is_made_at_the_terminal_is_an_admin() -> None:
    user = User.objects.create_superuser("root@example.test", "x")

    assert (user.role, user.is_staff, user.is_superuser) == (Role.ADMIN, True, True)
    assert user.barber_id_or_none is None


def test_a_time_zone_is_one_of_the_databases() -> None:
    check_time_zone("America/New_York")
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(ValidationError):
            check_time_zone(name)


@pytest.mark.django_db
def test_a_barbers_days_are_those_of_his_zone() -> None:
    assert factories.create_barber(time_zone="Europe/London").zone.key == "Europe/London"
