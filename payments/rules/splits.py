"""A sale as two legs: the barber's share on his account, the commission on the platform's. Pure."""

from dataclasses import dataclass

from bookedbarber.foundation.money import Money

from .commission import CommissionTerms, calculate_base, calculate_commission


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """`commission` + `remainder` is the whole sale; the tip is part of the remainder."""

    commission: Money
    remainder: Money


def divide_sale(amount: Money, tip: Money, terms: CommissionTerms) -> Shares:
    commission = calculate_commission(calculate_base(amount, tip, terms), terms.rate)
    return Shares(commission=commission, remainder=amount - commission)


def find_split_obstacle(shares: Shares, tip: Money, smallest: Money) -> str:
    """Why these shares cannot be two legs, in words; "" where they can."""
    if shares.commission < smallest:
        return f"the commission of {shares.commission} is below {smallest}"
    if shares.remainder < smallest:
        return f"the barber's share of {shares.remainder} is below {smallest}"
    if shares.remainder <= tip:
        return "the commission is all of the sale but its tip"
    return ""
