"""What a processor keeps of a sale."""

from decimal import ROUND_HALF_UP, Decimal


def calculate_fee(amount_minor: int, *, percent: Decimal, fixed_minor: int) -> int:
    """Fee in minor units: percent of the amount plus a fixed part, rounded half up once."""
    fee = Decimal(amount_minor) * percent / 100 + fixed_minor
    return int(fee.quantize(Decimal(1), ROUND_HALF_UP))
