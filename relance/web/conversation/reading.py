"""Messages made ready for their template: who wrote to whom, the body, what is attached."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.http import Http404
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from relance.inbox import meetings, record_files, remote
from relance.inbox.conversation import Conversation, MessageView
from relance.lib import text
from relance.mail.models import MessageBody, Participant
from relance.mime.text_html import text_to_html
from relance.users.models import User
from relance.web.conversation import tracks
from relance.web.conversation.attached import File, files_of, is_pack, pack_of, packs_of
from relance.web.conversation.meeting import MeetingCard, card
from relance.web.conversation.tracks import Track
from relance.web.shell import wording
from relance.web.shell.wording import Calendar

_REMOTE = re.compile(
    r"<(?:img|input|table|td|body)\b[^>]{0,2000}?\b(?:src|background)\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|url\s*\(\s*[\"']?\s*(?:https?:)?//",
    re.IGNORECASE,
)
_OPEN_ALWAYS = 2  # messages: a short conversation shows its heads without a fold


@dataclass(frozen=True, slots=True)
class Badge:
    """What kind of mail it is, when no person wrote it to this reader."""

    icon: str
    words: str


@dataclass(slots=True)
class Shown:
    """One message as the template shows it. `html` is safe; `frame` is the address of a body
    to show in a frame instead; both are empty while the message is folded."""

    id: int
    base: str  # the message's own address, below which everything of it is found
    view: MessageView
    name: str
    address: str
    to: str
    is_open: bool
    is_own: bool
    badges: list[Badge]
    can_split: bool = False  # there is something before it
    track: Track | None = None
    html: SafeString | str = ""
    frame: str = ""
    remote_url: str = ""
    shows_remote: bool = False
    is_allowed: bool = False  # images from elsewhere, by consent given to the sender
    is_plain: bool = False  # the plain text is shown though there is HTML
    has_html: bool = False
    meeting: MeetingCard | None = None
    files: list[File] = field(default_factory=list)
    files_size: str = ""

    @property
    def key(self) -> str:
        return self.address or self.name

    @property
    def is_kept(self) -> bool:
        """Are all its files on records?"""
        return all(file.is_kept for file in self.files if file.key)

    @property
    def sender_id(self) -> int | None:
        return self.view.message.from_address_id

    @property
    def has_others(self) -> bool:
        """Would an answer to all go to more people than one to the sender?"""
        return len(self.view.recipients) > 1

    @property
    def people(self) -> list[tuple[str, str]]:
        """Every address of the message, worded: the line under the sender opens it."""
        lines = [(_("From"), _full(self.view.sender_name, self.address))]
        groups = (
            (_("Reply to"), self.view.reply_to),
            (_("To"), self.view.to),
            (_("Cc"), self.view.cc),
        )
        for label, some in groups:
            if some:
                lines.append((label, ", ".join(_full(p.name, p.address.address) for p in some)))
        if self.view.bcc:
            lines.append((_("Bcc"), ", ".join(self.view.bcc)))
        if self.view.message.list_id:
            lines.append((_("List"), self.view.message.list_id))
        return lines


@dataclass(frozen=True, slots=True)
class Run:
    """Messages in a row; older ones are folded behind one line that says from when to when."""

    messages: list[Shown]
    is_older: bool
    span: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who reads, and what she asked of the page: copies to open, to open with what they load from
    elsewhere, and to show as plain text. `own` are her addresses."""

    viewer: User
    own: Collection[str]
    opened: Collection[int] = ()
    remote: Collection[int] = ()
    plain: Collection[int] = ()


def runs(found: Conversation, asked: Asked) -> list[Run]:
    """The conversation, oldest first: unread, asked for and last messages open, the rest folded."""
    last = found.messages[-1].copy.pk if found.messages else 0
    wanted = {last, *asked.opened, *asked.remote, *asked.plain}
    shown = [
        present(view, asked, is_open=view.copy.pk in wanted or not view.copy.is_seen)
        for view in found.messages
    ]
    for one in shown[1:]:
        one.can_split = True
    fill([s for s in shown if s.is_open], asked)
    return _cut(shown)


def view_or_404(found: Conversation, copy_id: int) -> MessageView:
    """That message of the conversation."""
    view = next((m for m in found.messages if m.copy.pk == copy_id), None)
    if view is None:
        raise Http404
    return view


def present(view: MessageView, asked: Asked, *, is_open: bool) -> Shown:
    """One message, its body still empty (see `fill`)."""
    pk, thread = view.copy.pk, view.copy.thread_id
    is_own = view.copy.is_outgoing or view.sender_address.lower() in asked.own
    return Shown(
        id=pk,
        base=f"/threads/{thread}/messages/{pk}/",
        view=view,
        name=_("You") if is_own else view.sender_name or _("Unknown sender"),
        address=view.sender_address,
        to=_to(view.recipients, asked.own),
        is_open=is_open,
        is_own=is_own,
        badges=_badges(view),
        track=tracks.of_message(view.delivery, asked.viewer) if view.delivery else None,
        shows_remote=pk in asked.remote,
        is_plain=pk in asked.plain,
    )


