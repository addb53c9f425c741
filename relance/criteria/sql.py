"""Criteria compiled to SQL: those rows of a queryset which meet them.

Unknown (NULL, or an empty text) meets no condition, denied or not, but `empty`.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists as SqlExists
from django.db.models import OuterRef, Q, QuerySet

from relance.criteria import fields, wildcards
from relance.criteria.asking import Asking
from relance.criteria.conditions import Condition, Exists, Group, Node
from relance.criteria.fields import Field, Kind
from relance.criteria.folding import Fold
from relance.criteria.operators import DATES, OPPOSITE, TEXTS, scaled
from relance.lib.text import fold

_BLANK = TEXTS | {Kind.CHOICE, Kind.COUNTRY}
_LOOKUPS = {
    **{"contains": "contains", "is": "exact", "starts": "startswith", "ends": "endswith"},
    **{"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte", "in": "in"},
}
_NOTHING = Q(pk__in=())
_EVERYTHING = ~_NOTHING  # an empty Q would vanish beside another


def select(rows: QuerySet[Any], node: Node, asking: Asking) -> QuerySet[Any]:
    """Those of `rows`, of the entity that `node` was parsed for, which meet it."""
    compiler = _Compiler(asking)
    condition = compiler.node(node)
    found: QuerySet[Any] = rows.alias(**compiler.aliases).filter(condition)
    return found


class _Compiler:
    """Compiles one tree for one queryset, whose aliases are its folded columns."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.aliases: dict[str, Any] = {}

    def node(self, node: Node) -> Q:
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Exists):
            return self._exists(node)
        return self._condition(node)

    def _group(self, group: Group) -> Q:
        if not group.nodes:
            return _NOTHING if group.is_any else _EVERYTHING
        return reduce(or_ if group.is_any else and_, [self.node(n) for n in group.nodes])

    def _exists(self, node: Exists) -> Q:
        relation = node.relation
        if relation.keyed:
            path, keys = relation.keyed(select(_rows(relation.target), node.node, self.asking))
            found = Q(**{f"{path}__in": keys})
        else:
            beside = (
                relation.beside()
                if relation.beside
                else _rows(relation.target).filter(**{relation.path: OuterRef("pk")})
            )
            found = Q(SqlExists(select(beside, node.node, self.asking)))
        if not node.is_denied:
            return found
        known = fields.find(relation.entity, relation.known) if relation.known else None
        return Q(**{self._path(known): True}) & ~found if known else ~found

    def _condition(self, condition: Condition) -> Q:
        if condition.field.is_many:
            return self._many(condition)
        name = condition.operator.name
        if name in OPPOSITE:
            return self._known(condition.field) & ~self._test(condition, OPPOSITE[name])
        return self._test(condition, name)

    def _many(self, condition: Condition) -> Q:
        """Several values: one of them meets it; denied, there is one, and none does."""
        name = condition.operator.name
        beside = condition.field.beside
        same = (
            beside()
            if beside
            else _rows(condition.field.entity).order_by().filter(pk=OuterRef("pk"))
        )
        filled = Q(SqlExists(same.filter(self._known(condition.field))))
        if name in ("filled", "empty"):
            return filled if name == "filled" else ~filled
        inner = _Compiler(self.asking)
        test = inner._test(condition, OPPOSITE.get(name, name))
        found = Q(SqlExists(same.alias(**inner.aliases).filter(test)))
        return filled & ~found if name in OPPOSITE else found

    def _test(self, condition: Condition, operator: str) -> Q:
        field, value = condition.field, condition.value
        if operator in ("empty", "filled"):
            return self._known(field) if operator == "filled" else ~self._known(field)
        path = self._path(field)
        if operator in ("yes", "no"):
            return Q(**{path: operator == "yes"})
        if operator == "me":
            return Q(**{path: self.asking.user_id})
        if field.kind in DATES:
            return self._dated(field, *self.asking.span(operator, value))
        if field.kind == Kind.MONEY:
            return self._money(field, operator, value)
        if field.kind in TEXTS:
            return self._text(field, operator, fold(value))
        value = scaled(field, value)
        if operator == "between":
            return Q(**{f"{path}__gte": min(value), f"{path}__lte": max(value)})
        return Q(**{f"{path}__{_LOOKUPS[operator]}": value})

    def _text(self, field: Field, operator: str, wanted: str) -> Q:
        pattern = wildcards.pattern(wanted, operator)
        if pattern:  # which may meet the empty text, that is, what is unknown
            return self._known(field) & Q(**{f"{self._folded(field)}__relance_like": pattern})
        return Q(**{f"{self._folded(field)}__{_LOOKUPS[operator]}": wanted})

    def _path(self, field: Field) -> str:
        """What lookups name: the column, or what is computed in its place."""
        expression = self._expression(field)
        if expression is None:
            return field.path
        alias = f"computed_{field.name}"
        self.aliases[alias] = expression
        return alias

    def _expression(self, field: Field) -> Any:
        return field.asked(self.asking) if field.asked else field.expression

    def _known(self, field: Field) -> Q:
        path = self._path(field)
        known = Q(**{f"{path}__isnull": False})
        return known & ~Q(**{path: ""}) if field.kind in _BLANK else known

    def _folded(self, field: Field) -> str:
        alias = f"folded_{field.name}"
        expression = self._expression(field)
        self.aliases[alias] = Fold(field.path if expression is None else expression)
        return alias

    def _dated(self, field: Field, start: Any, end: Any) -> Q:
        found, path = self._known(field), self._path(field)
        for lookup, day in (("gte", start), ("lt", end)):
            if day is not None:
                at = self.asking.instant(day) if field.kind == Kind.MOMENT else day
                found &= Q(**{f"{path}__{lookup}": at})
        return found

    def _money(self, field: Field, operator: str, value: Any) -> Q:
        currency = fields.find(field.entity, field.currency)
        assert currency is not None  # money has a currency
        limits = [
            self.asking.in_currencies(m) for m in (value if operator == "between" else [value])
        ]
        found, path, code_path = _NOTHING, self._path(field), self._path(currency)
        for code in set.intersection(*[set(limit) for limit in limits]):
            amounts = [limit[code] for limit in limits]
            tests = (
                {f"{path}__gte": min(amounts), f"{path}__lte": max(amounts)}
                if operator == "between"
                else {f"{path}__{_LOOKUPS[operator]}": amounts[0]}
            )
            found |= Q(**{code_path: code, **tests})
        return found


def _rows(entity: str) -> QuerySet[Any]:
    rows = fields.entity_of(entity).rows
    assert rows is not None  # conditions are about entities that have rows
    return rows()
