"""Conversations corrected by their reader, each with its way back (SYN-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from relance import journal
from relance.inbox import search
from relance.inbox.visibility import copy_for, thread_for, visible_copies
from relance.journal.models import Entry
from relance.mail import corrections
from relance.mail.corrections import Moved, NothingToMove
from relance.mail.models import Folder, Message, MessageCopy, Thread
from relance.users.models import User

SPLIT, MERGED, MOVED = "thread.split", "thread.merge", "thread.move"
MOST_CANDIDATES = 20
_MOST_READ = 200  # copies, of which each conversation may have many
_PUT_AWAY = [Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation one may move mail to, by its newest message."""

    thread_id: int
    subject: str
    sender: str
    at: datetime


def register() -> None:
    """Tell the journal how to undo what this module does."""
    for verb in (SPLIT, MERGED, MOVED):
        journal.register_undo(verb, _take_back)


def _take_back(entry: Entry) -> None:
    corrections.take_back(entry.payload)


@transaction.atomic
def split(viewer: User, thread_id: int, copy_id: int) -> Entry:
    """Make a conversation of that message and all that came after it; answers go along.

    Raises `Thread.DoesNotExist`, `MessageCopy.DoesNotExist` or `NothingToMove`.
    """
    thread, copy = _message_of(viewer, thread_id, copy_id)
    later = visible_copies(viewer).filter(thread=thread, key__gte=copy.key, message__isnull=False)
    ids = set(later.values_list("message_id", flat=True))
    earlier = visible_copies(viewer).filter(thread=thread, key__lt=copy.key)
    ids -= set(earlier.values_list("message_id", flat=True))
    return _record(viewer, SPLIT, corrections.move(thread, {i for i in ids if i}))


@transaction.atomic
def move_message(
    viewer: User, thread_id: int, copy_id: int, target_id: int | None, *, with_answers: bool
) -> Entry:
    """Move that one message to another conversation of its mailbox, or to one of its own.

    `with_answers`: mails that answer it follow it from now on. Raises as `split` does.
    """
    thread, copy = _message_of(viewer, thread_id, copy_id)
    target = _target(viewer, thread, target_id) if target_id is not None else None
    moved = corrections.move(thread, {copy.message_id or 0}, target, with_answers=with_answers)
    return _record(viewer, MOVED, moved)


@transaction.atomic
def merge(viewer: User, thread_id: int, target_id: int) -> Entry:
    """Move the whole conversation into another one of its mailbox. Raises as `split` does."""
    thread = thread_for(viewer, thread_id)
    return _record(viewer, MERGED, corrections.merge(thread, _target(viewer, thread, target_id)))


def candidates(viewer: User, thread_id: int, query: str) -> list[Candidate]:
    """Conversations of the same mailbox to move to: found by `query`, else the latest ones with
    the same people. Raises `Thread.DoesNotExist`."""
    thread = thread_for(viewer, thread_id)
    mine = visible_copies(viewer).filter(account=thread.account_id, message__isnull=False)
    mine = mine.exclude(thread=thread).exclude(folder__special_use__in=_PUT_AWAY)
    if query.strip():
        copies = mine.filter(message__in=search.matching(query, limit=400))
    else:
        people = visible_copies(viewer).filter(thread=thread, is_outgoing=False)
        copies = mine.filter(message__from_address__in=people.values("message__from_address"))
    found: dict[int | None, Candidate] = {}
    for copy in copies.select_related("message__from_address").order_by("-key")[:_MOST_READ]:
        if copy.thread_id and copy.thread_id not in found and copy.message:
            found[copy.thread_id] = _candidate(copy, copy.message)
        if len(found) == MOST_CANDIDATES:
            break
    return list(found.values())


def _candidate(copy: MessageCopy, message: Message) -> Candidate:
    address = message.from_address.address if message.from_address else ""
    return Candidate(
        copy.thread_id or 0, message.subject, message.from_name or address, copy.received_at
    )


def _message_of(viewer: User, thread_id: int, copy_id: int) -> tuple[Thread, MessageCopy]:
    copy = copy_for(viewer, copy_id)
    thread = thread_for(viewer, thread_id)
    if copy.thread_id != thread.pk or copy.message_id is None:
        raise MessageCopy.DoesNotExist
    return thread, copy


def _target(viewer: User, thread: Thread, target_id: int) -> Thread:
    target = thread_for(viewer, target_id)
    if target.account_id != thread.account_id:
        raise NothingToMove
    return target


def _record(viewer: User, verb: str, moved: Moved) -> Entry:
    params = {"count": len(moved.copies), "thread": moved.target}
    return journal.record(viewer, verb, params, moved.as_payload())
