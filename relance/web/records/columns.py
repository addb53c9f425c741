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
from relance.crm.modules import Module
from relance.users.models import User
from relance.web.records import cells
from relance.web.records.cells import Labels

Facts = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `order` are the ORM's paths it is sorted by (none: it cannot be).

    `cell` and `plain` are given the record, what `facts` said of it (None when it said nothing)
    and the labels; a cell answers HTML or text to be escaped, a plain one what an export holds.
    `facts` looks up what a whole page needs at once; `related` is joined, `prefetch` fetched.
    """

    name: str
    label: str | Promise
    cell: Callable[[Any, Any, Labels], str]
    plain: Callable[[Any, Any, Labels], Any]
    order: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    prefetch: Callable[[], str | Prefetch[Any]] | None = None
    facts: Callable[[User, Sequence[int]], Facts] | None = None
    is_number: bool = False
    css: str = ""

    @property
    def classes(self) -> str:
        return f"{'r ' if self.is_number else ''}{self.css}".strip()


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
    shown = [f for f in fields.fields_of(module.entity) if _is_shown(f) and f.name not in own]
    return {**own, **{f.name: _of_field(f) for f in shown}}


def chosen(module: Module, names: Sequence[str]) -> list[Column]:
    """The columns of those names, in that order, each once; those of the module for none."""
    known = available(module)
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
        is_number=field.kind in _RIGHT,
        css=_CSS.get(field.kind, "") or ("nowrap hide-s" if field.target == "User" else ""),
    )


def _cell(field: Field, record: Any, _fact: Any, labels: Labels) -> str:
    return cells.cell(record, field, labels)


def _plain(field: Field, record: Any, _fact: Any, labels: Labels) -> Any:
    return cells.plain(record, field, labels)


def _order(field: Field) -> tuple[str, ...]:
    if field.is_many or not field.path:
        return ()
    if field.target == "User":
        return tuple(f"{field.path}__{name}" for name in _USER) if field.attribute else ()
    return (field.currency, field.path) if field.currency else (field.path,)


def _related(field: Field) -> tuple[str, ...]:
    """What is joined so that the row says this field without asking again."""
    if field.is_many:
        return ()
    held = field.attribute.rpartition(".")[0] or field.path.rpartition("__")[0]
    return (held.replace(".", "__"),) if held else ()
