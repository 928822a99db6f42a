"""Several who find the same step missing: it is made once."""

import pytest

from bookedbarber.foundation.database import retry_transaction
from payments.models import Accrual, ExternalTransaction
from payments.operations.accruals import accrue_sales
from tests import factories
from tests.payments.books import BY, NOON, at_once, charge, get_balances, get_failed_checks, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_missing_step_is_made_once():
    square = factories.create_connection(factories.create_barber())
    ids = record(square, *(charge() for _ in range(20)))
    ExternalTransaction.objects.update(base_minor=60_00)

    @retry_transaction
    def accrue() -> int:
        return accrue_sales(ids, by=BY, now=NOON)

    made = at_once([accrue] * 6)

    assert sorted(made) == [0] * 5 + [20]
    assert Accrual.objects.count() == 40
    assert get_balances() == {"receivable": 20 * 12_00, "commission": -20 * 12_00}
    assert get_failed_checks() == set()
