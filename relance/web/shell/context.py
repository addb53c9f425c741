"""What every page knows: navigation, mailboxes and their state, counts, theme.

Each value is read when the template first asks for it, once a request, and views share it with
the template through `shell_of`, so that a page does not ask twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.inbox import columns
from relance.mail.models import MailAccount
from relance.users.models import User
from relance.web.shell import navigation, toasts
from relance.web.shell.wording import Calendar

_BROKEN = {MailAccount.State.AUTH_ERROR, MailAccount.State.DEGRADED}


@dataclass(frozen=True, slots=True)
class Facts:
    """Small counts read together, in one query."""

    is_demo: bool = False
    notices: int = 0
    newest_event: int = 0
    drafts: int = 0
    scheduled: int = 0
    away_until: date | None = None
    tasks: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the top bar says of the mailboxes: worded, and whether something is wrong."""

    text: str
    is_bad: bool = False


class Shell:
    """The frame of one request's page."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.user = request.user if isinstance(request.user, User) else None

    @property
    def theme(self) -> str:
        return self.user.theme if self.user else ""

    @property
    def single_keys(self) -> bool:
        return bool(self.user and self.user.single_key_shortcuts)

    @cached_property
    def accounts(self) -> list[MailAccount]:
        """The viewer's connected mailboxes, the default one first."""
        return columns.accounts_of(self.user) if self.user else []

    @cached_property
    def facts(self) -> Facts:
        return _facts(self.user) if self.user else Facts()

    @cached_property
    def unread(self) -> int:
        """Unread conversations over all columns; a view that has just read them says so."""
        return self.facts.unread

    @property
    def counts(self) -> dict[str, int]:
        facts = self.facts
        return {
            "unread": self.unread,
            "drafts": facts.drafts,
            "scheduled": facts.scheduled,
            "tasks": facts.tasks,
        }

    @cached_property
    def sync(self) -> SyncState:
        return _sync_state(self.accounts)

    @property
    def away(self) -> str:
        """The absence of the user, in words; "" while she is there."""
        until = self.facts.away_until
        return away_until(until) if until else ""

    @property
    def broken(self) -> list[MailAccount]:
        """Mailboxes that need their owner: each is a notice on top of the inbox."""
        return [a for a in self.accounts if a.state in _BROKEN]

    @cached_property
    def toast(self) -> dict[str, str] | None:
        return toasts.take(self._request) if self.user else None

    @cached_property
    def mail_links(self) -> list[navigation.Link]:
        return navigation.links(navigation.MAIL, self._request)

    @cached_property
    def folder_links(self) -> list[navigation.Link]:
        return navigation.links(navigation.FOLDERS, self._request)

    @cached_property
    def crm_links(self) -> list[navigation.Link]:
        return navigation.links(navigation.CRM, self._request)

    @cached_property
    def settings_links(self) -> list[navigation.Link]:
        return navigation.links(navigation.SETTINGS, self._request)


def shell_of(request: HttpRequest) -> Shell:
    """The request's shell, made once."""
    found: Shell | None = getattr(request, "shell", None)
    if found is None:
        found = Shell(request)
        request.shell = found  # type: ignore[attr-defined]  # ours, read by this function alone
    return found


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` in every template."""
    return {"shell": shell_of(request)}


# A few small answers in one round trip, on every page: written out, since composing it anew with
# the ORM costs more than the rest of the frame.
_FACTS = """
SELECT (SELECT is_demo FROM users_organisation ORDER BY id LIMIT 1),
       (SELECT COUNT(*) FROM notices_notice WHERE user_id = %s AND read_at IS NULL),
       (SELECT MAX(id) FROM live_event),
       (SELECT SUM(f.total_count) FROM mail_folder f JOIN mail_mailaccount a ON a.id = f.account_id
        WHERE a.owner_id = %s AND a.state <> 'disconnected' AND f.special_use = 'drafts'
        AND f.missing_at IS NULL),
       (SELECT COUNT(*) FROM mail_outgoing o WHERE o.author_id = %s AND o.state = 'draft'
        AND NOT EXISTS (SELECT 1 FROM mail_messagecopy c WHERE c.folder_id = o.draft_folder_id
                        AND c.uidvalidity = o.draft_uidvalidity AND c.uid = o.draft_uid)),
       (SELECT COUNT(*) FROM mail_outgoing
        WHERE author_id = %s AND state IN ('scheduled', 'held')),
       (SELECT MAX(v.ends_on) FROM inbox_vacationresponse v
        JOIN mail_mailaccount a ON a.id = v.account_id
        WHERE a.owner_id = %s AND a.state <> 'disconnected' AND v.is_on
        AND v.starts_on <= %s AND v.ends_on >= %s),
       (SELECT COUNT(*) FROM crm_task
        WHERE owner_id = %s AND status IN ('open', 'started') AND deleted_at IS NULL),
       (SELECT SUM(n.unread) FROM inbox_columncount n
        JOIN mail_mailaccount a ON a.id = n.account_id
        WHERE a.owner_id = %s AND a.state <> 'disconnected')
"""


def _facts(user: User) -> Facts:
    with connection.cursor() as cursor:
        today = timezone.localdate(timezone=user.zone).isoformat()
        cursor.execute(_FACTS, [*([user.pk] * 5), today, today, user.pk, user.pk])
        is_demo, notices, newest, there, here, scheduled, away, tasks, unread = cursor.fetchone()
    drafts = (there or 0) + here
    until = date.fromisoformat(str(away)) if away else None  # SQLite answers with its text
    return Facts(bool(is_demo), notices, newest or 0, drafts, scheduled, until, tasks, unread or 0)


def away_until(day: date) -> str:
    """What the frame says while the user's absence lasts."""
    return _("Absence active until %(day)s") % {"day": Calendar.current().day(day)}


def _sync_state(accounts: list[MailAccount]) -> SyncState:
    states = {a.state for a in accounts}
    if not accounts:
        return SyncState(_("No mailbox yet"))
    if MailAccount.State.AUTH_ERROR in states:
        return SyncState(_("Reconnect needed"), is_bad=True)
    if MailAccount.State.DEGRADED in states:
        return SyncState(_("Server unreachable"), is_bad=True)
    if states & {MailAccount.State.IMPORTING, MailAccount.State.PENDING}:
        return SyncState(_("Importing…"))
    synced = [a.synced_at for a in accounts if a.synced_at]
    if not synced:
        return SyncState(_("Up to date"))
    at = Calendar.current().when(min(synced))
    return SyncState(_("Up to date · %(at)s") % {"at": at})
