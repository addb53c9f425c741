"""The operators of each kind of field, and the values they take.

An operator is a name, the words for it, and what it takes. What it means in SQL and on one row is
in `sql` and `rows`, which go by its name and the field's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Field, Kind
from relance.lib.money import Money

#: Operators that deny, and what they deny: of what is known only.
OPPOSITE = {"not_contains": "contains", "is_not": "is", "not_in": "in"}
TEXTS = frozenset({Kind.TEXT, Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.HTML})
DATES = frozenset({Kind.DATE, Kind.MOMENT})

_LONGEST = 500
_MOST_LISTED = 200
_MOST_DAYS = 3660
_LARGEST = Decimal(10) ** 13
_SPACES = str.maketrans({",": ".", "\u202f": None, "\u00a0": None, " ": None})


@dataclass(frozen=True, slots=True)
class Operator:
    """`takes` is "", "text", "texts", "number", "numbers", "money", "moneys", "day", "days" or
    "count"; the plural of numbers, money and days is a range of two."""

    name: str
    words: str | Promise
    takes: str = ""

    def read(self, value: Any) -> Any:
        """The value as it is compared. Raises ValueError, TypeError or ArithmeticError."""
        return _READ[self.takes](value)

    def dump(self, value: Any) -> Any:
        """The value as JSON keeps it."""
        return _dumped(value)


def _read_text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(value)
    text = str(value).replace("\x00", "").strip()[:_LONGEST]
    if not text:
        raise ValueError(value)
    return text


def _read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or len(value) > _MOST_LISTED:
        raise ValueError(value)
    return tuple(_read_text(v) for v in value)


def _read_number(value: Any) -> Decimal:
    number = Decimal(str(value).translate(_SPACES))
    if not number.is_finite() or isinstance(value, bool) or abs(number) >= _LARGEST:
        raise ValueError(value)
    return number


def _read_money(value: Any) -> Money:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    currency = str(value.get("currency", "")).upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise ValueError(value)
    return Money(_read_number(value.get("amount")), currency)


def _read_day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(str(value))


def _read_count(value: Any) -> int:
    count = int(value)
    if not 0 < count <= _MOST_DAYS:
        raise ValueError(value)
    return count


def _two(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, Any]]:
    def both(value: Any) -> tuple[Any, Any]:
        low, high = value
        return read(low), read(high)

    return both


_READ: dict[str, Callable[[Any], Any]] = {
    "": lambda _value: None,
    "text": _read_text,
    "texts": _read_texts,
    "number": _read_number,
    "numbers": _two(_read_number),
    "money": _read_money,
    "moneys": _two(_read_money),
    "day": _read_day,
    "days": _two(_read_day),
    "count": _read_count,
}


def _dumped(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_dumped(v) for v in value]
    return value


def _named(*operators: Operator) -> Mapping[str, Operator]:
    return {o.name: o for o in operators}


_EMPTY = (Operator("empty", _("is empty")), Operator("filled", _("is filled in")))
_CHOSEN = (
    Operator("is", _("is"), "text"),
    Operator("is_not", _("is not"), "text"),
    Operator("in", _("is one of"), "texts"),
    Operator("not_in", _("is none of"), "texts"),
)


def _measured(one: str, two: str) -> tuple[Operator, ...]:
    return (
        Operator("eq", _("is"), one),
        Operator("gt", _("is more than"), one),
        Operator("ge", _("is at least"), one),
        Operator("lt", _("is less than"), one),
        Operator("le", _("is at most"), one),
        Operator("between", _("is between"), two),
    )


_TEXT = _named(
    Operator("contains", _("contains"), "text"),
    Operator("not_contains", _("does not contain"), "text"),
    Operator("is", _("is"), "text"),
    Operator("is_not", _("is not"), "text"),
    Operator("starts", _("starts with"), "text"),
    Operator("ends", _("ends with"), "text"),
    *_EMPTY,
)
_DATE = _named(
    Operator("on", _("is on"), "day"),
    Operator("before", _("is before"), "day"),
    Operator("after", _("is after"), "day"),
    Operator("between", _("is between"), "days"),
    Operator("today", _("is today")),
    Operator("past", _("is past")),
    Operator("this_week", _("is this week")),
    Operator("this_month", _("is this month")),
    Operator("next_month", _("is next month")),
    Operator("this_year", _("is this year")),
    Operator("last_days", _("is within the last days:"), "count"),
    Operator("next_days", _("is within the next days:"), "count"),
    Operator("older_days", _("is older, in days, than"), "count"),
    *_EMPTY,
)
_CHOICE = _named(*_CHOSEN, *_EMPTY)
_OF_KIND: dict[Kind, Mapping[str, Operator]] = {
    **dict.fromkeys(TEXTS, _TEXT),
    **dict.fromkeys(DATES, _DATE),
    Kind.NUMBER: _named(*_measured("number", "numbers"), *_EMPTY),
    Kind.MONEY: _named(*_measured("money", "moneys"), *_EMPTY),
    Kind.CHOICE: _CHOICE,
    Kind.COUNTRY: _CHOICE,
    Kind.RECORD: _named(*_CHOSEN, Operator("me", _("is me")), *_EMPTY),
    Kind.YES_NO: _named(Operator("yes", _("is yes")), Operator("no", _("is no"))),
}


def scaled(field: Field, value: Any) -> Any:
    """What a number is compared with where the field is written in larger units (kilobytes)."""
    if field.scale == 1:
        return value
    if isinstance(value, tuple):
        return tuple(v * field.scale for v in value)
    return value * field.scale


def operators_of(kind: Kind) -> Mapping[str, Operator]:
    """The operators a field of that kind knows, by name, in the order menus show them."""
    return _OF_KIND[kind]


def operators_for(field: Field) -> Mapping[str, Operator]:
    """The operators of that very field: only a user can be "me"."""
    known = operators_of(field.kind)
    if field.kind != Kind.RECORD or field.target == "User":
        return known
    return {name: operator for name, operator in known.items() if name != "me"}
