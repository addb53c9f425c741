"""The columns a list may show: every field of its entity, and those a module works out itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.utils.functional import Promise

from relance.criteria import fields
from relance.criteria.fields import Field, Kind
from relance.criteria.rows import values_of
from relance.crm import custom_criteria
from relance.crm.modules import Module
from relance.users.models import User
from relance.web.records import cells
from relance.web.records.cells import Labels

Facts = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `order` are the ORM's paths or expressions it is sorted by (none: it cannot be).

    `cell` and `plain` are given the record, what `facts` said of it (None when it said nothing)
    and the labels; a cell answers HTML or text to be escaped, a plain one what an export holds.
    `facts` looks up what a whole page needs at once (`plain_facts` what an export does, where that
    is more); `related` is joined, `prefetch` fetched. `currency` says that of a record's amount.
    """

    name: str
    label: str | Promise
    cell: Callable[[Any, Any, Labels], str]
    plain: Callable[[Any, Any, Labels], Any]
    order: tuple[Any, ...] = ()
    related: tuple[str, ...] = ()
    prefetch: Callable[[], str | Prefetch[Any]] | None = None
    facts: Callable[[User, Sequence[int]], Facts] | None = None
    plain_facts: Callable[[User, Sequence[int]], Facts] | None = None
    currency: Callable[[Any], str] | None = None
    is_number: bool = False
    css: str = ""

    @property
    def classes(self) -> str:
        return f"{'r ' if self.is_number else ''}{self.css}".strip()


#: Whose custom fields a module's records have.
_CUSTOM = {"leads": "Lead", "contacts": "Person"}
_own: dict[str, dict[str, Column]] = {}
_RIGHT = {Kind.MONEY, Kind.NUMBER, Kind.MOMENT}
_CSS = {Kind.MOMENT: "muted nowrap hide-s", Kind.EMAIL: "muted hide-s", Kind.DATE: "nowrap"}
_USER = ("first_name", "last_name")


def register(entity: str, *columns: Column) -> None:
    """Columns that an entity's lists work out themselves; they win over fields of that name."""
    _own.setdefault(entity, {}).update({column.name: column for column in columns})


def available(module: Module) -> dict[str, Column]:
    """Every column a list of that module may show, by name."""
    own = _own.get(module.entity, {})
    hidden = {*own, *custom_criteria.foreign(_CUSTOM.get(module.key, ""))}
    shown = [f for f in fields.fields_of(module.entity) if _is_shown(f) and f.name not in hidden]
    return {**own, **{f.name: _of_field(f) for f in shown}}


def chosen(module: Module, names: Sequence[str], known: Mapping[str, Column]) -> list[Column]:
    """Of the columns it knows, those of these names, in that order, each once; those of the module
    for none."""
    found = [known[name] for name in dict.fromkeys(names) if name in known]
    return found or [known[name] for name in module.columns if name in known]


def _is_shown(field: Field) -> bool:
    return bool(field.path or field.attribute or field.values) and field.kind != Kind.HTML


def _of_field(field: Field) -> Column:
    return Column(
        name=field.name,
        label=field.label,
        cell=partial(_cell, field),
        plain=partial(_plain, field),
        order=_order(field),
        related=_related(field),
        prefetch=(lambda: field.path.rpartition("__")[0]) if field.is_many else None,
        currency=partial(_currency, field) if field.currency else None,
        is_number=field.kind in _RIGHT,
        css=_CSS.get(field.kind, "") or ("nowrap hide-s" if field.target == "User" else ""),
    )


def _cell(field: Field, record: Any, _fact: Any, labels: Labels) -> str:
    return cells.cell(record, field, labels)


def _plain(field: Field, record: Any, _fact: Any, labels: Labels) -> Any:
    return cells.plain(record, field, labels)


def _currency(field: Field, record: Any) -> str:
    held = fields.find(field.entity, field.currency)
    return str(next(iter(values_of(record, held)), "")) if held else ""


def _order(field: Field) -> tuple[Any, ...]:
    if field.is_many or not field.path:
        return ()
    if field.expression is not None:
        return _computed_order(field)
    if field.target == "User":
        return tuple(f"{field.path}__{name}" for name in _USER) if field.attribute else ()
    return (field.currency, field.path) if field.currency else (field.path,)


def _computed_order(field: Field) -> tuple[Any, ...]:
    """Choices and users are kept as codes, whose order says nothing."""
    if field.kind in (Kind.CHOICE, Kind.RECORD):
        return ()
    held = fields.find(field.entity, field.currency) if field.currency else None
    return (held.expression, field.expression) if held else (field.expression,)


def _related(field: Field) -> tuple[str, ...]:
    """What is joined so that the row says this field without asking again."""
    if field.is_many:
        return ()
    held = field.attribute.rpartition(".")[0] or field.path.rpartition("__")[0]
    return (held.replace(".", "__"),) if held else ()
