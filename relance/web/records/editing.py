"""The criteria editor: a form that is a tree, and the tree that is a form.

Every node has a path, "0" for the outermost group and "0-2-1" for the second child of its third.
Its parts are sent as `<path>.k` (all, any, some, no or field), `.r` (relation), `.w` (all or any,
of a relation's conditions), `.f` field, `.was` the field before, `.o` operator, `.v` values, `.v2`,
`.c` and `.c2` (currencies). What is read is the form `conditions.parse` reads, complete or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from relance.criteria import fields
from relance.criteria.conditions import DEEPEST, MOST_CONDITIONS
from relance.criteria.fields import Field
from relance.criteria.operators import Operator, operators_for

Tree = dict[str, Any]
ROOT = "0"
_NODE = re.compile(rf"(0(?:-\d{{1,4}}){{0,{DEEPEST}}})\.k")
_CHOSEN = (fields.Kind.CHOICE, fields.Kind.COUNTRY, fields.Kind.RECORD)
_JOINS = ("all", "any")
_EXISTS = ("some", "no")


def askable(entity: str) -> list[Field]:
    """The fields that conditions on that entity may ask."""
    return [f for f in fields.fields_of(entity) if f.path and _has_operators(f)]


def _has_operators(field: Field) -> bool:
    try:
        return bool(operators_for(field))
    except KeyError:
        return False


def join_of(tree: Mapping[str, Any]) -> str:
    return "any" if "any" in tree else "all"


def children_of(tree: Mapping[str, Any]) -> list[Tree]:
    """The nodes below a group, or below the conditions of a relation."""
    group = tree.get("where", {"all": []}) if is_exists(tree) else tree
    found: list[Tree] = group[join_of(group)] if "all" in group or "any" in group else []
    return found


def is_exists(tree: Mapping[str, Any]) -> bool:
    return "some" in tree or "no" in tree


def as_group(tree: Tree) -> Tree:
    """The tree as the editor draws it: a group as its root, and below every relation."""
    if "field" in tree or is_exists(tree):
        return {"all": [_grouped(tree)]}
    return _grouped(tree)


def _grouped(tree: Tree) -> Tree:
    if is_exists(tree):
        return {**tree, "where": as_group(tree.get("where", {"all": []}))}
    if "field" in tree:
        return dict(tree)
    return {join_of(tree): [_grouped(node) for node in children_of(tree)]}


class Sent:
    """The tree a form sent, for records of `entity`."""

    def __init__(self, data: QueryDict, entity: str) -> None:
        self.data = data
        self.children: dict[str, list[str]] = {}
        for key in data:
            if (found := _NODE.fullmatch(key)) and found[1] != ROOT:
                self.children.setdefault(found[1].rpartition("-")[0], []).append(found[1])
        for paths in self.children.values():
            paths.sort(key=lambda path: int(path.rpartition("-")[2]))
        self.tree = self._group(ROOT, entity)

    def _group(self, path: str, entity: str, kind: str = "k") -> Tree:
        join = self.data.get(f"{path}.{kind}", "")
        below = self.children.get(path, ())[:MOST_CONDITIONS]
        nodes = [self._node(child, entity) for child in below]
        return {"any" if join == "any" else "all": [n for n in nodes if n is not None]}

    def _node(self, path: str, entity: str) -> Tree | None:
        kind = self.data.get(f"{path}.k", "")
        if kind in _JOINS:
            return self._group(path, entity)
        if kind in _EXISTS:
            relation = fields.relation(entity, self.data.get(f"{path}.r", ""))
            if relation is None:
                return None
            return {kind: relation.name, "where": self._group(path, relation.target, "w")}
        return self._condition(path, entity)

    def _condition(self, path: str, entity: str) -> Tree | None:
        field = fields.find(entity, self.data.get(f"{path}.f", ""))
        if field is None or not _has_operators(field):
            return None
        known = operators_for(field)
        operator = known.get(self.data.get(f"{path}.o", "")) or next(iter(known.values()))
        found: Tree = {"field": field.name, "op": operator.name}
        if operator.takes and self._fits(path, entity, field):
            found["value"] = self._value(path, operator)
        return found

    def _fits(self, path: str, entity: str, field: fields.Field) -> bool:
        """Was the value written for this field, or for one that takes the same?"""
        was = fields.find(entity, self.data.get(f"{path}.was", field.name))
        if was is None or was.name == field.name:
            return was is not None
        return was.kind == field.kind and was.kind not in _CHOSEN

    def _value(self, path: str, operator: Operator) -> Any:
        several = self.data.getlist(f"{path}.v")
        one, two = next(iter(several), ""), self.data.get(f"{path}.v2", "")
        if operator.takes == "texts":
            return several
        if operator.takes in ("money", "moneys"):
            currency = self.data.get(f"{path}.c", "")
            first = {"amount": one, "currency": currency}
            second = {"amount": two, "currency": self.data.get(f"{path}.c2", "") or currency}
            return [first, second] if operator.takes == "moneys" else first
        return [one, two] if operator.takes in ("numbers", "days") else one


def act(tree: Tree, entity: str, command: str) -> None:
    """Change the tree as a button says: "add:<path>", "group:<path>", "some:<path>:<relation>" or
    "remove:<path>". What makes no sense is ignored."""
    verb, _colon, rest = command.partition(":")
    path, _colon, relation = rest.partition(":")
    if verb == "remove":
        parent, at = _found(tree, path.rpartition("-")[0]), path.rpartition("-")[2]
        if parent is not None and at.isdecimal() and int(at) < len(children_of(parent)):
            del children_of(parent)[int(at)]
        return
    node = _found(tree, path)
    if node is None or "field" in node:
        return
    below = entity_at(tree, entity, path)
    if verb == "add":
        children_of(node).append(first_condition(below))
    elif verb == "group":
        other = "all" if join_of(node) == "any" else "any"
        children_of(node).append({other: [first_condition(below)]})
    elif verb == "some" and (beside := fields.relation(below, relation)):
        children_of(node).append(
            {"some": beside.name, "where": {"all": [first_condition(beside.target)]}}
        )


def first_condition(entity: str) -> Tree:
    """What a new line of the editor asks, until another field is chosen."""
    field = askable(entity)[0]
    return {"field": field.name, "op": next(iter(operators_for(field)))}


def entity_at(tree: Tree, entity: str, path: str) -> str:
    """Whose fields the conditions right below that node ask."""
    node: Tree = tree
    for at in path.split("-")[1:]:
        if (relation := _relation(node, entity)) is not None:
            entity = relation.target
        node = children_of(node)[int(at)]
    relation = _relation(node, entity)
    return relation.target if relation else entity


def _relation(node: Mapping[str, Any], entity: str) -> fields.Relation | None:
    if not is_exists(node):
        return None
    return fields.relation(entity, str(node.get("some") or node.get("no")))


def _found(tree: Tree, path: str) -> Tree | None:
    steps = path.split("-")
    if steps[0] != ROOT:
        return None
    node = tree
    for at in steps[1:]:
        below = children_of(node)
        if not at.isdecimal() or int(at) >= len(below):
            return None
        node = below[int(at)]
    return node


def path_of(where: str) -> str:
    """The path of the node an `InvalidCriteria.where` speaks of."""
    return "-".join([ROOT, *[step for step in where.split(".") if step.isdecimal()]])
