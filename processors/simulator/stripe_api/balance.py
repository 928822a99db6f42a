"""The balance: what the money journal adds up to, by the day it becomes available."""

from processors.simulator.call import Call
from processors.simulator.messages import Json


def retrieve(call: Call) -> Json:
    account = call.account
    sums = dict.fromkeys(account.currencies, (0, 0))
    found = call.simulation.movements.sum_balances("stripe", account.account_id, call.now_ms)
    sums |= {currency: (available, pending) for currency, available, pending in found}
    return {
        "object": "balance",
        "available": [_line(currency, available) for currency, (available, _) in sums.items()],
        "livemode": False,
        "pending": [_line(currency, pending) for currency, (_, pending) in sums.items()],
    }


def _line(currency: str, amount_minor: int) -> Json:
    return {
        "amount": amount_minor,
        "currency": currency.lower(),
        "source_types": {"card": amount_minor},
    }
