"""Barbers sell at their own terminals, and give some of it back there; none of it is our doing."""

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.chaos.barbers import BARBERS, find_barber
from tests.chaos.mix import GOES_ON, PlannedSale
from tests.chaos.simulator import Simulator


class Terminals:
    """`done` counts what was sold by method, and what was given back."""

    def __init__(self, simulator: Simulator, sales: Sequence[PlannedSale]) -> None:
        self.done: Counter[str] = Counter()
        self._simulator = simulator
        self._lock = threading.Lock()
        self._sales: dict[int, list[PlannedSale]] = defaultdict(list)
        for sale in sales:
            self._sales[sale.at].append(sale)

    def sell(self, number: int) -> None:
        """What is to be sold before the payment with this number begins."""
        for sale in self._sales.get(number, ()):
            self._sell(sale)

    def _sell(self, sale: PlannedSale) -> None:
        sold = self._simulator.sell(
            {
                "processor": sale.processor,
                "account_id": find_barber(sale.barber).get_account_id(sale.processor),
                "amount_minor": sale.amount_minor - sale.tip_minor,
                "tip_minor": sale.tip_minor,
                "method": sale.method,
            }
        )
        self._count(sale.method)
        if sale.refund_minor:
            later = GOES_ON[sale.ending]
            self._simulator.refund(sold["id"], amount_minor=sale.refund_minor, **later)
            self._count("returned")

    def _count(self, what: str) -> None:
        with self._lock:
            self.done[what] += 1


def sell_and_return(simulator: Simulator, processor: str) -> None:
    """One sale at the first barber's terminal, of which a part goes back at once."""
    account_id = next(spec for spec in BARBERS if processor in spec.processors).get_account_id(
        processor
    )
    sold = simulator.sell(
        {
            "processor": processor,
            "account_id": account_id,
            "amount_minor": 41_50,
            "tip_minor": 6_25,
        }
    )
    simulator.refund(sold["id"], amount_minor=13_35)
