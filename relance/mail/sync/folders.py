"""The folders of a mailbox, kept in step with the server's."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from relance.mail.models import Folder, MailAccount
from relance.wire.imap import ImapSession
from relance.wire.imap.folders import RemoteFolder

#: In the order in which they are read.
MONITORED = ("inbox", "sent", "drafts", "archive", "spam", "trash")


def refresh(account: MailAccount, session: ImapSession) -> list[Folder]:
    """List the server's folders, write what changed, and return those to synchronise."""
    remote = session.list_folders()
    _write(account, remote)
    folders = account.folders.filter(is_monitored=True, is_selectable=True, missing_at=None)
    return sorted(folders, key=lambda f: (MONITORED.index(f.special_use), f.pk))


def _write(account: MailAccount, remote: Sequence[RemoteFolder]) -> None:
    ours = {f.path: f for f in account.folders.all()}
    for one in remote:
        folder = ours.pop(one.path, None) or Folder(account=account, path=one.path)
        wanted = {
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
    for folder in ours.values():
        if folder.missing_at is None:
            folder.missing_at = timezone.now()
            folder.save(update_fields=["missing_at"])
