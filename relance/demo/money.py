"""What the demo's organisation counts other currencies at."""

from __future__ import annotations

from decimal import Decimal

from relance.users.models import Currency

_RATES = {"CHF": "1.07", "GBP": "1.15", "USD": "0.92"}


def write() -> None:
    """A rate for each of its customers' currencies."""
    Currency.objects.bulk_create(
        Currency(code=code, rate=Decimal(rate)) for code, rate in _RATES.items()
    )
