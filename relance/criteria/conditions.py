"""Conditions as a typed tree, and how it is kept (JSON).

A tree is made of conditions on one field, of groups of which all or any hold, and of `Exists`:
some record beside this one (a deal of the person) for which all of its own conditions hold
together. There is no free negation: an operator may deny ("is not"), and denies only what is
known. `Exists` may be denied, since whether there is such a record is always known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relance.criteria import fields
from relance.criteria.operators import Operator, operators_for

MOST_CONDITIONS = 100
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Condition:
    """One field, one operator, what it is compared with (as the operator read it)."""

    field: fields.Field
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    """All of them hold (of none, too), or any does (of none, none does)."""

    nodes: tuple[Node, ...]
    is_any: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """Some record of that relation meets `node`, as a whole; or none does (`is_denied`)."""

    relation: fields.Relation
    node: Node
    is_denied: bool = False


Node = Condition | Group | Exists
EVERYTHING = Group(())


class InvalidCriteria(ValueError):
    """Criteria that cannot be read. `code` says why, `where` is the path of the node, such as
    "all.0.value", `what` the word that was not understood."""

    def __init__(self, code: str, where: str, what: str = "") -> None:
        super().__init__(f"{code} at {where or 'the top'}: {what}")
        self.code = code
        self.where = where
        self.what = what


def parse(data: Any, entity: str) -> Node:
    """The tree kept as `data`, for records of that entity. Raises `InvalidCriteria`."""
    return _Reader().node(data, entity, "", DEEPEST)


def dump(node: Node) -> dict[str, Any]:
    """What `parse` reads back."""
    if isinstance(node, Group):
        return {"any" if node.is_any else "all": [dump(n) for n in node.nodes]}
    if isinstance(node, Exists):
        key = "no" if node.is_denied else "some"
        return {key: node.relation.name, "where": dump(node.node)}
    kept: dict[str, Any] = {"field": node.field.name, "op": node.operator.name}
    if node.operator.takes:
        kept["value"] = node.operator.dump(node.value)
    return kept


class _Reader:
    """Reads a tree, counting its conditions."""

    def __init__(self) -> None:
        self.count = 0

    def node(self, data: Any, entity: str, where: str, depth: int) -> Node:
        if depth < 0:
            raise InvalidCriteria("too_deep", where)
        if not isinstance(data, Mapping):
            raise InvalidCriteria("not_a_node", where)
        if "all" in data or "any" in data:
            return self._group(data, entity, where, depth)
        if "some" in data or "no" in data:
            return self._exists(data, entity, where, depth)
        return self._condition(data, entity, where)

    def _group(self, data: Mapping[str, Any], entity: str, where: str, depth: int) -> Group:
        key = "any" if "any" in data else "all"
        listed = data[key]
        if not isinstance(listed, list | tuple) or len(listed) > MOST_CONDITIONS:
            raise InvalidCriteria("not_a_list", f"{where}{key}")
        nodes = tuple(
            self.node(n, entity, f"{where}{key}.{i}.", depth - 1) for i, n in enumerate(listed)
        )
        return Group(nodes, is_any=key == "any")

    def _exists(self, data: Mapping[str, Any], entity: str, where: str, depth: int) -> Exists:
        is_denied = "no" in data
        name = str(data["no" if is_denied else "some"])
        relation = fields.relation(entity, name)
        if relation is None:
            raise InvalidCriteria("unknown_relation", where, name)
        inner = data.get("where", {"all": []})
        node = self.node(inner, relation.target, f"{where}{name}.", depth - 1)
        return Exists(relation, node, is_denied=is_denied)

    def _condition(self, data: Mapping[str, Any], entity: str, where: str) -> Condition:
        self.count += 1
        if self.count > MOST_CONDITIONS:
            raise InvalidCriteria("too_many", where)
        name, word = str(data.get("field", "")), str(data.get("op", ""))
        field = fields.find(entity, name)
        if field is None or not field.path:
            raise InvalidCriteria("unknown_field", f"{where}field", name)
        operator = operators_for(field).get(word)
        if operator is None:
            raise InvalidCriteria("unknown_operator", f"{where}op", word)
        try:
            value = operator.read(data.get("value"))
            if operator.takes and field.kind == fields.Kind.RECORD:
                _check_keys(value)
        except (ValueError, TypeError, ArithmeticError):
            raise InvalidCriteria("bad_value", f"{where}value", str(data.get("value"))) from None
        return Condition(field, operator, value)


def _check_keys(value: str | tuple[str, ...]) -> None:
    """Records are named by their keys. Raises ValueError for anything else."""
    for key in (value,) if isinstance(value, str) else value:
        if not (key.isascii() and key.isdigit()):
            raise ValueError(key)
