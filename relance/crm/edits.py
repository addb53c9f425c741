"""A record changed where it is read, a field or two at a time; each change can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models, transaction

from relance import journal
from relance.crm import companies, deals, people, phones, tagging
from relance.crm.models import Company, Deal, Person
from relance.crm.phones import Number
from relance.journal.models import Entry
from relance.users.models import User

VERB = "crm.record.edit"
Editable = Person | Company | Deal
_MODELS: dict[str, type[Editable]] = {"person": Person, "company": Company, "deal": Deal}
_OWN = {"updated_at", "search_text", "created_at", "deleted_at"}  # not what anybody writes


@transaction.atomic
def save(actor: User, record: Editable, **lists: Any) -> Entry | None:
    """Save a changed record through its own process; None when nothing differs.

    `lists` are what it has several of: `addresses` (texts, the primary one first), `phones`
    (`Number`s), `tags` (names). Raises `NotAnAddress`.
    """
    was = type(record)._default_manager.get(pk=record.pk)
    fields = {
        field.attname: _kept(field, was)
        for field in _fields(type(record))
        if getattr(was, field.attname) != getattr(record, field.attname)
    }
    if fields:
        _edit(actor, record)
    several = {}
    for name, wanted in lists.items():
        read, write = _LISTS[name]
        before = read(record)
        write(actor, record, wanted)
        if read(record) != before:
            several[name] = before
    if not fields and not several:
        return None
    entity = next(name for name, model in _MODELS.items() if isinstance(record, model))
    payload = {"entity": entity, "id": record.pk, "before": fields, "lists": several}
    return journal.record(actor, VERB, {"name": record.name, "entity": entity}, payload)


def undo(entry: Entry) -> None:
    """Put the fields back as they were; what they referred to may be gone by now.

    Raises `journal.CannotUndo` for a record that is only read since.
    """
    model = _MODELS[entry.payload["entity"]]
    record = model._default_manager.get(pk=entry.payload["id"])
    if getattr(record, "is_converted", False) or getattr(record, "erased_at", None):
        raise journal.CannotUndo("gone")
    for name, before in entry.payload.get("lists", {}).items():
        _LISTS[name][1](entry.user, record, before)
    if not entry.payload["before"]:
        return
    by_name = {field.attname: field for field in _fields(model)}
    for name, text in entry.payload["before"].items():
        field = by_name[name]
        setattr(record, name, _read(field, text))
    _edit(entry.user, record)


def register() -> None:
    """Tell the journal; called when the application is ready."""
    journal.register_undo(VERB, undo)


def _addresses(record: Any) -> list[str]:
    return [str(link.address) for link in record.address_links.select_related("address")]


def _set_addresses(actor: User, record: Any, wanted: Sequence[str]) -> None:
    owner = people if isinstance(record, Person) else companies
    owner.set_addresses(record, wanted, actor=actor)


def _phones(record: Any) -> list[list[str]]:
    return [[one.number, one.kind] for one in record.phones.all()]


def _set_phones(actor: User, record: Any, wanted: Sequence[Any]) -> None:
    numbers = [one if isinstance(one, Number) else Number(*one) for one in wanted]
    phones.set_phones(actor, record, numbers)


def _tags(record: Any) -> list[str]:
    return list(record.tags.values_list("name", flat=True))


#: How each list is read and written.
_LISTS: dict[str, tuple[Callable[[Any], list[Any]], Callable[[User, Any, Any], None]]] = {
    "addresses": (_addresses, _set_addresses),
    "phones": (_phones, _set_phones),
    "tags": (_tags, tagging.set_tags),
}


def _edit(actor: User, record: Editable) -> None:
    if isinstance(record, Person):
        people.edit(record, actor=actor)
    elif isinstance(record, Company):
        companies.edit(record, actor=actor)
    else:
        deals.edit(actor, record)


def _fields(model: type[Editable]) -> list[models.Field[Any, Any]]:
    return [f for f in model._meta.concrete_fields if f.name not in _OWN and not f.primary_key]


def _read(field: models.Field[Any, Any], kept: Any) -> Any:
    """What `_kept` gave, as the model holds it; a team that was removed is none."""
    if not isinstance(field, models.ForeignKey):
        return field.to_python(kept)
    key = field.target_field.to_python(kept)
    if field.null and not field.related_model._base_manager.filter(pk=key).exists():
        return None
    return key


def _kept(field: models.Field[Any, Any], record: Editable) -> Any:
    """A field's value as JSON can hold it, and `to_python` reads it."""
    value = field.value_from_object(record)
    if value is None or isinstance(value, str | int | bool | dict | list):
        return value
    return field.value_to_string(record)
