"""Money: an exact amount in one currency. Pure.

Units, everywhere in this project:
  Money           what rules, operations and adapters pass around
  `…_minor`       int, smallest unit of the currency: database and processors
  `"12.50"`       text, major units: API, forms and templates
Rates are percentages as `Decimal` (20 means 20 %). Rounding is half up on the minor unit.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

# ISO 4217 exponents of the currencies that processors may report to us.
DECIMAL_PLACES = {"USD": 2, "AUD": 2, "GBP": 2, "CAD": 2, "NZD": 2, "EUR": 2, "JPY": 0}

# What a bigint column holds; the sum of many amounts must still fit.
LARGEST_MINOR = 10**15

# The default context would round the 29th digit away, and call 75.000…01 exact.
_EXACTLY = Context(prec=60, traps=[InvalidOperation, Inexact])
# What `Decimal` also reads (1_000, other scripts' digits, blanks) is more likely a slip.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


class UnknownCurrency(ValueError):
    """The currency is not one that this project knows."""


class NotAnAmount(ValueError):
    """The text or number is not an exact amount of the currency."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount; negative ones are allowed, callers say where they are not."""

    amount_minor: int
    currency: str

    @classmethod
    def from_major(cls, amount: Decimal, currency: str) -> "Money":
        """Read a major-unit amount (75.00 dollars).

        :raises UnknownCurrency: the currency is not known.
        :raises NotAnAmount: not finite, finer than the minor unit, or absurdly large.
        """
        places = get_decimal_places(currency)
        if not amount.is_finite():
            raise NotAnAmount(f"{amount} is not a number")
        # An exponent of thousands would make scaleb and int() slow before we refuse it.
        if amount and abs(amount.adjusted()) > 30:
            raise NotAnAmount("amount is out of range")
        try:
            minor = amount.scaleb(places, _EXACTLY)
        except (InvalidOperation, Inexact) as error:
            raise NotAnAmount(f"{currency} has {places} decimal places") from error
        if minor != minor.to_integral_value():
            raise NotAnAmount(f"{currency} has {places} decimal places")
        if abs(minor) > LARGEST_MINOR:
            raise NotAnAmount("amount is out of range")
        return cls(int(minor), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read major-unit text ("75.00").

        :raises UnknownCurrency: the currency is not known.
        :raises NotAnAmount: as `from_major`, or the text is not a number.
        """
        return cls.from_major(parse_number(text), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units with the currency's number of decimals."""
        places = get_decimal_places(self.currency)
        return Decimal(self.amount_minor).scaleb(-places).quantize(Decimal(1).scaleb(-places))

    def percent(self, rate: Decimal) -> "Money":
        """Take `rate` percent, rounded half up (away from zero at the half)."""
        share = Decimal(self.amount_minor) * rate / 100
        return Money(int(share.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount_minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount_minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount_minor


def parse_number(text: str) -> Decimal:
    """Read a decimal number: digits, at most one point, perhaps an exponent.

    :raises NotAnAmount: anything else, not-a-number and infinity included.
    """
    if not _NUMBER.fullmatch(text):
        raise NotAnAmount(f"{text[:40]!r} is not a number")
    return Decimal(text)


def get_decimal_places(currency: str) -> int:
    """
    :raises UnknownCurrency: the currency is not known.
    """
    try:
        return DECIMAL_PLACES[currency]
    except KeyError as error:
        raise UnknownCurrency(currency) from error


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum amounts of one currency; nothing sums to zero."""
    return sum(amounts, Money.zero(currency))


def allocate(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Share `whole` by weights so that the parts sum to it exactly.

    Largest remainder: every part is rounded down, the cents left over go to the largest
    remainders, earlier parts first.

    :raises ValueError: no weight, a negative one, or all zero.
    """
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [divmod(whole.amount_minor * weight, sum(weights)) for weight in weights]
    left_over = whole.amount_minor - sum(quotient for quotient, _ in parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: -parts[index][1])
    lucky = set(by_remainder[:left_over])
    return [
        Money(quotient + (index in lucky), whole.currency)
        for index, (quotient, _) in enumerate(parts)
    ]
