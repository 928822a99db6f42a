"""A row of everything that the admin shows, made by the product's own operations."""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.tokens import issue_tokens, revoke_token
from bookedbarber.bookings.models import Service
from bookedbarber.console.operations.timetable import seed_timetable
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.idempotency import KeyedRequest, claim, keep_answer
from bookedbarber.foundation.job_runs import run_job
from bookedbarber.foundation.money import Money
from bookedbarber.notifications.operations.mails import Mail, write_mails
from collections_app.models import (
    Mandate,
    MandateSetup,
    OutstandingAlert,
    PlatformCollection,
)
from collections_app.operations.building import build_collections
from collections_app.operations.payments_by_decision import pay_by_hand
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import create_rent_plan
from payments.models import (
    Correction,
    Discrepancy,
    Dispute,
    ExternalTransaction,
    LedgerEntry,
    Payment,
    PaymentLeg,
    Payout,
    PayoutLine,
    ReconciliationRun,
    VisitMatch,
)
from payments.operations.claims import Order, claim_payment, route_order
from payments.operations.difference_fixes import settle_discrepancy
from payments.operations.discrepancies import report_unknown_outcome
from payments.operations.evidence import Evidence, Outcome
from payments.operations.reconciling.corrections import get_figures
from payments.operations.reconciling.opening import to_json
from payments.operations.reconciling.reading import stage
from payments.operations.refunds import RefundEvidence, build_refund, settle_refund
from payments.operations.seals import seal_ledger
from payments.operations.settlement import settle_leg
from payments.operations.syncing.cursors import open_cursor
from payments.operations.syncing.requests import begin_run
from payments.states import DiscrepancyKind, FailureKind, MatchRule, Mode, PayoutState, RefundState
from processors.contract import (
    ListDescription,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
)
from processors.models import Connection
from processors.operations.accounts import Owner
from processors.operations.authorizations import begin_authorization
from processors.operations.webhook_doors import add_webhook_secret
from processors.operations.webhook_handling import handle_webhook_events
from processors.operations.webhook_receipt import receive_event
from processors.queries.webhook_doors import get_address
from processors.simulator.signatures import sign_for_square
from processors.states import ConnectionRole
from tests import factories
from tests.payments.disputes import a_statement, note
from tests.payments.payouts import create_destination

CHARGE_ID = "ch_shown"
SECRET = "EAAA-secret-of-the-barber"
CLIENT_SECRET = "pi_1_secret_abc123"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def create_everything() -> Payment:
    """An external sale that went well and one that failed, with all that hangs on them."""
    factories.create_fee_schedules()
    shop = factories.create_shop(enterprise=factories.create_enterprise())
    barber = factories.create_barber(shop=shop)
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    factories.create_platform_connection()
    connection = factories.create_connection(barber, credentials={"access_token": SECRET})
    receive_webhook(connection)
    Service.objects.create(barber=barber, name="Shave", price_minor=20_00, currency="USD")
    Group.objects.get_or_create(name="auditor")
    EmailAddress.objects.create(user=barber.user, email=barber.user.email)
    revoke_token(issue_tokens(barber.user).refresh)
    record_audit(subject=f"barber:{barber.pk}", action="barber.changed", by="usr_test")
    create_sale(barber, Outcome.FAILED, appointment=factories.create_appointment(barber))
    payment = create_sale(barber, Outcome.CAPTURED)
    refund = build_refund(
        payment.legs.get(), amount=Money(10_00, "USD"), reason="Too short", by="usr_test", now=NOW
    )
    refund.save()
    refused = RefundEvidence(
        outcome=RefundState.FAILED, failure_kind=FailureKind.REFUSED, code="no_balance"
    )
    settle_refund(refund=refund, evidence=refused, by="usr_test", now=NOW)
    report_unknown_outcome(leg=payment.legs.get(), explanation="Nobody knows.")
    remember(payment)
    create_payout(barber)
    create_dispute(payment)
    add_sync(payment.legs.get().connection)
    add_reconciliation(payment)
    create_collection(barber)
    seed_timetable(now=NOW)
    owner = Owner(id=barber.pk, role=ConnectionRole.BARBER)
    begin_authorization(owner=owner, processor="square", by=barber.user.public_id, now=NOW)
    seal_ledger(now=NOW + timedelta(days=2))
    mail = Mail(key="shown", to=barber.user.email, template="outstanding", context={})
    write_mails([mail], now=NOW)
    run_job(job="payments.forget_old_idempotency_keys", slot=NOW, work=lambda _: {"forgotten": 1})
    return payment


def create_payout(barber: Barber) -> Payout:
    """One that failed, with a line, so that it holds nothing."""
    destination = create_destination(barber)
    payout = Payout.objects.create(
        environment="sandbox",
        barber=barber,
        connection=Connection.objects.of_platform().get(),
        destination=destination.connection,
        amount_minor=15_00,
        currency="USD",
        state=PayoutState.FAILED,
        failure_kind=FailureKind.REFUSED,
        failure_message="Not enough",
        created_by="usr_test",
    )
    entry = LedgerEntry.objects.filter(amount_minor=15_00).first()
    assert entry is not None
    PayoutLine.objects.create(
        payout=payout, entry=entry, kind="sale", amount_minor=15_00, currency="USD", released_at=NOW
    )
    return payout


