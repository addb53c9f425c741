"""Mails on their way, each as a line of a list: for whom, what, where it is, what one can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.lib.text import shorten, squeeze
from relance.mail.models import MessageCopy, Outgoing
from relance.users.models import User
from relance.web.components import delivery
from relance.web.components.delivery import Badge
from relance.web.shell.wording import language, locale_of

_State = Outgoing.State
_SNIPPET = 160
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One mail of a list. `acts` are names of what its author can do with it now."""

    id: int
    state: str
    name: str
    address: str
    subject: str
    snippet: str
    badges: Sequence[Badge]
    notes: Sequence[Badge] = field(default_factory=tuple)
    at: datetime | None = None
    thread: int | None = None
    is_own: bool = True
    by: str = ""
    acts: frozenset[str] = frozenset()
    leaves_at: datetime | None = None  # the end of its undo window


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A draft that another program keeps in the mailbox."""

    copy: MessageCopy
    subject: str
    snippet: str


def lines(viewer: User, mails: Iterable[Outgoing]) -> list[Line]:
    return [line(viewer, mail) for mail in mails]


def line(viewer: User, mail: Outgoing) -> Line:
    """`mail` in words; its recipients are prefetched."""
    name, address = whom(mail)
    is_own = mail.author_id == viewer.pk
    return Line(
        id=mail.pk,
        state=mail.state,
        name=name or _("Nobody yet"),
        address=address or mail.account.address,
        subject=mail.subject or _("(no subject)"),
        snippet=shorten(squeeze(mail.text[:600]), _SNIPPET),
        badges=delivery.badges(mail),
        notes=_notes(mail, is_own=is_own),
        at=_at(mail),
        thread=mail.thread_id,
        is_own=is_own,
        by=mail.author.name,
        leaves_at=mail.next_try_at if mail.state == _State.QUEUED else None,
        acts=_ACTS.get(mail.state, frozenset[str]()) if is_own else frozenset(),
    )


_ACTS: dict[str, frozenset[str]] = {
    _State.DRAFT: frozenset({"edit", "delete"}),
    _State.SCHEDULED: frozenset({"edit", "send", "cancel"}),
    _State.HELD: frozenset({"edit", "send", "cancel"}),
    _State.QUEUED: frozenset({"undo"}),
    _State.RETRYING: frozenset({"again", "edit", "cancel"}),
    _State.FAILED: frozenset({"again", "edit", "cancel"}),
    _State.UNCERTAIN: frozenset({"search", "resend", "gone"}),
}


def _at(mail: Outgoing) -> datetime:
    if mail.state == _State.DRAFT:
        return mail.updated_at
    return mail.sent_at or mail.scheduled_at or mail.queued_at


def whom(mail: Outgoing) -> tuple[str, str]:
    """(for whom it is, the first address)."""
    people = [(r.name, r.address.address) for r in mail.recipients.all()] or [
        (str(p.get("name", "")), str(p.get("address", "")))
        for role in ("to", "cc", "bcc")
        for p in mail.people.get(role) or ()
    ]
    if not people:
        return "", ""
    named = ", ".join(name or address for name, address in people[:_NAMED])
    more = len(people) - _NAMED
    return (f"{named} +\u00a0{more}" if more > 0 else named), people[0][1]


def _notes(mail: Outgoing, *, is_own: bool) -> list[Badge]:
    found = []
    if mail.state == _State.HELD:
        found.append(_held(mail))
    if mail.state == _State.SCHEDULED and (place := other_zone(mail)):
        found.append(place)
    if mail.state == _State.DRAFT and mail.edited_until and mail.scheduled_at:
        at = {"at": delivery.hour_ahead(mail.scheduled_at)}
        words = _("Was scheduled for %(at)s and is being changed: it leaves when you say so") % at
        found.append(Badge("scheduled", "state--time", words))
    if not is_own:
        words = _("By %(name)s, you may read it") % {"name": mail.author.name}
        found.append(Badge("users", "", words))
    return found


def _held(mail: Outgoing) -> Badge:
    why = delivery.held(mail.reason.get("code", ""), mail.reason.get("params", {}))
    return Badge("bounce", "state--bad", _("Not sent: %(why)s") % {"why": why})


def other_zone(mail: Outgoing) -> Badge | None:
    """The hour where it was chosen, when clocks there show another than the reader's."""
    if not mail.time_zone or mail.scheduled_at is None:
        return None
    try:
        zone = ZoneInfo(mail.time_zone)
    except (KeyError, ValueError):
        return None
    there, here = mail.scheduled_at.astimezone(zone), timezone.localtime(mail.scheduled_at)
    if there.utcoffset() == here.utcoffset():
        return None
    values = {"at": delivery.hour_ahead(mail.scheduled_at, zone), "place": place_of(mail.time_zone)}
    return Badge("globe", "", _("%(at)s in %(place)s") % values)


def place_of(zone: str) -> str:
    """ "Europe/London" is London, in French Londres."""
    return get_timezone_location(zone, locale=locale_of(language()), return_city=True)


def held_since(mail: Outgoing) -> str:
    """When a held mail was to leave."""
    return delivery.hour_ahead(mail.scheduled_at or mail.queued_at)


def elsewhere(copies: Iterable[MessageCopy]) -> list[Elsewhere]:
    """Drafts of other programs as lines."""
    found = []
    for copy in copies:
        if copy.message is not None:
            subject = copy.message.subject or _("(no subject)")
            found.append(Elsewhere(copy, subject, copy.message.snippet))
    return found
