"""A record changed where it is read, a field or two at a time; each change can be undone."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from relance import journal
from relance.crm import companies, deals, people
from relance.crm.models import Company, Deal, Person
from relance.journal.models import Entry
from relance.users.models import User

VERB = "crm.record.edit"
Editable = Person | Company | Deal
_MODELS: dict[str, type[Editable]] = {"person": Person, "company": Company, "deal": Deal}
_OWN = {"updated_at", "search_text", "created_at", "deleted_at"}  # not what anybody writes


@transaction.atomic
def save(actor: User, record: Editable) -> Entry | None:
    """Save a changed record through its own process; None when nothing differs."""
    was = type(record)._default_manager.get(pk=record.pk)
    before = {
        field.attname: _kept(field, was)
        for field in _fields(type(record))
        if getattr(was, field.attname) != getattr(record, field.attname)
    }
    if not before:
        return None
    _edit(actor, record)
    entity = next(name for name, model in _MODELS.items() if isinstance(record, model))
    payload = {"entity": entity, "id": record.pk, "before": before}
    return journal.record(actor, VERB, {"name": record.name, "entity": entity}, payload)


def undo(entry: Entry) -> None:
    """Put the fields back as they were."""
    model = _MODELS[entry.payload["entity"]]
    record = model._default_manager.get(pk=entry.payload["id"])
    by_name = {field.attname: field for field in _fields(model)}
    for name, text in entry.payload["before"].items():
        field = by_name[name]
        target = field.target_field if isinstance(field, models.ForeignKey) else field
        setattr(record, name, target.to_python(text))
    _edit(entry.user, record)


def register() -> None:
    """Tell the journal; called when the application is ready."""
    journal.register_undo(VERB, undo)


def _edit(actor: User, record: Editable) -> None:
    if isinstance(record, Person):
        people.edit(record, actor=actor)
    elif isinstance(record, Company):
        companies.edit(record, actor=actor)
    else:
        deals.edit(actor, record)


def _fields(model: type[Editable]) -> list[models.Field[Any, Any]]:
    return [f for f in model._meta.concrete_fields if f.name not in _OWN and not f.primary_key]


def _kept(field: models.Field[Any, Any], record: Editable) -> Any:
    """A field's value as JSON can hold it, and `to_python` reads it."""
    value = field.value_from_object(record)
    if value is None or isinstance(value, str | int | bool | dict | list):
        return value
    return field.value_to_string(record)
