"""What currencies are worth in the organisation's own, and amounts converted to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from relance.lib.money import Money
from relance.users.models import Currency, Organisation

_CENTS = Decimal("0.01")
_DEFAULT = "EUR"


def own() -> str:
    """The currency the organisation counts in."""
    organisation = Organisation.current()
    return organisation.currency if organisation else _DEFAULT


def rates(currency: str = "") -> dict[str, Decimal]:
    """How many units of the organisation's currency one unit of each is worth, by code: itself,
    and the active ones that have a rate. `currency` is the organisation's, where it is known."""
    known = Currency.objects.filter(is_active=True, rate__gt=0).values_list("code", "rate")
    return {**dict(known), currency or own(): Decimal(1)}


def converted(
    amounts: Iterable[Money], to: str, rates: Mapping[str, Decimal]
) -> tuple[Money, list[str]]:
    """Their sum in `to`, to the cent, and the currencies left out for want of a rate."""
    total, unknown = Decimal(0), dict[str, None]()
    for money in amounts:
        if (rate := rates.get(money.currency)) is None:
            unknown[money.currency] = None
        else:
            total += money.amount * rate
    return Money(total.quantize(_CENTS), to), list(unknown)
