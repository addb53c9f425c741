"""What a user does with conversations: read, unread, archive, trash, and undo.

The local effect and the operation for the server are one transaction (`mail.operations`); the
journal keeps where each copy was, so that undo puts it back there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from relance import journal
from relance.inbox.visibility import visible_copies
from relance.journal.models import Entry
from relance.mail import operations
from relance.mail.models import Folder, MessageCopy
from relance.users.models import User

ARCHIVED, TRASHED = "mail.archive", "mail.trash"
_TRASHED_FROM = [Folder.Use.INBOX, Folder.Use.ARCHIVE, Folder.Use.SPAM, Folder.Use.OTHER]


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(ARCHIVED, _put_back)
    journal.register_undo(TRASHED, _put_back)


@transaction.atomic
def mark_seen(viewer: User, thread_ids: Collection[int], *, seen: bool) -> int:
    """Mark these conversations read or unread, here and on the server; returns copies changed.

    Unread is the newest received message alone: the conversation stands out again, and its older
    messages stay read.
    """
    copies = _received(viewer, thread_ids).exclude(is_seen=seen).order_by("thread_id", "-key")
    changed = list(copies.select_related("folder", "account"))
    if not seen:
        newest: dict[int | None, MessageCopy] = {}
        for copy in changed:
            newest.setdefault(copy.thread_id, copy)
        changed = list(newest.values())
    operations.mark_seen(changed, seen=seen)
    return len(changed)


@transaction.atomic
def archive(viewer: User, thread_ids: Collection[int]) -> Entry | None:
    """Move what the inbox holds of these conversations to Archive. None: nothing to move."""
    copies = _in_folders(viewer, thread_ids).filter(folder__special_use=Folder.Use.INBOX)
    return _move(viewer, list(copies), Folder.Use.ARCHIVE, ARCHIVED)


@transaction.atomic
def trash(viewer: User, thread_ids: Collection[int]) -> Entry | None:
    """Move the received messages of these conversations to Trash; sent ones when alone."""
    every = _in_folders(viewer, thread_ids)
    received = list(every.filter(folder__special_use__in=_TRASHED_FROM))
    copies = received or list(every.filter(folder__special_use=Folder.Use.SENT))
    return _move(viewer, copies, Folder.Use.TRASH, TRASHED)


@transaction.atomic
def to_inbox(viewer: User, thread_ids: Collection[int]) -> Entry | None:
    """Move received messages back from Archive, Trash or Spam to the inbox."""
    copies = _in_folders(viewer, thread_ids).filter(
        is_outgoing=False,
        folder__special_use__in=[Folder.Use.ARCHIVE, Folder.Use.TRASH, Folder.Use.SPAM],
    )
    return _move(viewer, list(copies), Folder.Use.INBOX, ARCHIVED)


def _move(viewer: User, copies: Sequence[MessageCopy], use: str, verb: str) -> Entry | None:
    if not copies:
        return None
    came_from = {str(c.pk): c.folder_id for c in copies}
    threads = len({c.thread_id for c in copies})
    operations.move(copies, use)
    return journal.record(viewer, verb, {"count": threads, "to": use}, {"copies": came_from})


def _put_back(entry: Entry) -> None:
    came_from: dict[str, Any] = entry.payload["copies"]
    copies = visible_copies(entry.user).filter(pk__in=map(int, came_from))
    folders = Folder.objects.in_bulk(set(came_from.values()))
    by_folder: dict[int, list[MessageCopy]] = {}
    for copy in copies.select_related("folder", "account"):
        by_folder.setdefault(came_from[str(copy.pk)], []).append(copy)
    for folder_id, some in by_folder.items():
        if folder_id in folders:
            operations.move_to(some, folders[folder_id])


def _in_folders(viewer: User, thread_ids: Collection[int]) -> QuerySet[MessageCopy]:
    return (
        visible_copies(viewer)
        .filter(thread__in=thread_ids)
        .select_related("folder", "account")
        .order_by("pk")
    )


def _received(viewer: User, thread_ids: Collection[int]) -> QuerySet[MessageCopy]:
    return visible_copies(viewer).filter(
        thread__in=thread_ids, is_outgoing=False, folder__special_use__in=_TRASHED_FROM
    )