def create_collection(barber: Barber) -> PlatformCollection:
    """Of a week's rent, paid by hand; and the consent to a debit that nobody made."""
    create_rent_plan(
        barber=barber,
        amount=Money(150_00, "USD"),
        frequency="weekly",
        starts_on=NOW.date(),
        by="usr_test",
        now=NOW,
    )
    accrue_rent(by="usr_test", now=NOW + timedelta(days=8))
    build_collections(by="usr_test", now=NOW + timedelta(days=20))
    collection = PlatformCollection.objects.get()
    pay_by_hand(collection=collection, reference="wire", by="usr_test", now=NOW)
    consent: dict[str, Any] = {
        "barber": barber,
        "environment": "sandbox",
        "connection": Connection.objects.of_platform().get(),
        "customer_id": "cus_1",
        "consent_text": "Yes",
        "consent_version": "1",
        "accepted_at": NOW,
        "accepted_by": "usr_test",
    }
    mandate = Mandate.objects.create(kind="card", payment_method_id="pm_1", last4="4242", **consent)
    MandateSetup.objects.create(mandate=mandate, external_id="cs_1", ended_at=NOW, **consent)
    OutstandingAlert.objects.create(
        environment="sandbox",
        barber=barber,
        currency="USD",
        owed_minor=2000_00,
        maximum_minor=1000_00,
        opened_at=NOW,
    )
    return collection


def create_dispute(payment: Payment) -> Dispute:
    leg = payment.legs.get()
    statement = a_statement(describe_movement(leg.public_id, payment.amount, CHARGE_ID))
    return note(leg.connection, statement)


def receive_webhook(connection: Connection) -> None:
    """An event that nobody uses."""
    add_webhook_secret(connection=connection, secret=SECRET, by="usr_test", now=NOW)
    body = b'{"event_id": "evt_shown", "type": "invoice.updated", "created_at": '
    body += b'"2026-03-10T12:00:00Z", "data": {}}'
    receive_event(
        processor=connection.processor,
        connection_id=connection.pk,
        body=body,
        signature=sign_for_square(body, SECRET, get_address("square", connection.pk)),
        now=NOW,
    )
    handle_webhook_events(now=NOW)


def add_sync(connection: Connection) -> None:
    """A reading under way, as a worker leaves it that is killed after its first batch."""
    run = begin_run(connection=connection, by="usr_test", now=NOW)
    open_cursor(run, ListDescription(name="payments"), now=NOW)


def add_reconciliation(payment: Payment) -> None:
    """One cut after its first page, and a difference that an earlier one had found, settled."""
    sale = ExternalTransaction.objects.get(payment=payment, kind="charge")
    run = ReconciliationRun.objects.create(
        connection=sale.connection, requested_by="usr_test", since=NOW, until=NOW, started_at=NOW
    )
    stage(run, [describe_movement("", payment.amount, "ch_listed")])
    ours = to_json(get_figures(sale))
    row = Discrepancy.objects.create(
        kind=DiscrepancyKind.MISSING_THERE,
        connection=sale.connection,
        transaction=sale,
        movement_kind=sale.kind,
        external_id=sale.external_id,
        occurred_at=sale.occurred_at,
        ours=ours,
        fixes=["ignore"],
        explanation="It is here only.",
    )
    settle_discrepancy(discrepancy=row, fix="ignore", reason="Known", by="usr_test", now=NOW)
    Correction.objects.create(
        discrepancy=row, transaction=sale, made_by="usr_test", made_at=NOW, **(ours or {})
    )
    VisitMatch.objects.create(
        transaction=sale,
        appointment=factories.create_appointment(payment.barber),
        rule=MatchRule.AMOUNT_AND_TIME,
        matched_by="usr_test",
    )


def create_sale(barber: Barber, outcome: Outcome, *, external_id: str = CHARGE_ID, **fields: Any):
    order = Order(
        barber=barber,
        amount=fields.pop("amount", Money(75_00, "USD")),
        tip=Money.zero("USD"),
        payment_methods={"square": "cnon:card-nonce-ok"},
        **fields,
    )
    quote, tokens = route_order(order, now=NOW)
    by = barber.user.public_id
    leg = claim_payment(order=order, quote=quote, tokens=tokens, by=by, now=NOW)
    assert isinstance(leg, PaymentLeg)
    evidence = {
        Outcome.CAPTURED: Evidence(
            outcome=Outcome.CAPTURED,
            external_id=external_id,
            movement=describe_movement(leg.public_id, order.amount, external_id),
        ),
        Outcome.FAILED: Evidence(
            outcome=Outcome.FAILED,
            failure_kind=FailureKind.DECLINED,
            code="insufficient_funds",
            message="Your card has insufficient funds.",
        ),
        Outcome.UNKNOWN: Evidence(outcome=Outcome.UNKNOWN, message="no answer"),
    }[outcome]
    return settle_leg(leg=leg, evidence=evidence, by=by, now=NOW).payment


def describe_movement(reference: str, amount: Money, external_id: str) -> Movement:
    return Movement(
        kind=MovementKind.CHARGE,
        external_id=external_id,
        group_id=external_id,
        our_reference=reference,
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero("USD"),
        fee=Money(2_05, "USD"),
        method=PaymentMethodKind.CARD,
        version=1,
        occurred_at=NOW,
        available_at=None,
        raw={"id": external_id, "client_secret": CLIENT_SECRET},
    )


def remember(payment: Payment) -> None:
    keyed = KeyedRequest(
        principal="usr_test",
        key="key",
        fingerprint="0" * 64,
        render=lambda outcome: (200, {"payment_id": str(outcome)}),
    )
    now = timezone.now()
    lease = now - now
    claim(keyed, subject=payment.public_id, lease=lease, now=now)
    keep_answer(keyed, payment)


def list_models() -> list[type[Model]]:
    return sorted(admin.site._registry, key=lambda model: model._meta.label)
