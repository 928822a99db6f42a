import pytest

from bookedbarber.accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/me"


def test_a_barber_sees_himself_and_his_shop(api) -> None:
    shop = factories.create_shop()
    barber = factories.create_barber(shop=shop)

    answer = api(barber.user).get(URL)

    assert answer.status_code == 200
    assert answer.json() == {
        "id": barber.user.public_id,
        "email": barber.user.email,
        "role": "barber",
        "permissions": [
            "analytics:read", "collection:read", "collection:write", "connection:read",
            "connection:write", "payment:read", "payment:write",
        ],
        "scopes": [],
        "barber_id": barber.pk,
        "shop_ids": [shop.pk],
        "environment": "sandbox",
    }  # fmt: skip


def test_owners_see_their_own_shops(api) -> None:
    enterprise = factories.create_enterprise()
    shop, other = factories.create_shop(enterprise=enterprise), factories.create_shop()

    assert api(shop.owner).get(URL).json()["shop_ids"] == [shop.pk]
    assert api(other.owner).get(URL).json()["shop_ids"] == [other.pk]
    assert api(enterprise.owner).get(URL).json()["shop_ids"] == [shop.pk]


@pytest.mark.parametrize("role", [Role.CLIENT, Role.ADMIN])
def test_others_have_neither_shop_nor_barber(api, role: Role) -> None:
    factories.create_shop()

    body = api(factories.create_user(role)).get(URL).json()

    assert (body["role"], body["barber_id"], body["shop_ids"]) == (role, None, [])
