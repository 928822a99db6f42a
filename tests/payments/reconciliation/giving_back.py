"""What giving money back for a discrepancy comes to, whatever it is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from bookedbarber.foundation.models import AuditEntry
from payments.models import Discrepancy
from payments.operations.difference_fixes import RefundUnderWay
from tests.payments.books import at_once, get_failed_checks
from tests.payments.reconciliation.accounts import settle
from tests.payments.refunding import list_refunded
from tests.simulation import Simulator


@contextmanager
def disputed(simulator: Simulator, charge: str) -> Iterator[None]:
    """Inside the block the processor refunds nothing of the charge: its dispute is won then."""
    dispute = simulator.act("disputes", payment=charge)
    yield
    simulator.act(f"disputes/{dispute['id']}/win")


def list_keys(simulator: Simulator, row: Discrepancy) -> list[str]:
    """The idempotency key of each time that its processor was told to refund."""
    requests = simulator.requests(row.connection.account_id)
    told = [one for one in requests if one["method"] == "POST" and one["path"].endswith("/refunds")]
    return [one["key"] for one in told]


def settle_ten_at_once(row: Discrepancy, simulator: Simulator) -> None:
    """Each ends well, or is told that somebody else is at it; the processor is told once."""
    ends = at_once([lambda: settle(row) for _ in range(10)])

    assert any(isinstance(end, Discrepancy) for end in ends)
    assert {type(end) for end in ends} <= {Discrepancy, RefundUnderWay}
    assert list_keys(simulator, row) == [row.public_id]


def assert_given_back(
    row: Discrepancy, fix: str, simulator: Simulator, parts: tuple[int, ...] = (75_00,)
) -> None:
    """It is settled by this fix, and its account gave these parts back and no more."""
    row.refresh_from_db()
    assert (row.state, row.fix) == ("resolved", fix)
    assert AuditEntry.objects.filter(subject=row.public_id, action="discrepancy.settled").exists()
    assert tuple(list_refunded(simulator, row.connection.account_id)) == parts
    assert get_failed_checks() == set()
