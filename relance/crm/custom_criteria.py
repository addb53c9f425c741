"""Custom fields as fields of criteria, lists and placeholders: `{Person.key}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db.models import DateField, DecimalField, TextField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, entity_of, register
from relance.crm import custom_fields
from relance.crm.custom_fields import ENTITIES, KIND, currency_name
from relance.crm.models import CustomField
from relance.crm.models.records import Record
from relance.lib.money import Money

_NUMBER = DecimalField(max_digits=25, decimal_places=6)
_KINDS = {
    KIND.TEXT: Kind.TEXT,
    KIND.NUMBER: Kind.NUMBER,
    KIND.MONEY: Kind.MONEY,
    KIND.DATE: Kind.DATE,
    KIND.LIST: Kind.CHOICE,
    KIND.YES_NO: Kind.YES_NO,
    KIND.USER: Kind.RECORD,
}


def of_entity(entity: str) -> Sequence[Field]:
    """The active custom fields of that entity of criteria; one that leads and contacts both have
    is one field."""
    known = custom_fields.shelf().by_entity
    if entity not in known:
        found: dict[str, Field] = {}
        for kind in (kind for kind, of in ENTITIES.items() if of == entity):
            for definition in custom_fields.defined(kind):
                found |= {one.name: one for one in _fields(entity, definition)}
        known[entity] = tuple(found.values())
    return known[entity]


def foreign(kind: str) -> set[str]:
    """The names of fields of the same entity that records of that kind do not have."""
    own = {name for definition in custom_fields.defined(kind) for name in _names(definition)}
    return {one.name for one in of_entity(ENTITIES.get(kind, ""))} - own


def declare() -> None:
    """Let every entity that has custom fields ask for them; called when the application starts."""
    for name in dict.fromkeys(ENTITIES.values()):
        known = entity_of(name)
        more = partial(of_entity, name)
        register(Entity(known.name, known.label, known.aliases, known.rows, more), ())


def _names(definition: CustomField) -> tuple[str, ...]:
    if definition.kind == KIND.MONEY:
        return definition.key, currency_name(definition.key)
    return (definition.key,)


def _fields(entity: str, definition: CustomField) -> tuple[Field, ...]:
    key = definition.key
    label = lazystr(_Label(definition))
    path = f"custom__{key}"
    values = partial(_value, definition.kind, key)
    if definition.kind == KIND.MONEY:
        inside = KeyTransform(key, "custom")
        amount = Cast(KeyTextTransform("amount", inside), _NUMBER)
        beside = currency_name(key)
        words = format_lazy("{label} ({currency})", label=label, currency=_("currency"))
        return (
            Field(
                *(entity, key, label, Kind.MONEY, "", (), f"{path}__amount", values),
                currency=beside,
                expression=amount,
            ),
            Field(
                *(entity, beside, words, Kind.TEXT, "", (), f"{path}__currency"),
                values=partial(_currency, key),
                expression=Cast(KeyTextTransform("currency", inside), TextField()),
            ),
        )
    return (
        Field(
            *(entity, key, label, _KINDS[KIND(definition.kind)], "", (), path, values),
            choices=partial(_choices, definition) if definition.kind == KIND.LIST else None,
            target="User" if definition.kind == KIND.USER else "",
            expression=_expression(definition),
        ),
    )


def _expression(definition: CustomField) -> Any:
    """What the database compares: a text, not JSON, but for yes and no."""
    text = KeyTextTransform(definition.key, "custom")
    casts: dict[str, Callable[[], Any]] = {
        KIND.NUMBER: lambda: Cast(text, _NUMBER),
        KIND.DATE: lambda: Cast(text, DateField()),
        KIND.YES_NO: lambda: None,
    }
    return casts.get(definition.kind, lambda: Cast(text, TextField()))()


def _value(kind: str, key: str, record: Record) -> Any:
    found = custom_fields.typed(kind, record.custom.get(key))
    if isinstance(found, Money):
        return found.amount
    return str(found) if kind == KIND.USER and found is not None else found


def _currency(key: str, record: Record) -> str:
    found = custom_fields.typed(KIND.MONEY, record.custom.get(key))
    return found.currency if isinstance(found, Money) else ""


def _choices(definition: CustomField) -> list[tuple[str, str]]:
    return [(choice.code, choice.words) for choice in custom_fields.choices_of(definition)]


class _Label:
    """A definition's label, in the language of whoever reads it then."""

    def __init__(self, definition: CustomField) -> None:
        self.definition = definition

    def __str__(self) -> str:
        return custom_fields.label_of(self.definition)
