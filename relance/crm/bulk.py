"""One act on many records: a new owner, a team, a tag, deletion. Each is one entry to undo.

`rows` are records its caller may read; those written are counted. At most `MOST` at once, so that
nobody else waits long for the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from relance import journal
from relance.crm import companies, history, people
from relance.crm.models import Company, Deal, DealContact, Person, Tag
from relance.crm.models.records import Record
from relance.crm.signals import announce
from relance.journal.models import Entry
from relance.lib import clock
from relance.lib.text import hue, squeeze
from relance.users.models import Team, User

MOST = 20_000
_AT_ONCE = 500
_one_by_one: dict[type[Record], Callable[[User, Any], Entry]] = {Company: companies.delete}


class TooMany(Exception):
    """More records than `MOST`; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


@transaction.atomic
def assign(actor: User, rows: QuerySet[Any], owner: User) -> Entry:
    """Give them to another owner. Raises `TooMany`."""
    return _set(actor, rows, owner, owner.name)


@transaction.atomic
def set_team(actor: User, rows: QuerySet[Any], team: Team | None) -> Entry:
    """Put them in a team, or in none. Raises `TooMany`."""
    return _set(actor, rows, team, team.name if team else "")


@transaction.atomic
def tag(actor: User, rows: QuerySet[Any], name: str) -> Entry:
    """Put a tag on them, made when there is none of that name. Raises `TooMany`."""
    keys = _keys(_changing(rows))
    name = squeeze(name)[:60]
    wanted = Tag.objects.filter(name__iexact=name).first()
    wanted = wanted or Tag.objects.create(name=name, hue=hue(name))
    through, column = _tags(rows.model)
    had = {
        getattr(link, column)
        for part in _parts(keys)
        for link in through.objects.filter(tag=wanted, **{f"{column}__in": part})
    }
    added = [key for key in keys if key not in had]
    through.objects.bulk_create(
        [through(tag=wanted, **{column: key}) for key in added], batch_size=_AT_ONCE
    )
    _tell(actor, rows.model, "tags", {"": added}, now=wanted.name)
    params = _params(rows, keys, wanted.name)
    return journal.record(actor, "crm.bulk.tag", params, {"tag": wanted.pk, "added": added})


@transaction.atomic
def untag(actor: User, rows: QuerySet[Any], wanted: Tag) -> Entry:
    """Take a tag from them. Raises `TooMany`."""
    keys = _keys(_changing(rows))
    through, column = _tags(rows.model)
    taken: list[int] = []
    for part in _parts(keys):
        links = through.objects.filter(tag=wanted, **{f"{column}__in": part})
        taken += links.values_list(column, flat=True)
        links.delete()
    _tell(actor, rows.model, "tags", {wanted.name: taken})
    params = _params(rows, keys, wanted.name)
    return journal.record(actor, "crm.bulk.untag", params, {"tag": wanted.pk, "taken": taken})


@transaction.atomic
def delete(actor: User, rows: QuerySet[Any]) -> Entry:
    """Delete them softly. Raises `TooMany`."""
    keys = _keys(rows)
    if (one := _one_by_one.get(rows.model)) is not None:
        entries = [one(actor, record).pk for record in rows.model.objects.filter(pk__in=keys)]
        payload = {"entries": entries}
        return journal.record(actor, "crm.bulk.delete", _params(rows, keys), payload)
    _mark(rows.model, keys, deleted_at=clock.now())
    if entity := history.ENTITIES.get(rows.model):
        history.note_many(actor, entity, keys, history.DELETED)
    return journal.record(actor, "crm.bulk.delete", _params(rows, keys), {"deleted": keys})


def register() -> None:
    """Tell the journal; called when the application is ready."""
    for act, handler in _UNDO.items():
        journal.register_undo(f"crm.bulk.{act}", handler)


def _set(actor: User, rows: QuerySet[Any], value: User | Team | None, name: str) -> Entry:
    field = "owner" if isinstance(value, User) else "team"
    wanted = value.pk if value else None
    keys = _keys(_changing(rows))
    before: dict[str, list[int]] = {}
    for part in _parts(keys):
        some = rows.model.objects.filter(pk__in=part)
        for key, was in some.values_list("pk", f"{field}_id"):
            if was != wanted:
                before.setdefault(str(was or ""), []).append(key)
        some.update(**{f"{field}_id": wanted, "updated_at": clock.now()})
    _tell(actor, rows.model, field, _named(field, before), now=name)
    params = _params(rows, keys, name)
    return journal.record(actor, f"crm.bulk.{field}", params, {"before": before})


