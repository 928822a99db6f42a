"""What each group of staff may see and do."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from bookedbarber.accounts.models import Shop, User
from bookedbarber.accounts.roles import AUDITOR, FINANCE, OPERATOR, SUPPORT, Role
from bookedbarber.console.operations.groups import seed_groups
from bookedbarber.foundation.models import AuditEntry
from payments.models import HybridPaymentConfig
from tests import factories
from tests.console.admin_rows import list_models

GROUPS = [OPERATOR, FINANCE, SUPPORT, AUDITOR]


@pytest.fixture
def as_member(db: None, as_person):
    """A client of a new member of the group: as_member("finance")."""
    seed_groups()

    def log_in(group: str):
        user = factories.create_user(Role.ADMIN)
        user.groups.add(Group.objects.get(name=group))
        return as_person(user)

    return log_in


def listed(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_can_use_the_index(group, as_member):
    response = as_member(group).get(reverse("admin:index"))

    assert response.status_code == 200
    assert listed("payments.payment") in response.content.decode()


def test_the_auditor_sees_everything_and_edits_nothing(as_member):
    auditor = as_member(AUDITOR)
    labels = [model._meta.label_lower for model in list_models()]

    statuses = {
        label: (
            auditor.get(listed(label)).status_code,
            auditor.get(listed(label) + "add/").status_code,
        )
        for label in labels
    }

    assert {label: found for label, found in statuses.items() if found != (200, 403)} == {}


@pytest.mark.parametrize(
    ("group", "label", "status"),
    [
        (SUPPORT, "accounts.user", 200),
        (SUPPORT, "bookings.appointment", 200),
        (SUPPORT, "payments.payment", 200),
        (SUPPORT, "payments.ledgerentry", 403),
        (SUPPORT, "processors.connection", 403),
        (FINANCE, "payments.ledgerentry", 200),
        (FINANCE, "payments.accrual", 200),
        (FINANCE, "processors.connection", 200),
        (FINANCE, "accounts.user", 403),
        (FINANCE, "bookings.client", 403),
        (OPERATOR, "processors.connection", 200),
        (OPERATOR, "accounts.user", 200),
        (OPERATOR, "payments.ledgerentry", 200),
    ],
)
def test_a_group_sees_its_part(group, label, status, as_member):
    assert as_member(group).get(listed(label)).status_code == status


@pytest.mark.parametrize("role", [Role.CLIENT, Role.BARBER, Role.SHOP_OWNER])
def test_people_who_are_no_staff_do_not_get_in(db, role, as_person):
    response = as_person(factories.create_user(role)).get(reverse("admin:index"))

    assert response.status_code in {302, 403}


def test_only_operators_set_configs(as_member):
    barber = factories.create_barber()
    address = f"{reverse('admin:payments_hybridpaymentconfig_add')}?barber={barber.pk}"

    answers = {group: as_member(group).get(address).status_code for group in GROUPS}

    assert answers == {OPERATOR: 200, FINANCE: 403, SUPPORT: 403, AUDITOR: 403}
    assert not HybridPaymentConfig.objects.exists()


def test_an_operator_renames_a_shop(as_member):
    shop = factories.create_shop()
    address = reverse("admin:accounts_shop_change", args=[shop.pk])
    fields = {"name": "The Corner", "owner": shop.owner_id, "enterprise": ""}

    refused = as_member(SUPPORT).post(address, fields)
    done = as_member(OPERATOR).post(address, fields)

    assert (refused.status_code, done.status_code) == (403, 302)
    assert Shop.objects.get().name == "The Corner"
    assert AuditEntry.objects.get().after == {"name": "The Corner"}


def test_an_operator_makes_nobody_staff(as_member):
    user = factories.create_user(Role.BARBER)
    operator = as_member(OPERATOR)
    address = reverse("admin:accounts_user_change", args=[user.pk])
    powers = {"is_staff": "on", "is_superuser": "on", "groups": Group.objects.first().pk}

    operator.post(address, {"email": user.email, "role": "barber", "is_active": "on", **powers})
    as_admin = operator.post(address, {"email": user.email, "role": "admin", "is_active": "on"})

    user.refresh_from_db()
    assert as_admin.status_code == 200  # the form came back with an error
    assert (user.role, user.is_staff, user.is_superuser) == (Role.BARBER, False, False)
    assert not user.groups.exists()


def test_an_operator_cannot_touch_an_administrators_account(as_member):
    administrator = factories.create_user(Role.ADMIN, is_superuser=True)
    operator = as_member(OPERATOR)
    form = reverse("admin:accounts_user_change", args=[administrator.pk])
    password = reverse("admin:auth_user_password_change", args=[administrator.pk])
    new = {"password1": "another long password", "password2": "another long password"}

    assert operator.post(form, {"email": "mine@example.test"}).status_code == 403
    assert operator.post(password, new).status_code == 403
    administrator.refresh_from_db()
    assert administrator.check_password(factories.PASSWORD)


def test_setting_a_password_leaves_a_trace_without_it(as_member):
    user = factories.create_user(Role.BARBER)
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    new = {"password1": "another long password", "password2": "another long password"}

    as_member(OPERATOR).post(address, {"usable_password": "true", **new})

    user.refresh_from_db()
    assert user.check_password("another long password")
    entry = AuditEntry.objects.get(subject=user.public_id)
    assert (entry.action, entry.before, entry.after) == ("user.password_set", None, None)


def test_a_new_user_has_one_spelling_of_the_address(superuser, as_person):
    new = {"password1": "another long password", "password2": "another long password"}

    as_person(superuser).post(
        reverse("admin:accounts_user_add"),
        {"email": "Ann@Example.test", "role": "client", "usable_password": "true", **new},
    )

    assert User.objects.filter(email="ann@example.test", role=Role.CLIENT).exists()
    assert AuditEntry.objects.get().action == "user.created"


def test_seeding_again_takes_away_what_was_added_by_hand(db):
    seed_groups()
    auditor = Group.objects.get(name=AUDITOR)
    theirs = set(auditor.permissions.values_list("codename", flat=True))
    auditor.permissions.set(Group.objects.get(name=OPERATOR).permissions.all())

    seed_groups()

    assert set(auditor.permissions.values_list("codename", flat=True)) == theirs
    assert all(name.startswith("view_") for name in theirs)
