"""The criteria editor as its template draws it: nodes with the controls of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from relance.criteria import fields
from relance.criteria.conditions import DEEPEST, InvalidCriteria
from relance.criteria.fields import Field, Kind
from relance.criteria.operators import Operator, operators_for
from relance.users.models import User
from relance.web.components.choices import currency_choices
from relance.web.records import editing
from relance.web.records.cells import Labels
from relance.web.records.editing import Tree

Options = list[tuple[str, str, bool]]  # value, label, chosen
_TYPES = {"count": "number", "day": "date", "days": "date"}


@dataclass(frozen=True, slots=True)
class Input:
    """One control of a value: with `options` a drop-down, else an input of that type."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    options: Options | None = None
    is_multiple: bool = False


@dataclass(slots=True)
class Drawn:
    """One node. `kind` is "group", "exists" or "condition"; `join` is what its children are joined
    by, `word` what joins it to those before it, `may_nest` whether a group fits inside."""

    path: str
    kind: str
    word: str = ""
    join: str = "all"
    error: str = ""
    is_denied: bool = False
    relation: str = ""
    label: str = ""
    may_nest: bool = True
    field_name: str = ""
    field_options: Options = field(default_factory=list)
    operator_options: Options = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    children: list[Drawn] = field(default_factory=list)
    relations: list[tuple[str, str]] = field(default_factory=list)


class Drawing:
    """Draws one tree for one viewer; `refusal` says which node cannot be understood."""

    def __init__(self, viewer: User, entity: str, refusal: InvalidCriteria | None = None) -> None:
        self.labels = Labels(viewer)
        self.entity = entity
        self.wrong = editing.path_of(refusal.where) if refusal else ""
        self.reason = _reason(refusal.code) if refusal else ""

    def draw(self, tree: Tree) -> Drawn:
        return self._node(tree, self.entity, editing.ROOT, "")

    def _node(self, tree: Tree, entity: str, path: str, word: str) -> Drawn:
        if "field" in tree:
            return self._condition(tree, entity, path, word)
        drawn = Drawn(path, "group", word, editing.join_of(tree))
        if editing.is_exists(tree):
            relation = fields.relation(entity, str(tree.get("some") or tree.get("no")))
            assert relation is not None  # it was parsed, or sent through `Sent`
            drawn.kind, drawn.is_denied = "exists", "no" in tree
            drawn.relation, drawn.label = relation.name, str(relation.label)
            drawn.join = editing.join_of(tree.get("where", {"all": []}))
            entity = relation.target
        drawn.error = self.reason if path == self.wrong else ""
        drawn.may_nest = path.count("-") < DEEPEST - 2
        drawn.relations = [(r.name, str(r.label)) for r in fields.relations_of(entity)]
        joined = _("or") if drawn.join == "any" else _("and")
        drawn.children = [
            self._node(child, entity, f"{path}-{n}", joined if n else "")
            for n, child in enumerate(editing.children_of(tree))
        ]
        return drawn

    def _condition(self, tree: Tree, entity: str, path: str, word: str) -> Drawn:
        asked = fields.find(entity, str(tree["field"]))
        assert asked is not None  # it was parsed, or sent through `Sent`
        operator = operators_for(asked)[str(tree["op"])]
        return Drawn(
            path,
            "condition",
            word,
            error=self.reason if path == self.wrong else "",
            field_name=asked.name,
            field_options=[
                (f.name, _capital(f.label), f.name == asked.name) for f in editing.askable(entity)
            ],
            operator_options=[
                (o.name, str(o.words), o is operator) for o in operators_for(asked).values()
            ],
            inputs=self._inputs(path, asked, operator, tree.get("value")),
        )

    def _inputs(self, path: str, asked: Field, operator: Operator, value: Any) -> list[Input]:
        label = _("Value of “%(field)s”") % {"field": asked.label}
        if not operator.takes:
            return []
        if operator.takes in ("money", "moneys"):
            several = value if isinstance(value, list) else [value]
            count = 2 if operator.takes == "moneys" else 1
            pairs = [several[n] if n < len(several) else None for n in range(count)]
            return [i for n, pair in enumerate(pairs) for i in _money(path, n, label, pair)]
        if options := self._options(asked, value):
            return [Input(f"{path}.v", label, "", "", options, operator.takes == "texts")]
        kind = _TYPES.get(operator.takes, "text")
        if operator.takes in ("numbers", "days"):
            low, high = value if isinstance(value, list) and len(value) == 2 else ("", "")
            return [
                Input(f"{path}.v", label, kind, str(low)),
                Input(f"{path}.v2", _("and at most"), kind, str(high)),
            ]
        return [Input(f"{path}.v", label, kind, "" if value is None else str(value))]

    def _options(self, asked: Field, value: Any) -> Options | None:
        chosen = {str(v) for v in value} if isinstance(value, list) else {str(value)}
        if asked.choices:
            offered = [(str(v), str(label)) for v, label in asked.choices()]
        elif asked.target == "User":
            offered = [(str(u.pk), u.name) for u in self.labels.people]
        elif asked.kind == Kind.COUNTRY:
            offered = sorted(self.labels.countries.items(), key=lambda pair: pair[1])
            offered = [(code, name) for code, name in offered if len(code) == 2]
        else:
            return None
        return [(code, label, code in chosen) for code, label in offered]


def _money(path: str, at: int, label: str, value: Any) -> list[Input]:
    known = value if isinstance(value, dict) else {}
    suffix = "2" if at else ""
    currency = str(known.get("currency") or "EUR")
    options = [(code, code, code == currency) for code, _name in currency_choices(currency)]
    amount = Input(f"{path}.v{suffix}", label, "text", str(known.get("amount", "")))
    return [amount, Input(f"{path}.c{suffix}", _("Currency"), "", "", options)]


def _reason(code: str) -> str:
    return {
        "bad_value": _("This value is missing or cannot be read. Fill it in."),
        "too_deep": _("Groups lie too deep inside each other. Take one away."),
        "too_many": _("These are too many criteria. Take some away."),
    }.get(code, _("This criterion cannot be understood. Take it away."))


def _capital(label: Any) -> str:
    text = str(label)
    return text[:1].upper() + text[1:]