def _named(field: str, before: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The same by the names of owners or teams."""
    model: Any = User if field == "owner" else Team
    wanted = [key for key in before if key]
    names = {str(one.pk): one.name for one in model.objects.filter(pk__in=wanted)}
    return {names.get(was, ""): keys for was, keys in before.items()}


def _tell(
    actor: User, model: Any, field: str, before: Mapping[str, Sequence[int]], *, now: str = ""
) -> None:
    """Write the history: what the field said of which records, and what it says of all `now`."""
    if (entity := history.ENTITIES.get(model)) is None:
        return
    changed = {key: ({field: was}, {field: now}) for was, keys in before.items() for key in keys}
    history.record_many(actor, entity, changed)


def _params(rows: QuerySet[Any], keys: Sequence[int], name: str = "") -> dict[str, Any]:
    return {"model": rows.model._meta.label_lower, "count": len(keys), "name": name}


def _changing(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Without leads that were converted: they are history."""
    return rows.filter(converted_at=None) if rows.model is Person else rows


def _keys(rows: QuerySet[Any]) -> list[int]:
    found = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(found) > MOST:
        raise TooMany(rows.count())
    return found


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """SQLite and PostgreSQL both take a few hundred values at once without effort."""
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _tags(model: Any) -> tuple[Any, str]:
    """The table between records of that kind and tags, and its column of the record."""
    through = model.tags.through
    return through, f"{model.tags.field.m2m_field_name()}_id"


def _mark(model: Any, keys: Sequence[int], *, deleted_at: Any) -> None:
    for part in _parts(keys):
        model.objects.filter(pk__in=part).update(deleted_at=deleted_at, updated_at=clock.now())
        announce(_addresses(model, part), "bulk_delete" if deleted_at else "bulk_restore")


def _addresses(model: Any, keys: Sequence[int]) -> list[int]:
    """Whose mail may belong elsewhere now."""
    if model is Deal:
        keys = list(DealContact.objects.filter(deal__in=keys).values_list("person", flat=True))
    elif model is not Person:
        return []
    return people.address_ids(*keys) if keys else []


def _put_back(entry: Entry) -> None:
    model = apps.get_model(entry.params["model"])
    field = entry.verb.rpartition(".")[2]
    before: dict[str, list[int]] = entry.payload["before"]
    for was, keys in before.items():
        for part in _parts(keys):
            value = int(was) if was else None
            model._default_manager.filter(pk__in=part).update(**{f"{field}_id": value})
    for name, keys in _named(field, before).items():
        _tell(entry.user, model, field, {entry.params["name"]: keys}, now=name)


def _untag_again(entry: Entry) -> None:
    through, column = _tags(apps.get_model(entry.params["model"]))
    for part in _parts(entry.payload["added"]):
        found = through.objects.filter(tag_id=entry.payload["tag"], **{f"{column}__in": part})
        found.delete()


def _tag_again(entry: Entry) -> None:
    if not Tag.objects.filter(pk=entry.payload["tag"]).exists():
        return
    through, column = _tags(apps.get_model(entry.params["model"]))
    links = [
        through(tag_id=entry.payload["tag"], **{column: key}) for key in entry.payload["taken"]
    ]
    through.objects.bulk_create(links, ignore_conflicts=True, batch_size=_AT_ONCE)


def _restore(entry: Entry) -> None:
    for nested in entry.payload.get("entries", ()):
        journal.undo(nested, entry.user)
    if deleted := entry.payload.get("deleted"):
        model = apps.get_model(entry.params["model"])
        _mark(model, deleted, deleted_at=None)
        if entity := history.ENTITIES.get(model):
            history.note_many(entry.user, entity, deleted, history.RESTORED)


_UNDO: dict[str, Callable[[Entry], None]] = {
    "owner": _put_back,
    "team": _put_back,
    "tag": _untag_again,
    "untag": _tag_again,
    "delete": _restore,
}
