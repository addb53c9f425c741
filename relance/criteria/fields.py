"""The registry of fields: what placeholders name and conditions ask, by entity and name.

Each floor that owns records registers theirs when it starts. Names follow EspoCRM's, so that its
templates can be carried over: `{Person.firstName}`, `{Account.name}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _


class Kind(StrEnum):
    """What a field holds, and so how it is written out."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    RECORD = "record"
    CHOICE = "choice"
    COUNTRY = "country"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `attribute` is where the record keeps it, dotted when a neighbour does
    (`stage.probability`); empty when it is worked out. `aliases` are other names it answers to.

    Conditions may ask a field that has a `path`, the ORM's way to its column from the entity's
    model; `values` reads the same from one row (one value or several, None and "" being unknown)
    where `attribute` does not. `is_many` says that the path leads to several rows. `currency` is,
    for money, the name of the field that holds its currency. `choices` gives (value, label) pairs;
    `target` names the entity that a record field points to. `expression` is what the database
    computes where no column holds the value (a key inside JSON); `path` then names it. `asked`
    gives the expression, and `asked_of` the values of one row, where they depend on who asks.
    `beside` gives the rows that hold several values (those whose OuterRef is the record's), from
    which `path` then leads; a number is written in units of `scale`.
    """

    entity: str
    name: str
    label: str | Promise
    kind: Kind = Kind.TEXT
    attribute: str = ""
    aliases: tuple[str, ...] = ()
    path: str = ""
    values: Callable[[Any], Any] | None = None
    is_many: bool = False
    currency: str = ""
    choices: Callable[[], Sequence[tuple[str, str | Promise]]] | None = None
    target: str = ""
    expression: Any = None
    asked: Callable[[Any], Any] | None = None
    asked_of: Callable[[Any, Any], Any] | None = None
    beside: Callable[[], QuerySet[Any]] | None = None
    scale: int = 1

    @property
    def code(self) -> str:
        """ "Person.firstName"."""
        return f"{self.entity}.{self.name}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record: its name in placeholders, its label, other names it answers to, the rows
    that conditions choose from, and `more` fields, which come and go while the server runs."""

    name: str
    label: str | Promise
    aliases: tuple[str, ...] = ()
    rows: Callable[[], QuerySet[Any]] | None = None
    more: Callable[[], Sequence[Field]] | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """Records beside a record, of which one must meet several conditions: a person's deals, say.

    `path` is the ORM's way back, from the target's model to the entity's; where there is none,
    `beside` gives the target's rows by an OuterRef of the record. `rows` gives those of one record.
    `keyed` gives, from the target's rows that are meant, a field of the entity and the keys it is
    then among: they are found once, rather than for each record. `label` reads "a deal". `known`
    names a yes-or-no field without which that there is none is not known either.
    """

    entity: str
    name: str
    label: str | Promise
    target: str
    path: str
    rows: Callable[[Any], Iterable[Any]]
    beside: Callable[[], QuerySet[Any]] | None = None
    known: str = ""
    keyed: Callable[[QuerySet[Any]], tuple[str, QuerySet[Any]]] | None = None


_entities: dict[str, Entity] = {}
_fields: dict[str, dict[str, Field]] = {}
_relations: dict[tuple[str, str], Relation] = {}
_entity_names: dict[str, str] = {}
_field_names: dict[tuple[str, str], Field] = {}


def register(
    entity: Entity, fields: Iterable[Field], *, relations: Iterable[Relation] = ()
) -> None:
    """Make an entity, its fields and its relations known. Registering one again replaces it."""
    for beside in relations:
        _relations[entity.name, beside.name] = beside
    _entities[entity.name] = entity
    for name in (entity.name, *entity.aliases):
        _entity_names[name.casefold()] = entity.name
    known = _fields.setdefault(entity.name, {})
    for field in fields:
        known[field.name] = field
        for name in (field.name, *field.aliases):
            _field_names[entity.name, name.casefold()] = field


def entities() -> tuple[Entity, ...]:
    """The known entities, in the order they were registered."""
    return tuple(_entities.values())


def entity_of(name: str) -> Entity:
    """The entity of that name. Raises KeyError when it is not known."""
    return _entities[name]


def relations_of(entity: str) -> tuple[Relation, ...]:
    """The relations of that entity, in order."""
    return tuple(r for (of, _), r in _relations.items() if of == entity)


def relation(entity: str, name: str) -> Relation | None:
    """The relation of those names; None when there is none."""
    return _relations.get((entity, name))


def fields_of(entity: str) -> tuple[Field, ...]:
    """The fields of that entity (its own name), in order; none when it is not known."""
    return (*_fields.get(entity, {}).values(), *_more(entity))


def taken(entity: str) -> set[str]:
    """The names, in lower case, that lasting fields of that entity (its own name) answer to."""
    return {name for of, name in _field_names if of == entity}


def is_entity(name: str) -> bool:
    """Is it the name of an entity, or another one it answers to, whatever the case?"""
    return name.casefold() in _entity_names


def find(entity: str, name: str) -> Field | None:
    """The field of those names, read without regard to case; None when there is none."""
    own = _entity_names.get(entity.casefold())
    if own is None:
        return None
    wanted = name.casefold()
    found = _field_names.get((own, wanted))
    return found or next((f for f in _more(own) if f.name.casefold() == wanted), None)


def label_of(field: Field) -> str:
    """ "Contact: first name", as menus and chips show it."""
    return _("%(entity)s: %(field)s") % {
        "entity": _entities[field.entity].label,
        "field": field.label,
    }


def _more(entity: str) -> Sequence[Field]:
    known = _entities.get(entity)
    return known.more() if known and known.more else ()
