"""The folders of a mailbox, kept in step with the server's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from relance.mail import store
from relance.mail.models import Folder, MailAccount, MessageCopy, Operation
from relance.wire.errors import TransientFailure
from relance.wire.imap import ImapSession
from relance.wire.imap.folders import RemoteFolder

#: In the order in which they are read.
MONITORED = ("inbox", "sent", "drafts", "archive", "spam", "trash")
#: How long a folder may be absent from the server's list before its copies are forgotten: servers
#: have been seen to leave folders out while they are being repaired.
MISSING_FOR = timedelta(minutes=10)
NUMBERED_ANEW = -1  # no server's UIDVALIDITY, so every UID of ours is compared by source
_SOME = 200


def refresh(account: MailAccount, session: ImapSession) -> list[Folder]:
    """List the server's folders, write what changed, and return those to synchronise.

    Raises `TransientFailure` for an empty list: a mailbox has an inbox at least (RFC 9051, 5.1).
    """
    remote = session.list_folders()
    if not remote:
        raise TransientFailure("protocol", "the server lists no folder at all")
    _write(account, remote)
    there = {one.path for one in remote}  # one made here may not be on the server yet
    folders = account.folders.filter(is_monitored=True, is_selectable=True, missing_at=None)
    return sorted(
        (f for f in folders if f.path in there),
        key=lambda f: (MONITORED.index(f.special_use), f.pk),
    )


def retire(account: MailAccount) -> None:
    """Forget the copies of folders the server has not had for a while or never had, or that are
    no longer what they were. Those a waiting operation moves there are kept. Call after a full
    round."""
    gone = (
        Q(missing_at__lt=timezone.now() - MISSING_FOR)
        | Q(missing_at=None, is_monitored=False)
        | Q(missing_at=None, uidvalidity=0)
    )
    holding = Exists(MessageCopy.objects.filter(folder=OuterRef("pk")))
    for folder in account.folders.filter(gone, holding).exclude(special_use=Folder.Use.INBOX):
        waiting = Operation.objects.filter(state=Operation.State.WAITING, target_folder=folder)
        copies = MessageCopy.objects.filter(folder=folder).exclude(operations__in=waiting)
        while some := list(copies[:_SOME]):
            store.forget(folder, some)


def _write(account: MailAccount, remote: Sequence[RemoteFolder]) -> None:
    ours = {f.path: f for f in account.folders.all()}
    gone = [ours[path] for path in ours.keys() - {one.path for one in remote}]
    for one in remote:
        folder = ours.get(one.path) or _renamed(gone, one) or Folder(account=account)
        _save(folder, one)
    for folder in gone:
        # One never numbered was made here, and is not on the server yet.
        if folder.missing_at is None and folder.uidvalidity:
            folder.missing_at = timezone.now()
            folder.save(update_fields=["missing_at"])


def _save(folder: Folder, one: RemoteFolder) -> None:
    wanted = {
        "path": one.path,
        "delimiter": one.delimiter or "",
        "special_use": one.special_use,
        "is_selectable": one.selectable,
        "is_monitored": one.selectable and one.special_use in MONITORED,
        "missing_at": None,
    }
    if folder._state.adding or any(getattr(folder, k) != v for k, v in wanted.items()):
        for name, value in wanted.items():
            setattr(folder, name, value)
        folder.save(update_fields=None if folder._state.adding else list(wanted))


@transaction.atomic
def _renamed(gone: list[Folder], one: RemoteFolder) -> Folder | None:
    """The folder that stood where `one` stands now, if there was one: its copies are found again
    by their source, so that what hangs on them stays.

    Only what is the Sent folder, say, can be told to have been it; a mailbox has one of each.
    """
    folder = _of_use(gone, one.special_use)
    if folder is None:
        return None
    gone.remove(folder)
    MessageCopy.objects.filter(folder=folder, uid__isnull=False).update(uidvalidity=NUMBERED_ANEW)
    folder.uidvalidity, folder.uidnext, folder.highestmodseq = NUMBERED_ANEW, 0, 0
    folder.save(update_fields=["uidvalidity", "uidnext", "highestmodseq"])
    return folder


def _of_use(folders: Iterable[Folder], use: str) -> Folder | None:
    return next((f for f in folders if use and f.special_use == use and f.uidvalidity), None)
