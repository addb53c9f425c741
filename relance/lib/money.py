"""Amounts: a Decimal with its ISO 4217 code. Never summed across currencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency (`currency` is the ISO 4217 code, such as "EUR")."""

    amount: Decimal
    currency: str


def totals(amounts: Iterable[Money]) -> list[Money]:
    """One total per currency, largest first."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return sorted((Money(a, c) for c, a in sums.items()), reverse=True)
