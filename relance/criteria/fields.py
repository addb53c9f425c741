"""The registry of fields: what placeholders name, known by entity and name.

Each floor that owns records registers theirs when it starts. Names follow EspoCRM's, so that its
templates can be carried over: `{Person.firstName}`, `{Account.name}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

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
    CHOICE = "choice"
    COUNTRY = "country"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `attribute` is where the record keeps it, dotted when a neighbour does
    (`stage.probability`); empty when it is worked out. `aliases` are other names it answers to."""

    entity: str
    name: str
    label: str | Promise
    kind: Kind = Kind.TEXT
    attribute: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """ "Person.firstName"."""
        return f"{self.entity}.{self.name}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record: its name in placeholders, its label, other names it answers to."""

    name: str
    label: str | Promise
    aliases: tuple[str, ...] = ()


_entities: dict[str, Entity] = {}
_fields: dict[str, dict[str, Field]] = {}
_entity_names: dict[str, str] = {}
_field_names: dict[tuple[str, str], Field] = {}


def register(entity: Entity, fields: Iterable[Field]) -> None:
    """Make an entity and its fields known. Registering one again replaces it."""
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


def fields_of(entity: str) -> tuple[Field, ...]:
    """The fields of that entity (its own name), in order; none when it is not known."""
    return tuple(_fields.get(entity, {}).values())


def is_entity(name: str) -> bool:
    """Is it the name of an entity, or another one it answers to, whatever the case?"""
    return name.casefold() in _entity_names


def find(entity: str, name: str) -> Field | None:
    """The field of those names, read without regard to case; None when there is none."""
    own = _entity_names.get(entity.casefold())
    return _field_names.get((own, name.casefold())) if own else None


def label_of(field: Field) -> str:
    """ "Contact: first name", as menus and chips show it."""
    return _("%(entity)s: %(field)s") % {
        "entity": _entities[field.entity].label,
        "field": field.label,
    }
