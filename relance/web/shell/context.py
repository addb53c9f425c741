"""What every page knows: navigation, mailboxes and their state, counts, theme.

Each value is read when the template first asks for it, once a request, and views share it with
the template through `shell_of`, so that a page does not ask twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _

from relance.inbox import columns
from relance.live.models import Event
from relance.mail.models import Folder, MailAccount
from relance.notices.models import Notice
from relance.users.models import Organisation, User
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
        return columns.unread_total(self.user) if self.user else 0

    @property
    def counts(self) -> dict[str, int]:
        return {"unread": self.unread, "drafts": self.facts.drafts}

    @cached_property
    def sync(self) -> SyncState:
        return _sync_state(self.accounts)

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


def _facts(user: User) -> Facts:
    own_drafts = Folder.objects.filter(
        account__owner=user, special_use=Folder.Use.DRAFTS, missing_at=None
    ).exclude(account__state=MailAccount.State.DISCONNECTED)
    unread = Notice.objects.filter(user=user, read_at=None)
    row = (
        User.objects.filter(pk=user.pk)
        .annotate(
            is_demo=Subquery(Organisation.objects.order_by("pk").values("is_demo")[:1]),
            notices=_number(unread.order_by().values("user").annotate(n=Count("pk"))),
            newest_event=_number(Event.objects.order_by("-pk").annotate(n=F("pk"))),
            drafts=_number(
                own_drafts.order_by().values("account__owner").annotate(n=Sum("total_count"))
            ),
        )
        .values_list("is_demo", "notices", "newest_event", "drafts")
        .first()
    )
    return Facts(bool(row[0]), row[1], row[2], row[3]) if row else Facts()


def _number(rows: Any) -> Coalesce:
    return Coalesce(Subquery(rows.values("n")[:1]), Value(0))


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
