"""Drafts put on the server and removed from it: the acts behind `Operation.DRAFT` and `DISCARD`.

Safe to repeat after a crash: the version before is removed by its UID only after the new one is
there, and what a dead attempt may have left is found by its Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from relance.files import blobs
from relance.lib import clock
from relance.mail import attachments, identities, people
from relance.mail.models import Folder, Operation, Outgoing
from relance.mail.outbox import letters
from relance.mime import compose
from relance.mime.compose import File
from relance.wire.errors import PermanentFailure
from relance.wire.imap import ImapSession

_FLAGS = ["\\Draft", "\\Seen"]


def put(operation: Operation, session: ImapSession, *, again: bool) -> None:
    """Append the draft's present version, then remove the one before.

    `again`: an attempt before this one died, and may have appended already.
    """
    target = operation.target_folder
    draft = _draft(operation)
    if draft is None or target is None:
        return
    if not target.uidvalidity:
        session.create_folder(target.path)
    state = session.select(target.path, readonly=False)
    before = set(session.search_message_id(draft.message_id))
    uid = session.append(target.path, bytes_of(draft), _FLAGS, clock.now())
    session.noop()  # some servers show a selected folder's new message only now
    found = set(session.search_message_id(draft.message_id))
    uid = uid or max(found - before, default=None)
    old = found - {uid} if again or draft.draft_uidvalidity != state.uidvalidity else set()
    if draft.draft_uid and draft.draft_uidvalidity == state.uidvalidity:
        old.add(draft.draft_uid)
    kept = Outgoing.objects.filter(
        pk=draft.pk, state=Outgoing.State.DRAFT, account=operation.account_id
    ).update(
        draft_folder=target,
        draft_uidvalidity=state.uidvalidity,
        draft_uid=uid,
        draft_version=draft.version,
    )
    if not kept and uid:
        old.add(uid)  # sent or thrown away while it was on its way
    if old:
        session.delete(sorted(old))


def discard(operation: Operation, session: ImapSession) -> None:
    """Remove the draft's copy. What is not there any more is no error."""
    folder, uid = operation.source_folder, operation.source_uid
    if folder is None or uid is None or not folder.uidvalidity:
        return
    try:
        state = session.select(folder.path, readonly=False)
    except PermanentFailure as failure:
        if failure.code != "rejected":
            raise
        return  # the folder is gone, and the draft with it
    if state.uidvalidity == operation.source_uidvalidity:
        session.delete([uid])


def put_in(folder: Folder, uidvalidity: int) -> set[int]:
    """UIDs of the drafts that lie in that folder as we put them there, unless they are kept as
    mail besides (one made elsewhere, opened here)."""
    kept = folder.copies.filter(uidvalidity=uidvalidity, uid=OuterRef("draft_uid"))
    rows = _placed(folder, uidvalidity).filter(~Exists(kept))
    return {uid for uid in rows.values_list("draft_uid", flat=True) if uid}


def forget(folder: Folder, uids: Sequence[int]) -> None:
    """The server has these no more: somebody deleted them there. The drafts themselves stay, and
    are put there again with their next version."""
    if folder.special_use == Folder.Use.DRAFTS:
        gone = _placed(folder, folder.uidvalidity).filter(draft_uid__in=uids)
        gone.update(draft_uid=None, draft_version=0)


def _placed(folder: Folder, uidvalidity: int) -> QuerySet[Outgoing]:
    return Outgoing.objects.filter(
        state=Outgoing.State.DRAFT,
        draft_folder=folder,
        draft_uidvalidity=uidvalidity,
        draft_uid__isnull=False,
    )


def bytes_of(draft: Outgoing) -> bytes:
    """The draft as a mail: its people as far as they are addresses, blind copies included."""
    files = [
        File(a.filename, a.content_type, blobs.get(a.blob_id), a.content_id, a.is_inline)
        for a in attachments.sent_with(draft)
    ]
    return compose.build(
        compose.Composition(
            from_=identities.sender_of(draft).mailbox,
            to=people.sendable(draft.people, "to"),
            cc=people.sendable(draft.people, "cc"),
            bcc=people.sendable(draft.people, "bcc"),
            subject=draft.subject,
            text=letters.text_of(draft),
            html=letters.html_of(draft),
            files=tuple(files),
            message_id=draft.message_id,
            date=draft.updated_at,
            in_reply_to=draft.in_reply_to,
            references=tuple(draft.references.split()),
        ),
        with_bcc=True,
    )


def _draft(operation: Operation) -> Outgoing | None:
    rows = Outgoing.objects.filter(
        pk=operation.outgoing_id or 0,
        account=operation.account_id,
        state=Outgoing.State.DRAFT,
    )
    related = ("account", "author", "identity", "organisation_address")
    return rows.select_related(*related).first()