def fill(messages: Sequence[Shown], asked: Asked) -> None:
    """Give these messages their bodies, files and invitations."""
    bodies = MessageBody.objects.in_bulk([s.view.message.pk for s in messages])
    loading = [s for s in messages if _wants_remote(s, bodies)]
    allowed = remote.may_load(asked.viewer, [s.view.message for s in loading]) if loading else ()
    with_files = [s.view.message.pk for s in messages if s.view.attachments]
    kept = record_files.kept(asked.viewer, with_files) if with_files else set()
    for shown in messages:
        body = bodies.get(shown.view.message.pk)
        html = body.html if body else ""
        shown.is_allowed = shown.view.message.pk in allowed
        _add_body(shown, body)
        if not shown.has_html and not shown.is_plain and not (body and body.text.strip()):
            _add_packed_body(shown)
        listed = [a for a in shown.view.attachments if not _is_in_body(a, html)]
        shown.files = files_of(listed, shown.base, kept) + packs_of(
            shown.view.copy, listed, shown.base
        )
        shown.files_size = wording.filesize(sum(a.size for a in listed))
        if any(meetings.is_calendar(a) for a in listed):
            found = meetings.of_copy(asked.viewer, shown.view.copy, listed)
            shown.meeting = card(found) if found else None


def _wants_remote(shown: Shown, bodies: dict[int, MessageBody]) -> bool:
    body = bodies.get(shown.view.message.pk)
    if body is None or not _REMOTE.search(body.html):
        return False
    shown.remote_url = f"{shown.base}body/?remote=1"
    return True


def _add_body(shown: Shown, body: MessageBody | None) -> None:
    if body is None:
        return
    shown.has_html = bool(body.html.strip())
    if shown.has_html and not shown.is_plain:
        # A consent is read again by the body itself: the address is the same with and without.
        shown.frame = shown.remote_url if shown.shows_remote else f"{shown.base}body/"
        shown.shows_remote = shown.shows_remote or shown.is_allowed
        return
    shown.remote_url = ""
    html = text_to_html(body.text, quote_label=_("Show the quoted text"))
    shown.html = mark_safe(html)  # noqa: S308 (text_to_html escapes)


def _add_packed_body(shown: Shown) -> None:
    """A mail that says nothing itself: what its winmail.dat says."""
    for attachment in shown.view.attachments:
        pack = pack_of(shown.view.copy, attachment) if is_pack(attachment) else None
        if pack and pack.html.strip():
            shown.frame = f"{shown.base}body/"
        elif pack and pack.text.strip():
            shown.html = mark_safe(text_to_html(pack.text))  # noqa: S308 (text_to_html escapes)


def _badges(view: MessageView) -> list[Badge]:
    """Badges of SYN-14; at most the most telling one and that it came through a list."""
    message = view.message
    if view.copy.is_outgoing:
        return []
    found = []
    if message.is_bounce:
        found.append(Badge("bounce", _("Delivery report")))
    elif message.is_auto:
        found.append(Badge("bolt", _("Automatic")))
    if message.list_id:
        found.append(Badge("users", _("List")))
    elif message.is_bulk and not message.is_bounce:
        found.append(Badge("megaphone", _("Sent to many")))
    return found


def _is_in_body(attachment: object, html: str) -> bool:
    """An image the HTML shows in its place is not listed again under it."""
    cid = str(getattr(attachment, "content_id", "")).strip("<> ")
    return bool(cid and getattr(attachment, "is_inline", False)) and (
        f"cid:{cid}".lower() in html.lower()
    )


def _to(people: Sequence[Participant], own: Collection[str]) -> str:
    """ "to you, Bruno Astier and 3 more": the line under the sender."""
    names = [_("you") if p.address.address in own else p.name or p.address.address for p in people]
    if not names:
        return _("to nobody named")
    shown = ", ".join(text.shorten(name, 40) for name in names[:3])
    if len(names) > 3:
        return _("to %(names)s and %(n)s more") % {"names": shown, "n": len(names) - 3}
    return _("to %(names)s") % {"names": shown}


def _full(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and name != address else address


def _cut(shown: list[Shown]) -> list[Run]:
    """Folded messages at the beginning, but the last of them, go behind one line."""
    first_open = next((n for n, s in enumerate(shown) if s.is_open), len(shown))
    older = shown[: max(first_open - 1, 0)]
    if len(older) < _OPEN_ALWAYS:
        return [Run(shown, is_older=False)]
    return [
        Run(older, is_older=True, span=_span(older[0], older[-1])),
        Run(shown[len(older) :], is_older=False),
    ]


def _span(first: Shown, last: Shown) -> str:
    """ "from 2 to 13 Nov", "on 2 Nov"."""
    calendar = Calendar.current()
    dates = [_date(s.view.message.received_at) for s in (first, last)]
    days = [calendar.day(d) for d in dates]
    if dates[0] == dates[1]:
        return _("on %(day)s") % {"day": days[0]}
    if (dates[0].year, dates[0].month) == (dates[1].year, dates[1].month):
        days[0] = days[0].partition("\u00a0")[0]
    return _("from %(first)s to %(last)s") % {"first": days[0], "last": days[1]}


def _date(at: datetime) -> date:
    return timezone.localtime(at).date()
