"""What the groups of people with the role admin may do."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from bookedbarber.accounts.roles import AUDITOR, FINANCE, OPERATOR, SUPPORT

PEOPLE = ("accounts.user", "accounts.enterprise", "accounts.shop", "accounts.barber")
BOOKINGS = ("bookings.client", "bookings.service", "bookings.appointment")
SALES = (
    "payments.payment",
    "payments.paymentleg",
    "payments.hybridpaymentconfig",
    "payments.refund",
    "collections_app.platformcollection",
    "collections_app.collectionline",
    "collections_app.collectionattempt",
)
MONEY = (
    *SALES,
    "collections_app.rentplan",
    "collections_app.mandate",
    "collections_app.mandatesetup",
    "collections_app.outstandingalert",
    "payments.externaltransaction",
    "payments.externalpayload",
    "payments.accrual",
    "payments.correction",
    "payments.discrepancy",
    "payments.dispute",
    "payments.visitmatch",
    "payments.payout",
    "payments.payoutline",
    "payments.payoutdestination",
    "processors.connection",
    "processors.feeschedule",
    "processors.webhookdoor",
    "processors.webhookevent",
)
LEDGER = (
    "payments.ledgeraccount",
    "payments.ledgertransaction",
    "payments.ledgerentry",
    "payments.ledgerseal",
)
HISTORY = ("foundation.auditentry", "foundation.statechange", "notifications.outgoingmail")
TECHNICAL = (
    "foundation.idempotencykey",
    "foundation.jobrun",
    "payments.listedmovement",
    "payments.reconciliationrun",
    "payments.synccursor",
    "payments.syncrun",
    "processors.authorizationattempt",
    "console.timetableentry",
    "account.emailaddress",
    "auth.group",
    "token_blacklist.outstandingtoken",
    "token_blacklist.blacklistedtoken",
)
EVERYTHING = (*PEOPLE, *BOOKINGS, *MONEY, *LEDGER, *HISTORY, *TECHNICAL)

# Models that each group sees.
VIEWS: dict[str, tuple[str, ...]] = {
    OPERATOR: EVERYTHING,
    AUDITOR: EVERYTHING,
    FINANCE: (*MONEY, *LEDGER, *HISTORY),
    SUPPORT: (*PEOPLE, *BOOKINGS, *SALES, *HISTORY),
}
# What operators may do: edit people and bookings, test and disconnect connections, set configs,
# resolve discrepancies, take up webhook events again, edit the timetable, pay out, say where to,
# refund, send mails again, decide about collections and contests, agree on rent.
OPERATOR_ACTS = (
    *(f"{act} {model}" for model in PEOPLE for act in ("add", "change")),
    *(f"{act} {model}" for model in BOOKINGS for act in ("add", "change")),
    "change processors.connection",
    "change payments.discrepancy",
    "change processors.webhookdoor",
    "change processors.webhookevent",
    "change payments.payout",
    "change payments.payoutdestination",
    "add payments.hybridpaymentconfig",
    "change console.timetableentry",
    "add payments.refund",
    "change notifications.outgoingmail",
    "change collections_app.platformcollection",
    "change collections_app.collectionline",
    "change collections_app.collectionattempt",
    "add collections_app.rentplan",
)


class PermissionsMissing(RuntimeError):
    """Permissions are not in the database: migrate first."""


@transaction.atomic
def seed_groups() -> list[str]:
    """Make the groups, and give each exactly the permissions of this module. Repeatable.

    Returns the names of the groups.

    :raises PermissionsMissing: names what the migrations have not made.
    """
    for name, models in VIEWS.items():
        wanted = {f"view {model}" for model in models}
        if name == OPERATOR:
            wanted.update(OPERATOR_ACTS)
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(_find_permissions(wanted))
    return sorted(VIEWS)


def _find_permissions(wanted: Iterable[str]) -> list[Permission]:
    """`wanted` are such as "view payments.payment"."""
    names = set(wanted)
    known = {
        f"{permission.codename.split('_')[0]} "
        f"{permission.content_type.app_label}.{permission.content_type.model}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    missing = sorted(names - known.keys())
    if missing:
        raise PermissionsMissing(f"Migrate first: there is no {', '.join(missing)}")
    return [known[name] for name in names]
