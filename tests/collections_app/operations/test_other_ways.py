"""Collections taken without a debit: from the next payout, or by hand."""

import pytest
from django.utils import timezone

from collections_app.operations.attempts import process_collections, retry_collection
from collections_app.operations.claims import NotToBePaid
from collections_app.operations.netting import NotCovered, net_from_payout
from collections_app.operations.payments_by_decision import ReferenceMissing, pay_by_hand
from collections_app.states import CollectionMethod, CollectionState
from tests import factories
from tests.collections_app.taking import list_debits, owe, save_method
from tests.payments.books import BY, at_once, get_balances, get_failed_checks
from tests.payments.paying import Shop, shop

__all__ = ["shop"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_collection_is_deducted_from_the_next_payout_whole_or_not_at_all(shop: Shop, simulator):
    factories.create_config(shop.barber, net_from_payout=True)
    save_method(simulator, shop.barber, "pm_card_visa")
    shop.connect()
    shop.sell()
    small, large = owe(shop.barber, 20_00), owe(shop.barber, 40_00)

    process_collections(now=shop.now(), by=BY)

    small.refresh_from_db()
    large.refresh_from_db()
    methods = [one.attempts.get().method for one in (small, large)]
    # 57.52 are owed of the sale: 20.00 of them at once, and then 40.00 are more than is left.
    assert methods == [CollectionMethod.PAYOUT_DEDUCTION, CollectionMethod.CARD]
    assert (small.state, large.state) == ("collected", "collected")
    [payout] = shop.pay_out()
    assert payout.amount_minor == 57_52 - 20_00
    assert get_balances(account__code__in=["payable", "receivable"]) == {}
    assert get_failed_checks() == set()


def test_what_is_in_a_payout_is_not_netted_as_well(shop: Shop):
    shop.connect()
    shop.sell()
    collection = owe(shop.barber, 50_00)

    def net() -> object:
        return net_from_payout(collection=collection, by=BY, now=shop.now())

    def pay_out() -> object:
        return shop.pay_out()

    outcomes = at_once([pay_out, net])

    collection.refresh_from_db()
    is_netted = collection.state == CollectionState.COLLECTED
    assert is_netted != isinstance(outcomes[1], NotCovered)
    shop.pay_out()
    assert -sum(shop.list_transfers()) == 57_52 - (50_00 if is_netted else 0)
    assert get_failed_checks() == set()


def test_nothing_is_netted_that_no_payable_covers(shop: Shop):
    collection = owe(shop.barber, 50_00)

    with pytest.raises(NotCovered):
        retry_collection(
            collection=collection,
            method=CollectionMethod.PAYOUT_DEDUCTION,
            reason="He asked for it",
            by=BY,
            now=shop.now(),
        )


def test_what_was_paid_by_hand_is_found_again_by_its_reference(platform, simulator):
    barber = factories.create_barber()
    collection = owe(barber, state=CollectionState.PENDING)
    said = {"collection": collection, "by": "usr_1", "now": timezone.now()}
    with pytest.raises(ReferenceMissing):
        pay_by_hand(reference=" ", **said)

    attempt = pay_by_hand(reference="Wire 4711", **said)

    with pytest.raises(NotToBePaid):
        pay_by_hand(reference="Wire 4712", **said)
    collection.refresh_from_db()
    assert (collection.state, attempt.reference) == ("collected", "Wire 4711")
    assert get_balances() == {"bank": 50_00, "charges": -50_00}
    assert list_debits(simulator, platform.account_id) == []
    assert get_failed_checks() == set()
