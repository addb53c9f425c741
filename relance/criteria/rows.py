"""Criteria asked of one row: the same answers as `sql` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from relance.criteria import fields, wildcards
from relance.criteria.asking import Asking
from relance.criteria.conditions import Condition, Exists, Group, Node
from relance.criteria.fields import Field, Kind
from relance.criteria.operators import DATES, OPPOSITE, TEXTS, scaled
from relance.lib.text import fold


class Folded(str):
    """A text that is folded already: asked many times, it is folded once."""

    __slots__ = ()


_CHOSEN = {Kind.CHOICE, Kind.COUNTRY, Kind.RECORD}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "contains": lambda a, b: b in a,
    "is": lambda a, b: bool(a == b),
    "starts": lambda a, b: bool(a.startswith(b)),
    "ends": lambda a, b: bool(a.endswith(b)),
    "eq": lambda a, b: bool(a == b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
    "between": lambda a, b: bool(min(b) <= a <= max(b)),
}


def matches(row: Any, node: Node, asking: Asking) -> bool:
    """Does the row, of the entity that `node` was parsed for, meet it?"""
    if isinstance(node, Group):
        verdicts = (matches(row, n, asking) for n in node.nodes)
        return any(verdicts) if node.is_any else all(verdicts)
    if isinstance(node, Exists):
        found = any(matches(r, node.node, asking) for r in node.relation.rows(row))
        return found if not node.is_denied else not found and _is_known(row, node)
    return _meets(row, node, asking)


def _is_known(row: Any, node: Exists) -> bool:
    """Can it be said that there is no such record?"""
    known = fields.find(node.relation.entity, node.relation.known) if node.relation.known else None
    return known is None or any(values_of(row, known))


def values_of(row: Any, field: Field, asking: Asking | None = None) -> list[Any]:
    """What the row says of that field: its known values, none when it is unknown."""
    if field.asked_of is not None:
        found = field.asked_of(row, asking or Asking())
    else:
        found = field.values(row) if field.values else _attribute(row, field.attribute)
    several = isinstance(found, Iterable) and not isinstance(found, str)
    return [v for v in (found if several else [found]) if v is not None and v != ""]


def _attribute(row: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        row = getattr(row, name, None)
    return row


def _meets(row: Any, condition: Condition, asking: Asking) -> bool:
    name, known = condition.operator.name, values_of(row, condition.field, asking)
    if name in ("empty", "filled"):
        return bool(known) == (name == "filled")
    positive = OPPOSITE.get(name, name)
    found = any(_test(row, condition, positive, v, asking) for v in known)
    return bool(known) and not found if name in OPPOSITE else found


def _test(row: Any, condition: Condition, name: str, value: Any, asking: Asking) -> bool:
    field, wanted = condition.field, condition.value
    if name in ("yes", "no"):
        return bool(value) == (name == "yes")
    if name == "me":
        return str(value) == str(asking.user_id)
    if field.kind in DATES:
        return _dated(value, name, wanted, asking)
    if field.kind == Kind.MONEY:
        return _money(row, condition, name, value, asking)
    if field.kind in TEXTS:
        return _text(value, name, fold(wanted))
    if field.kind in _CHOSEN:
        return str(value) in wanted if name == "in" else str(value) == wanted
    return _COMPARE[name](value, scaled(field, wanted))


def _text(value: Any, name: str, wanted: str) -> bool:
    text = value if isinstance(value, Folded) else fold(str(value))
    return wildcards.meets(text, wanted, name) if "*" in wanted else _COMPARE[name](text, wanted)


def _dated(value: date | datetime, name: str, wanted: Any, asking: Asking) -> bool:
    start, end = asking.span(name, wanted)
    day = value.astimezone(asking.zone).date() if isinstance(value, datetime) else value
    return (start is None or day >= start) and (end is None or day < end)


def _money(row: Any, condition: Condition, name: str, value: Any, asking: Asking) -> bool:
    """Amounts are compared in the currency of the row; what cannot be converted is unknown."""
    field, wanted = condition.field, condition.value
    held = fields.find(field.entity, field.currency)
    assert held is not None  # money has a currency
    currency = next(iter(values_of(row, held)), "")
    moneys = wanted if name == "between" else (wanted,)
    limits = [asking.in_currencies(m).get(currency) for m in moneys]
    if None in limits:
        return False
    return _COMPARE[name](value, limits if name == "between" else limits[0])
