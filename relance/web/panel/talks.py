"""The tab Conversations: one’s own with somebody, or all one may see (PAN-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.inbox import context_mails, related
from relance.inbox.context import SenderContext
from relance.inbox.context_mails import Talk
from relance.users.models import User
from relance.web.panel import state
from relance.web.requests import user_of
from relance.web.shell import wording


@dataclass(frozen=True, slots=True)
class TalkLine:
    """A conversation as a row; `via` names its mailbox's owner when that is somebody else."""

    thread_id: int
    url: str
    subject: str
    snippet: str
    at: datetime
    count: str
    owner: str
    owner_key: str
    is_unread: bool


@dataclass(frozen=True, slots=True)
class TalkList:
    """The tab: its rows, whose they are, and where the others are asked for."""

    lines: Sequence[TalkLine]
    shows_all: bool
    count: str
    url: str  # of the panel, for more to be added to
    older: str  # the query for older ones, "" when there are none
    alone: str  # why all are one’s own


def talks(request: HttpRequest, who: SenderContext, url: str) -> TalkList:
    """The conversations with that person, from ?before on."""
    viewer, shows_all = user_of(request), state.shows_all(request)
    before = state.number(request, "before")
    found = context_mails.talks(
        viewer, context_mails.concern_of(who), mine=not shows_all, before=before
    )
    names = {user.pk: user for user in related.owners(viewer)}
    count = len(found.lines)
    words = ngettext("%(n)s conversation", "%(n)s conversations", count)
    return TalkList(
        lines=[_talk(line, viewer, names) for line in found.lines],
        shows_all=shows_all,
        count="" if found.next_key or before else words % {"n": wording.number(count)},
        url=f"{url}{'&' if '?' in url else '?'}",
        older=f"tab={state.CONVERSATIONS}&before={found.next_key}" if found.next_key else "",
        alone=_("Nobody shares a mailbox with you: these are yours.") if len(names) < 2 else "",
    )


def _talk(line: Talk, viewer: User, names: dict[int, User]) -> TalkLine:
    copy, message = line.copy, line.message
    owner = names.get(copy.account.owner_id, viewer)
    words = ngettext("%(n)s message", "%(n)s messages", line.count)
    return TalkLine(
        thread_id=line.thread_id,
        url=reverse("conversation:show", args=[line.thread_id]),
        subject=message.subject or _("(no subject)"),
        snippet=message.snippet,
        at=message.received_at,
        count=words % {"n": wording.number(line.count)},
        owner=owner.name,
        owner_key=owner.email,
        is_unread=owner == viewer and not copy.is_seen and not copy.is_outgoing,
    )
