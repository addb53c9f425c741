"""How a mailbox is doing: its state, and how far its first import is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from relance.inbox.visibility import visible_copies
from relance.mail import accounts
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.web.mailboxes import wording

_ICONS = {"pending": "hourglass", "importing": "sync", "ok": "check"}
_State = MailAccount.State


def state_of(account: MailAccount) -> dict[str, Any]:
    """A mailbox as its pages show it."""
    return {
        "account": account,
        "state": wording.STATES[account.state],
        "icon": _ICONS.get(account.state, "alert"),
        "trouble": wording.trouble(account.error_code) if account.error_code else "",
        "needs_password": account.state == _State.AUTH_ERROR,
        "next_try": account.next_try_at if account.state == _State.DEGRADED else None,
    }


def import_of(account: MailAccount) -> dict[str, Any]:
    """Counts, and the time left as the pace so far makes it likely."""
    done, total = account.import_done, max(account.import_total, account.import_done)
    inbox = accounts.folder_for(account, Folder.Use.INBOX)
    return {
        "done": done,
        "total": total,
        "message_total": total,
        "percent": 100 * done // total if total else 0,
        "minutes_left": _minutes_left(account, done, total),
        "is_finished": account.imported_at is not None,
        "is_stopped": account.state == _State.AUTH_ERROR,
        "folder_count": account.folders.filter(is_monitored=True).count(),
        "inbox_count": inbox.total_count if inbox else 0,
        "inbox_done": bool(inbox and inbox.imported_at),
    }


def unreadable(account: MailAccount) -> int:
    """How many of its mails could not be read; their source is kept. Counting looks at every mail:
    for a page that is opened, not for one that asks again each second."""
    copies = visible_copies(account.owner).filter(account=account)
    return copies.filter(stage=MessageCopy.Stage.QUARANTINED).count()


def _minutes_left(account: MailAccount, done: int, total: int) -> int | None:
    if not account.import_started_at or not 0 < done < total:
        return None
    spent = timezone.now() - account.import_started_at
    if spent <= timedelta(seconds=3):
        return None
    return max(1, round(spent / done * (total - done) / timedelta(minutes=1)))
