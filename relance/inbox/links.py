"""Which deal and which cases a conversation is about (D20, D34, PAN-11).

What somebody chose by hand is sticky, the choice of none included. A link shows nobody a mail she
may not see: it only says where a mail belongs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from relance import journal
from relance.crm import access
from relance.crm.models import Case, Deal
from relance.inbox.models import RecordLink
from relance.inbox.visibility import thread_for, visible_copies
from relance.journal.models import Entry
from relance.mail.models import MessageCopy, Thread, ThreadReference
from relance.users.models import User

DEAL, CASE = "deal", "case"
LINKED, UNLINKED = "thread.link", "thread.unlink"
_KEPT = ("record_id", "origin", "is_removed", "created_by_id")


@dataclass(frozen=True, slots=True)
class Linked:
    """The deal of a conversation, and who or what said so (`RecordLink.Origin`)."""

    deal: Deal
    origin: str


@dataclass(frozen=True, slots=True)
class Links:
    """`linked` is the deal it is about; `suggested` are others it may be about, the last changed
    first; `is_settled` says that somebody decided by hand."""

    linked: Linked | None = None
    suggested: Sequence[Deal] = field(default_factory=tuple)
    is_settled: bool = False


def of_thread(viewer: User, thread_id: int, open_deals: Iterable[Deal]) -> Links:
    """The deal of that conversation, as far as the viewer may read it; `open_deals` are those of
    its correspondent. One query, another when something is linked."""
    rows = list(_rows(thread_id).order_by("pk"))
    kept = [r.record_id for r in rows if not r.is_removed]
    dropped = {r.record_id for r in rows if r.is_removed}
    readable = access.deals_for(viewer).select_related("stage")
    deals = {d.pk: d for d in readable.filter(pk__in=kept)} if kept else {}
    linked = next(
        (Linked(deals[r.record_id], r.origin) for r in reversed(rows) if r.record_id in deals), None
    )
    here = linked.deal.pk if linked else 0
    others = [d for d in open_deals if d.pk != here and (linked or d.pk not in dropped)]
    others.sort(key=lambda d: (d.updated_at, d.pk), reverse=True)
    return Links(linked, others, any(r.origin == RecordLink.Origin.MANUAL for r in rows))


@transaction.atomic
def link(viewer: User, thread_id: int, deal_id: int) -> Entry:
    """The conversation is about that deal, and no other. Raises `Thread.DoesNotExist` and
    `Deal.DoesNotExist` for what she may not see."""
    thread = thread_for(viewer, thread_id)
    deal = access.deals_for(viewer).get(pk=deal_id)
    before = _before(thread)
    _rows(thread.pk).exclude(record_id=deal.pk).update(
        is_removed=True, origin=RecordLink.Origin.MANUAL, created_by=viewer
    )
    _decide(viewer, thread, deal.pk, is_removed=False)
    return journal.record(viewer, LINKED, {"deal": deal.name, "thread": thread.pk}, before)


@transaction.atomic
def unlink(viewer: User, thread_id: int, deal_id: int) -> Entry:
    """The conversation is not about that deal: neither an address nor a later mail says otherwise.
    Raises as `link` does."""
    thread = thread_for(viewer, thread_id)
    deal = access.deals_for(viewer).get(pk=deal_id)
    before = _before(thread)
    _decide(viewer, thread, deal.pk, is_removed=True)
    return journal.record(viewer, UNLINKED, {"deal": deal.name, "thread": thread.pk}, before)


@transaction.atomic
def link_case(viewer: User, message_id: int, case: Case) -> None:
    """The conversation of that mail is about the case, in each mailbox where the viewer sees it."""
    copies = visible_copies(viewer).filter(message=message_id, thread__isnull=False)
    for thread_id in set(copies.values_list("thread_id", flat=True)):
        RecordLink.objects.update_or_create(
            thread_id=thread_id,
            message=None,
            entity=CASE,
            record_id=case.pk,
            defaults={
                "is_removed": False,
                "origin": RecordLink.Origin.MANUAL,
                "created_by": viewer,
            },
        )


def cases_of(viewer: User, thread_id: int) -> list[Case]:
    """The cases that conversation is about, the newest first. One query."""
    rows = RecordLink.objects.filter(
        thread=thread_id, message=None, entity=CASE, is_removed=False
    ).values("record_id")
    return list(access.cases_for(viewer).filter(pk__in=rows).order_by("-number"))


def _rows(thread_id: int) -> Any:
    return RecordLink.objects.filter(thread=thread_id, message=None, entity=DEAL)


def _decide(viewer: User, thread: Thread, deal_id: int, *, is_removed: bool) -> None:
    RecordLink.objects.update_or_create(
        thread=thread,
        message=None,
        entity=DEAL,
        record_id=deal_id,
        defaults={
            "is_removed": is_removed,
            "origin": RecordLink.Origin.MANUAL,
            "created_by": viewer,
        },
    )


def _before(thread: Thread) -> dict[str, Any]:
    return {"thread": thread.pk, "rows": list(_rows(thread.pk).values(*_KEPT))}


def register() -> None:
    """Tell the journal how to undo what this module does."""
    for verb in (LINKED, UNLINKED):
        journal.register_undo(verb, _put_back)


def _put_back(entry: Entry) -> None:
    before: Mapping[str, Any] = entry.payload
    thread = Thread.objects.filter(pk=before["thread"]).first()
    if thread is None:
        return  # it was joined with another, which keeps its own links
    _rows(thread.pk).delete()
    RecordLink.objects.bulk_create(
        RecordLink(thread=thread, entity=DEAL, **row) for row in before["rows"]
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
