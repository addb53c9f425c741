"""Which records a conversation is about (D20, D21, D34, PAN-11): a deal, cases, and to whom it
belongs: an account, a contact or a lead.

What somebody chose by hand is sticky, the choice of none included. A link shows nobody a mail she
may not see: it only says where a mail belongs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

from relance import journal
from relance.crm import access
from relance.crm.models import Case, Company, Deal, Person
from relance.crm.models.records import Record
from relance.inbox.models import RecordLink
from relance.inbox.visibility import thread_for, visible_copies
from relance.journal.models import Entry
from relance.mail.models import MessageCopy, Thread, ThreadReference
from relance.users.models import User

R = TypeVar("R", bound=Record)

DEAL, CASE, COMPANY, PERSON = "deal", "case", "company", "person"
#: What a conversation may be linked to.
MODELS: Mapping[str, type[Record]] = {DEAL: Deal, CASE: Case, COMPANY: Company, PERSON: Person}
#: Whose it is: one of these at a time.
PARENTS = (COMPANY, PERSON)
LINKED, UNLINKED = "thread.link", "thread.unlink"
_KEPT = ("entity", "record_id", "origin", "is_removed", "created_by_id")


@dataclass(frozen=True, slots=True)
class Linked:
    """The deal of a conversation, and who or what said so (`RecordLink.Origin`)."""

    deal: Deal
    origin: str


@dataclass(frozen=True, slots=True)
class Parent:
    """Whose a conversation is, and who or what said so."""

    record: Company | Person
    origin: str

    @property
    def entity(self) -> str:
        return COMPANY if isinstance(self.record, Company) else PERSON


@dataclass(frozen=True, slots=True)
class Links:
    """`linked` is the deal it is about; `suggested` are others it may be about, the last changed
    first; `is_settled` says that somebody decided by hand. `refused` are the accounts and persons
    that were said not to be its parent."""

    linked: Linked | None = None
    suggested: Sequence[Deal] = field(default_factory=tuple)
    is_settled: bool = False
    cases: Sequence[Case] = field(default_factory=tuple)
    parent: Parent | None = None
    refused: frozenset[tuple[str, int]] = frozenset()


def of_thread(viewer: User, thread_id: int, open_deals: Iterable[Deal]) -> Links:
    """What that conversation is linked to, as far as the viewer may read it; `open_deals` are those
    of its correspondent. One query, and one for each kind of record linked."""
    every = list(_rows(thread_id).order_by("pk"))
    rows = [r for r in every if r.entity == DEAL]
    dropped = {r.record_id for r in rows if r.is_removed}
    deals = _kept(access.deals_for(viewer).select_related("stage"), rows)
    linked = next(
        (Linked(deals[r.record_id], r.origin) for r in reversed(rows) if r.record_id in deals), None
    )
    here = linked.deal.pk if linked else 0
    others = [d for d in open_deals if d.pk != here and (linked or d.pk not in dropped)]
    others.sort(key=lambda d: (d.updated_at, d.pk), reverse=True)
    cases = _kept(access.cases_for(viewer), [r for r in every if r.entity == CASE])
    return Links(
        linked=linked,
        suggested=others,
        is_settled=any(r.origin == RecordLink.Origin.MANUAL for r in rows),
        cases=sorted(cases.values(), key=lambda case: -case.number),
        parent=_parent(viewer, every),
        refused=frozenset(
            (r.entity, r.record_id) for r in every if r.is_removed and r.entity in PARENTS
        ),
    )


def _parent(viewer: User, rows: Sequence[RecordLink]) -> Parent | None:
    """The account or person linked last; by hand before by itself."""
    found: list[tuple[bool, int, Parent]] = []
    readable = (
        (COMPANY, access.companies_for(viewer)),
        (PERSON, access.people_for(viewer).select_related("company")),
    )
    for entity, records in readable:
        of_kind = [r for r in rows if r.entity == entity]
        known = _kept(records, of_kind)
        found += [
            (r.origin == RecordLink.Origin.MANUAL, r.pk, Parent(known[r.record_id], r.origin))
            for r in of_kind
            if r.record_id in known
        ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def _kept(records: Any, rows: Iterable[RecordLink]) -> dict[int, Any]:
    """Those of the records that these rows link, by key; no query when there are none."""
    ids = {r.record_id for r in rows if not r.is_removed}
    return {record.pk: record for record in records.filter(pk__in=ids)} if ids else {}


def link(viewer: User, thread_id: int, deal_id: int) -> Entry:
    """The conversation is about that deal, and no other. Raises `Thread.DoesNotExist` and
    `Deal.DoesNotExist` for what she may not see."""
    return attach(viewer, thread_id, DEAL, deal_id)


def unlink(viewer: User, thread_id: int, deal_id: int) -> Entry:
    """The conversation is not about that deal: neither an address nor a later mail says otherwise.
    Raises as `link` does."""
    return detach(viewer, thread_id, DEAL, deal_id)


@transaction.atomic
def attach(viewer: User, thread_id: int, entity: str, key: int) -> Entry:
    """The conversation is about that record: a case beside others, a deal instead of another, an
    account or person instead of another of both.

    Raises `Thread.DoesNotExist`, and the record's `DoesNotExist`, for what she may not see.
    """
    thread = thread_for(viewer, thread_id)
    record = access.records_for(viewer, MODELS[entity]).get(pk=key)
    kinds = _instead_of(entity)
    before = _before(thread, kinds)
    if entity != CASE:
        _rows(thread.pk, kinds).exclude(entity=entity, record_id=key).filter(
            is_removed=False
        ).update(is_removed=True, origin=RecordLink.Origin.MANUAL, created_by=viewer)
    _decide(viewer, thread, (entity, key), is_removed=False)
    return journal.record(viewer, LINKED, _said(thread, entity, record), before)


@transaction.atomic
def detach(viewer: User, thread_id: int, entity: str, key: int) -> Entry:
    """The conversation is not about that record, whatever says otherwise later. Raises as `attach`
    does."""
    thread = thread_for(viewer, thread_id)
    record = access.records_for(viewer, MODELS[entity]).get(pk=key)
    before = _before(thread, _instead_of(entity))
    _decide(viewer, thread, (entity, key), is_removed=True)
    return journal.record(viewer, UNLINKED, _said(thread, entity, record), before)


def _instead_of(entity: str) -> tuple[str, ...]:
    return PARENTS if entity in PARENTS else (entity,)


def _said(thread: Thread, entity: str, record: Record) -> dict[str, Any]:
    return {entity: str(record), "name": str(record), "thread": thread.pk}


@transaction.atomic
def link_case(viewer: User, message_id: int, case: Case) -> None:
    """The conversation of that mail is about the case, in each mailbox where the viewer sees it."""
    copies = visible_copies(viewer).filter(message=message_id, thread__isnull=False)
    for thread in Thread.objects.filter(pk__in=copies.values("thread")):
        _decide(viewer, thread, (CASE, case.pk), is_removed=False)


def _rows(thread_id: int, kinds: Collection[str] = ()) -> Any:
    rows = RecordLink.objects.filter(thread=thread_id, message=None)
    return rows.filter(entity__in=kinds) if kinds else rows


def _decide(viewer: User, thread: Thread, record: tuple[str, int], *, is_removed: bool) -> None:
    RecordLink.objects.update_or_create(
        thread=thread,
        message=None,
        entity=record[0],
        record_id=record[1],
        defaults={
            "is_removed": is_removed,
            "origin": RecordLink.Origin.MANUAL,
            "created_by": viewer,
        },
    )


def _before(thread: Thread, kinds: Collection[str]) -> dict[str, Any]:
    rows = list(_rows(thread.pk, kinds).values(*_KEPT))
    return {"thread": thread.pk, "kinds": list(kinds), "rows": rows}


def register() -> None:
    """Tell the journal how to undo what this module does."""
    for verb in (LINKED, UNLINKED):
        journal.register_undo(verb, _put_back)


def _put_back(entry: Entry) -> None:
    before: Mapping[str, Any] = entry.payload
    thread = Thread.objects.filter(pk=before["thread"]).first()
    if thread is None:
        return  # it was joined with another, which keeps its own links
    _rows(thread.pk, before.get("kinds") or [DEAL]).delete()
    RecordLink.objects.bulk_create(
        RecordLink(thread=thread, **{"entity": DEAL, **row}) for row in before["rows"]
    )


def follow(thread_ids: Collection[int]) -> None:
    """Two conversations became one: what the emptied one was linked to, the other is, unless
    something is linked to that already. Inside the transaction of the merge, before its end.

    One is emptied by a merge when neither a message nor a reference is left in it. Conversations
    corrected by hand keep their own links: the correction may be taken back.
    """
    links = list(RecordLink.objects.filter(thread__in=thread_ids, thread__is_corrected=False))
    if not links:
        return
    filled = _threads_of(MessageCopy, thread_ids)
    if len(filled) != 1:
        return
    survivor = filled.pop()
    gone = set(thread_ids) - {survivor} - _threads_of(ThreadReference, thread_ids)
    own = {row.entity for row in links if row.thread_id == survivor}
    for row in links:
        if row.thread_id in gone and row.entity not in own:
            RecordLink.objects.filter(pk=row.pk).update(thread=survivor)


def _threads_of(
    model: type[MessageCopy] | type[ThreadReference], thread_ids: Collection[int]
) -> set[int]:
    rows = model._default_manager.filter(thread__in=thread_ids)
    return set(rows.values_list("thread_id", flat=True).distinct())
