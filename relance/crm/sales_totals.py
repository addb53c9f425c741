"""What a sales document amounts to.

Rounding, half up, to the currency's smallest unit: each line first, then the base of each tax rate
(after the document's discount), then its tax. A document's totals are the sums of what is shown, so
that whoever adds the lines up finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from babel.numbers import get_currency_precision

_HUNDRED = Decimal(100)
#: Totals have 15 digits, two of them behind the point.
MOST = Decimal(10) ** 13


class Line(Protocol):
    """What a line must say; one without a price is a heading."""

    quantity: Decimal
    unit_price: Decimal | None
    discount_percent: Decimal
    tax_percent: Decimal


class TooLarge(ValueError):
    """The document amounts to more than can be kept."""


@dataclass(frozen=True, slots=True)
class Tax:
    """One rate: `base` is what it is reckoned on."""

    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """`lines` are the sums of the lines before the document's `discount`; `subtotal` is before
    tax."""

    lines: Decimal
    discount: Decimal
    subtotal: Decimal
    taxes: tuple[Tax, ...]
    tax: Decimal
    total: Decimal


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the currency's smallest unit, half up: cents, or whole yen."""
    step = Decimal(1).scaleb(-min(get_currency_precision(currency), 2))
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def of_line(line: Line, currency: str) -> Decimal:
    """The amount of one line before tax and before the document's discount."""
    if line.unit_price is None:
        return Decimal(0)
    full = line.quantity * line.unit_price
    if abs(full) >= MOST:
        raise TooLarge
    return rounded(full * (_HUNDRED - line.discount_percent) / _HUNDRED, currency)


def of_lines(lines: Iterable[Line], currency: str, discount: Decimal = Decimal(0)) -> Totals:
    """The totals of a document of these lines; `discount` in percent. Raises `TooLarge`."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        if line.unit_price is not None:
            rate = Decimal(line.tax_percent)
            bases[rate] = bases.get(rate, Decimal(0)) + of_line(line, currency)
    whole = sum(bases.values(), Decimal(0))
    taxes = tuple(
        _taxed(rate, base * (_HUNDRED - discount) / _HUNDRED, currency)
        for rate, base in sorted(bases.items(), reverse=True)
    )
    subtotal = sum((tax.base for tax in taxes), Decimal(0))
    tax = sum((tax.amount for tax in taxes), Decimal(0))
    if abs(whole) >= MOST or abs(subtotal + tax) >= MOST:
        raise TooLarge
    return Totals(whole, whole - subtotal, subtotal, taxes, tax, subtotal + tax)


def _taxed(rate: Decimal, base: Decimal, currency: str) -> Tax:
    base = rounded(base, currency)
    return Tax(rate, base, rounded(base * rate / _HUNDRED, currency))
