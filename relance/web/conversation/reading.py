"""Messages made ready for their template: who wrote to whom, the body, what is attached."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from relance.inbox.conversation import Conversation, MessageView
from relance.lib import text
from relance.mail.models import Attachment, MessageBody, Participant
from relance.mime.text_html import text_to_html
from relance.web.shell import wording

_REMOTE = re.compile(
    r"<(?:img|input|table|td|body)\b[^>]{0,2000}?\b(?:src|background)\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|url\s*\(\s*[\"']?\s*(?:https?:)?//",
    re.IGNORECASE,
)
_OPEN_ALWAYS = 2  # messages: a short conversation shows its heads without a fold
_KINDS = {
    "pdf": ("PDF", ""),
    "spreadsheet": ("XLS", "file__k--x"),
    "excel": ("XLS", "file__k--x"),
    "csv": ("CSV", "file__k--x"),
    "image": ("IMG", "file__k--i"),
    "word": ("DOC", "file__k--i"),
    "presentation": ("PPT", ""),
    "zip": ("ZIP", ""),
    "calendar": ("ICS", "file__k--x"),
    "rfc822": ("EML", "file__k--i"),
}


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: what it is called, how large, where to get it."""

    name: str
    kind: str
    css: str
    size: str
    url: str


@dataclass(slots=True)
class Shown:
    """One message as the template shows it. `html` is safe; `frame` is the address of a body
    to show in a frame instead; both are empty while the message is folded."""

    id: int
    view: MessageView
    name: str
    address: str
    to: str
    is_open: bool
    is_own: bool
    html: SafeString | str = ""
    frame: str = ""
    remote_url: str = ""
    shows_remote: bool = False
    files: list[File] = field(default_factory=list)
    files_size: str = ""

    @property
    def key(self) -> str:
        return self.address or self.name

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
        return lines


@dataclass(frozen=True, slots=True)
class Run:
    """Messages in a row; older ones are folded behind one line."""

    messages: list[Shown]
    is_older: bool


def runs(
    found: Conversation,
    *,
    own: Collection[str],
    opened: Collection[int] = (),
    remote: Collection[int] = (),
) -> list[Run]:
    """The conversation, oldest first: unread, asked for and last messages open, the rest folded.

    `opened` and `remote` are copies to open, and to open with what they load from elsewhere.
    """
    last = found.messages[-1].copy.pk if found.messages else 0
    shown = []
    for view in found.messages:
        pk = view.copy.pk
        is_open = pk == last or pk in opened or pk in remote or not view.copy.is_seen
        shown.append(present(view, own=own, is_open=is_open, remote=pk in remote))
    _fill([s for s in shown if s.is_open])
    return _cut(shown)


def present(view: MessageView, *, own: Collection[str], is_open: bool, remote: bool) -> Shown:
    """One message, its body still empty (see `fill`)."""
    is_own = view.copy.is_outgoing or view.sender_address.lower() in own
    shown = Shown(
        id=view.copy.pk,
        view=view,
        name=_("You") if is_own else view.sender_name or _("Unknown sender"),
        address=view.sender_address,
        to=_to(view.recipients, own),
        is_open=is_open,
        is_own=is_own,
    )
    shown.shows_remote = remote
    return shown


def fill(shown: Shown) -> Shown:
    """Give one message its body."""
    _fill([shown])
    return shown


def _fill(messages: Sequence[Shown]) -> None:
    bodies = MessageBody.objects.in_bulk([s.view.message.pk for s in messages])
    for shown in messages:
        body = bodies.get(shown.view.message.pk)
        html = body.html if body else ""
        thread = shown.view.copy.thread_id
        if html.strip():
            address = reverse("conversation:body", args=[thread, shown.id])
            if _REMOTE.search(html):
                shown.remote_url = f"{address}?remote=1"
            shown.frame = shown.remote_url if shown.shows_remote else address
            shown.frame = shown.frame or address
        elif body:
            shown.html = mark_safe(  # noqa: S308 (text_to_html escapes)
                text_to_html(body.text, quote_label=_("Show the quoted text"))
            )
        listed = [a for a in shown.view.attachments if not _is_in_body(a, html)]
        shown.files = [_file(a, thread, shown.id) for a in listed]
        shown.files_size = wording.filesize(sum(a.size for a in listed))


def _is_in_body(attachment: Attachment, html: str) -> bool:
    """An image the HTML shows in its place is not listed again under it."""
    cid = attachment.content_id.strip("<> ")
    return bool(cid) and attachment.is_inline and f"cid:{cid}".lower() in html.lower()


def _file(attachment: Attachment, thread: int | None, copy_id: int) -> File:
    name = attachment.filename or _("attachment")
    haystack = f"{attachment.content_type} {name.rpartition('.')[2]}".lower()
    found = next((v for word, v in _KINDS.items() if word in haystack), None)
    extension = name.rpartition(".")[2][:3].upper() if "." in name else "···"
    kind, css = found or (extension, "")
    url = reverse("conversation:attachment", args=[thread, copy_id, attachment.pk])
    return File(name, kind, css, wording.filesize(attachment.size), url)


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
    return [Run(older, is_older=True), Run(shown[len(older) :], is_older=False)]
