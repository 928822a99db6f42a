"""Saving payment methods and debiting them by the adapter with the real SDK, over HTTP."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import (
    DebitFailure,
    DebitRequest,
    Debits,
    DebitState,
    MethodKind,
    PaymentMethodKind,
    SavedMethod,
    SetupRequest,
    Setups,
    SetupState,
)
from processors.errors import AnswerLost, MethodGone, RequestRefused
from tests.simulation import SimulatedAccount, Simulator

KINDS = (MethodKind.CARD, MethodKind.BANK_ACCOUNT)


@dataclass
class Payer:
    """Somebody who saves a method with the account and is debited later."""

    simulator: Simulator
    account: SimulatedAccount

    def __post_init__(self) -> None:
        self.setups = registry.get_adapter(self.account.get_access(), Setups)
        self.debits = registry.get_adapter(self.account.get_access(), Debits)
        self.customer = self.setups.create_customer(reference="barber-1", name="Bo", email="")

    def save(self, token: str) -> SavedMethod:
        request = SetupRequest(
            reference=new_public_id("mst"),
            customer=self.customer,
            kinds=KINDS,
            success_url="https://app.example/saved",
            cancel_url="https://app.example/back",
        )
        page = self.setups.open_setup(request)
        self.simulator.act(f"setup/{page.external_id}", method=token)
        statement = self.setups.retrieve_setup(page.external_id, customer=self.customer)
        assert statement.saved is not None
        return statement.saved

    def request(self, saved: SavedMethod) -> DebitRequest:
        return DebitRequest(
            reference=new_public_id("cat"),
            amount=Money(50_00, "USD"),
            customer=self.customer,
            payment_method=saved.payment_method,
            kind=saved.kind,
            description="Commission of a week",
        )


@pytest.fixture
def payer(simulator: Simulator) -> Payer:
    return Payer(simulator, simulator.create_account("stripe", country="US"))


def test_a_card_is_debited_at_once_and_once(payer: Payer) -> None:
    saved = payer.save("pm_card_visa")
    request = payer.request(saved)

    first, again = payer.debits.debit(request), payer.debits.debit(request)

    assert (saved.kind, saved.brand, saved.last4) == (MethodKind.CARD, "visa", "4242")
    assert first == again
    assert first.state is DebitState.SUCCEEDED
    assert first.movement is not None
    assert (first.movement.our_reference, first.movement.fee) == (
        request.reference,
        Money(1_75, "USD"),
    )
    assert len(payer.simulator.journal(payer.account.account_id)) == 1
    since = payer.simulator.now() - timedelta(minutes=1)
    assert payer.debits.find_debit(request, since=since) == first


def test_a_bank_account_is_debited_within_days(payer: Payer) -> None:
    saved = payer.save("pm_usBankAccount_success")
    request = payer.request(saved)
    pending = payer.debits.debit(request)
    assert (saved.kind, saved.bank_name) == (MethodKind.BANK_ACCOUNT, "STRIPE TEST BANK")
    assert (pending.state, pending.movement) == (DebitState.PENDING, None)

    payer.simulator.advance(3 * 86_400)

    paid = payer.debits.retrieve_debit(pending.external_id, request)
    assert paid.state is DebitState.SUCCEEDED
    assert paid.movement is not None
    assert (paid.movement.method, paid.movement.fee) == (PaymentMethodKind.BANK, Money(40, "USD"))


@pytest.mark.parametrize(
    ("token", "failure"),
    [
        ("pm_card_chargeCustomerFail", DebitFailure.CARD_PROBLEM),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            DebitFailure.NO_FUNDS,
        ),
        ("pm_card_authenticationRequired", DebitFailure.AUTHENTICATION),
    ],
)
def test_a_bank_that_says_no_says_why(payer: Payer, token: str, failure: DebitFailure) -> None:
    request = payer.request(payer.save(token))

    statement = payer.debits.debit(request)

    assert (statement.state, statement.failure) == (DebitState.FAILED, failure)
    asked = payer.debits.retrieve_debit(statement.external_id, request)
    assert (asked.state, asked.failure) == (DebitState.FAILED, failure)
    canceled = payer.debits.cancel_debit(statement.external_id, request)
    assert canceled.state is DebitState.CANCELED


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("account_closed", DebitFailure.ACCOUNT_CLOSED),
        ("debit_not_authorized", DebitFailure.MANDATE_GONE),
    ],
)
def test_a_bank_debit_fails_days_later(payer: Payer, code: str, failure: DebitFailure) -> None:
    request = payer.request(payer.save("pm_usBankAccount_success"))
    pending = payer.debits.debit(request)
    with pytest.raises(RequestRefused):
        payer.debits.cancel_debit("pi_unknown", request)
    assert payer.debits.cancel_debit(pending.external_id, request).state is DebitState.PENDING

    payer.simulator.act(f"debits/{pending.external_id}/fail", code=code)

    failed = payer.debits.retrieve_debit(pending.external_id, request)
    assert (failed.state, failed.failure, failed.failure_code) == (DebitState.FAILED, failure, code)


def test_a_method_that_was_let_go_of_cannot_be_debited(payer: Payer) -> None:
    saved = payer.save("pm_card_visa")
    payer.setups.forget_method(saved.payment_method)
    payer.setups.forget_method(saved.payment_method)

    with pytest.raises(MethodGone):
        payer.debits.debit(payer.request(saved))


def test_an_answer_about_another_debit_is_a_lost_one(payer: Payer) -> None:
    request = payer.request(payer.save("pm_card_visa"))
    done = payer.debits.debit(request)

    for wrong in (
        replace(request, amount=Money(50_01, "USD")),
        replace(request, reference=new_public_id("cat")),
    ):
        with pytest.raises(AnswerLost):
            payer.debits.retrieve_debit(done.external_id, wrong)


def test_a_page_that_nobody_used_says_so(payer: Payer) -> None:
    request = SetupRequest(
        reference=new_public_id("mst"),
        customer=payer.customer,
        kinds=KINDS,
        success_url="https://app.example/saved",
        cancel_url="https://app.example/back",
    )
    page = payer.setups.open_setup(request)
    assert payer.setups.open_setup(request) == page

    states = []
    for seconds in (0, 2 * 86_400):
        payer.simulator.advance(seconds)
        said = payer.setups.retrieve_setup(page.external_id, customer=payer.customer)
        states.append(said.state)

    assert states == [SetupState.OPEN, SetupState.EXPIRED]
