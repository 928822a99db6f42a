"""What is carried from one side of a barber's account to the other. Pure."""

from bookedbarber.foundation.money import Money


def calculate_carry_over(*, payable: Money, outstanding: Money) -> Money:
    """The least that leaves neither a debt in the payable nor a credit outstanding.

    Signs as in the books: `payable` above zero is what the barber took too much, `outstanding`
    below zero is a credit. What is carried is added to the receivable and taken off the payable.
    """
    return max(payable, -outstanding, Money.zero(payable.currency))
