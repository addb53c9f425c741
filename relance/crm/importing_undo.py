"""A whole import undone: what it made is deleted, what it changed is put back.

What somebody changed since is left as it is. The rows that tell what to undo go with each batch,
so that an undoing that was broken off goes on where it stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Model

from relance import journal
from relance.addresses.models import EmailAddress
from relance.crm import history
from relance.crm.importing_fields import MODELS
from relance.crm.importing_writing import plain
from relance.crm.models import (
    Company,
    CompanyAddress,
    Deal,
    ImportedRow,
    ImportRun,
    Person,
    PersonAddress,
    PersonPhone,
)
from relance.crm.signals import announce
from relance.jobs import leases
from relance.journal.models import Change, Entry
from relance.lib import clock
from relance.users.models import User

_AT_ONCE = 300
_LEASE = 60.0
State = ImportRun.State


def entry_of(run: ImportRun) -> Entry | None:
    """What the journal says of it; None for a run that wrote nothing, or that was undone."""
    found = Entry.objects.filter(user=run.user_id, verb="crm.import", undone_at=None)
    return found.filter(payload__run=run.pk).order_by("-pk").first()


def begin(entry: Entry) -> None:
    """The journal's handler: the workers do it, for it may take a while."""
    rows = ImportRun.objects.filter(pk=entry.payload["run"], state__in=[State.DONE, State.FAILED])
    if not rows.update(state=State.UNDOING, lease_until=None, next_try_at=None, attempts=0):
        raise journal.CannotUndo("gone")


def undo(run: ImportRun) -> None:
    """Undo a claimed run to its end, batch by batch."""
    while _some(run):
        if not leases.extend(run, seconds=_LEASE):
            return
    leases.release(run, state=State.UNDONE)


@transaction.atomic
def _some(run: ImportRun) -> bool:
    """A batch; False when nothing is left."""
    mine = ImportRun.objects.select_for_update().filter(pk=run.pk, state=State.UNDOING)
    if not mine.exists():
        return False
    rows = list(run.rows.order_by("kind", "pk")[:_AT_ONCE])
    if not rows:
        return False
    kind = rows[0].kind
    rows = [row for row in rows if row.kind == kind]
    if kind == "opt_out":
        EmailAddress.objects.filter(pk__in=_keys(rows)).update(opted_out_at=None)
    elif kind == "company":
        _delete_companies(run.user, _keys(rows))
    else:
        model = MODELS[run.entity]
        _delete(run, model, _keys(row for row in rows if not row.before))
        _put_back(run.user, model, {r.record_id: r.before for r in rows if r.before})
    ImportedRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return True


def _keys(rows: Any) -> list[int]:
    return [row.record_id for row in rows]


def _delete(run: ImportRun, model: Any, keys: Collection[int]) -> None:
    """Delete softly what the import made, but what somebody changed since."""
    entity = history.ENTITIES[model]
    changes = Change.objects.filter(entity=entity, record_id__in=keys, at__gte=run.created_at)
    touched = set(changes.values_list("record_id", flat=True))
    rows = model.objects.filter(pk__in=set(keys) - touched, deleted_at=None)
    gone = list(rows.values_list("pk", flat=True))
    model.objects.filter(pk__in=gone).update(deleted_at=clock.now())
    history.note_many(run.user, entity, gone, history.DELETED)
    if touched:
        kept = run.options.get("kept", 0) + len(touched)
        run.options = {**run.options, "kept": kept}
        ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    _tell(model, gone)


def _delete_companies(user: User, keys: Collection[int]) -> None:
    """Accounts made along with what is gone now; those that others use meanwhile stay."""
    people = Person.objects.filter(company__in=keys, deleted_at=None)
    deals = Deal.objects.filter(company__in=keys, deleted_at=None)
    used = {*people.values_list("company", flat=True), *deals.values_list("company", flat=True)}
    changes = Change.objects.filter(entity="company", record_id__in=keys)
    used |= set(changes.values_list("record_id", flat=True))
    gone = sorted(set(keys) - used)
    Company.objects.filter(pk__in=gone, deleted_at=None).update(deleted_at=clock.now())
    history.note_many(user, "company", gone, history.DELETED)


def _put_back(user: User, model: Any, before: dict[int, dict[str, Any]]) -> None:
    related = ["owner", "team"] + (["company"] if model is not Company else [])
    records = {r.pk: r for r in model.objects.select_related(*related).filter(pk__in=before)}
    was = {key: history.of(record) for key, record in records.items()}
    fields: set[str] = set()
    for key, record in records.items():
        for name, (old, new) in before[key].get("set", {}).items():
            if plain(getattr(record, name)) == new:
                setattr(record, name, _read(model, name, old))
                fields.add(name.removesuffix("_id"))
        record.updated_at, record.search_text = clock.now(), record.indexed_text()
    names = fields | {"updated_at", "search_text"}
    model.objects.bulk_update(records.values(), names, batch_size=100)
    entity = history.ENTITIES[model]
    history.record_many(user, entity, {k: (was[k], history.of(r)) for k, r in records.items()})
    _take_away(model, {key: before[key] for key in records})
    _tell(model, records)


def _read(model: Any, name: str, kept: Any) -> Any:
    column: Any = model._meta.get_field(name.removesuffix("_id") if name != "custom" else name)
    if kept is None or column.is_relation or name == "custom":
        return kept
    return column.to_python(kept)


def _take_away(model: Any, before: dict[int, dict[str, Any]]) -> None:
    """Addresses, numbers and tags that were added."""
    PersonPhone.objects.filter(
        pk__in=[pk for one in before.values() for pk in one.get("phones", ())]
    ).delete()
    tagged: dict[int, list[int]] = defaultdict(list)
    for key, one in before.items():
        for tag in one.get("tags", ()):
            tagged[tag].append(key)
    column = f"{model.tags.field.m2m_field_name()}_id"
    for tag, keys in tagged.items():
        model.tags.through.objects.filter(tag=tag, **{f"{column}__in": keys}).delete()
    if model is Deal:
        return
    links: Any = CompanyAddress if model is Company else PersonAddress
    owner = "company_id" if model is Company else "person_id"
    for key, one in before.items():
        if added := one.get("addresses"):
            links.objects.filter(**{owner: key}, address__in=added).delete()
            announce(added, "import_undone")


def _tell(model: type[Model], keys: Collection[int]) -> None:
    """Whose mail may belong elsewhere now."""
    links = PersonAddress.objects.none()
    if model is Person:
        links = PersonAddress.objects.filter(person__in=list(keys))
    elif model is Deal:
        links = PersonAddress.objects.filter(person__deals__in=list(keys))
    announce(links.values_list("address_id", flat=True), "import_undone")
