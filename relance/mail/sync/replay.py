"""Replaying the local operations of a mailbox on its server, in order, each once.

A crash between the server's answer and our commit leaves the operation waiting; replaying is
harmless: flags are absolute, a message already moved is no longer at its source, and an appended
one is looked for by its Message-ID first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import F, Q

from relance import notices
from relance.lib import clock
from relance.mail import counting, outbox, store
from relance.mail.models import Folder, MailAccount, MessageCopy, Operation
from relance.mail.sync import drafts
from relance.wire.errors import PermanentFailure, WireError
from relance.wire.imap import ImapSession

_log = logging.getLogger(__name__)
_LEASE_SECONDS = 120
_OF_DRAFTS = (Operation.Kind.DRAFT, Operation.Kind.DISCARD)
_WITH = ("account", "source_folder", "target_folder", "copy__message", "outgoing")


def replay(account: MailAccount, session: ImapSession) -> int:
    """Replay everything that waits; returns how many operations were done.

    A refusal restores what was done here and tells the owner. Raises `WireError` when the
    connection fails: the rest waits.
    """
    done = 0
    due = Q(next_try_at=None) | Q(next_try_at__lte=clock.now())  # a draft waits while one types
    waiting = account.operations.filter(due, state=Operation.State.WAITING).order_by("pk")
    for operation in waiting.select_related(*_WITH):
        held = Operation.objects.filter(pk=operation.pk, state=Operation.State.WAITING)
        if not held.update(lease_until=clock.seconds_from_now(_LEASE_SECONDS)):
            continue
        try:
            _ACTS[operation.kind](operation, session)
        except PermanentFailure as failure:
            _restore(operation, failure)
        except WireError:
            held.update(lease_until=None, attempts=F("attempts") + 1)
            raise
        else:
            if operation.kind in _OF_DRAFTS:
                held.delete()  # one every half-minute of typing: nobody asks for it again
            else:
                held.update(state=Operation.State.DONE, lease_until=None)
            done += 1
    return done


def _flag(word: str, *, on: bool) -> Callable[[Operation, ImapSession], None]:
    """The act of setting that flag on the server, or taking it away."""

    def act(operation: Operation, session: ImapSession) -> None:
        if _select_source(operation, session):
            words = [word]
            session.store_flags(
                [operation.source_uid or 0], add=words if on else [], remove=[] if on else words
            )

    return act


def _move(operation: Operation, session: ImapSession) -> None:
    target = operation.target_folder
    if target is None or not _select_source(operation, session):
        return
    uid = operation.source_uid or 0
    try:
        moved = session.move([uid], target.path)
    except PermanentFailure as failure:
        if "TRYCREATE" not in failure.server_text.upper():
            raise
        session.create_folder(target.path)  # never made yet, or deleted meanwhile
        moved = session.move([uid], target.path)
    if operation.copy_id and uid in moved and target.uidvalidity:
        _learn(operation.copy_id, target, moved[uid])


def _learn(copy_id: int, target: Folder, uid: int) -> None:
    """The server told where a moved message lies now: the copy, and whatever follows, knows."""
    found = {"uidvalidity": target.uidvalidity, "uid": uid}
    if not MessageCopy.objects.filter(folder=target, **found).exists():
        MessageCopy.objects.filter(pk=copy_id, folder=target, uid=None).update(**found)
    Operation.objects.filter(
        copy=copy_id, state=Operation.State.WAITING, source_folder=target, source_uid=None
    ).update(source_uidvalidity=target.uidvalidity, source_uid=uid)


def _append(operation: Operation, session: ImapSession) -> None:
    outgoing, target = operation.outgoing, operation.target_folder
    if outgoing is None or target is None:
        return
    if not target.uidvalidity:
        session.create_folder(target.path)
    session.select(target.path, readonly=False)
    if not session.search_message_id(outgoing.message_id):
        session.append(
            target.path, outbox.sent_copy_of(outgoing), ["\\Seen"], outgoing.sent_at or clock.now()
        )


def _put_draft(operation: Operation, session: ImapSession) -> None:
    again = operation.lease_until is not None or operation.attempts > 0
    drafts.put(operation, session, again=again)


_ACTS: dict[str, Callable[[Operation, ImapSession], None]] = {
    Operation.Kind.SEEN: _flag("\\Seen", on=True),
    Operation.Kind.UNSEEN: _flag("\\Seen", on=False),
    Operation.Kind.FLAG: _flag("\\Flagged", on=True),
    Operation.Kind.UNFLAG: _flag("\\Flagged", on=False),
    Operation.Kind.MOVE: _move,
    Operation.Kind.APPEND: _append,
    Operation.Kind.DRAFT: _put_draft,
    Operation.Kind.DISCARD: drafts.discard,
}


def _select_source(operation: Operation, session: ImapSession) -> bool:
    """Open the folder where the message is. False when the server has it there no more."""
    operation.refresh_from_db(fields=["source_uid", "source_uidvalidity"])
    folder, copy = operation.source_folder, operation.copy
    if folder is None:
        return False
    state = session.select(folder.path, readonly=False)
    if operation.source_uid is None and copy is not None and copy.message is not None:
        found = session.search_message_id(copy.message.message_id)
        operation.source_uid = found[-1] if found else None
        operation.source_uidvalidity = state.uidvalidity
    same = state.uidvalidity == operation.source_uidvalidity
    return same and operation.source_uid is not None


@transaction.atomic
def _restore(operation: Operation, failure: PermanentFailure) -> None:
    """The server refused: put back what was done here, and say so."""
    _log.warning("operation %s refused: %s", operation.pk, failure.code)
    Operation.objects.filter(pk=operation.pk).update(
        state=Operation.State.FAILED, lease_until=None, last_error=failure.code
    )
    copy, source = operation.copy, operation.source_folder
    if operation.kind == Operation.Kind.MOVE and copy and source and copy.uid is None:
        folder = Folder.objects.get(pk=copy.folder_id)
        MessageCopy.objects.filter(pk=copy.pk).update(
            folder=source,
            uidvalidity=operation.source_uidvalidity,
            uid=operation.source_uid,
        )
        counting.recount(folder)
        counting.recount(source)
        store.place_again(copy)
    if operation.kind in _OF_DRAFTS:
        return  # the draft itself is here, and nobody asked for its copy there
    notices.tell(
        operation.account.owner_id,
        "operation_failed",
        {
            "kind": operation.kind,
            "address": operation.account.address,
            "answer": failure.server_text[:200],
        },
    )
