"""A draft as the composer's templates show it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.addresses import suppression
from relance.inbox import resolving
from relance.lib import clock
from relance.mail import attachments, identities
from relance.mail.models import Outgoing, OutgoingAttachment
from relance.mail.people import ROLES
from relance.users.models import Organisation, User
from relance.web.components.writing import Tool
from relance.web.compose import content, people, times, wording
from relance.web.shell.wording import Calendar, filesize

SHAPES = ("dialog", "page", "reply")
TOOLS = (
    Tool("bold", gettext_lazy("Bold"), "bold"),
    Tool("italic", gettext_lazy("Italic"), "italic"),
    Tool("bullets", gettext_lazy("Bulleted list"), "bullets"),
    Tool("quote", gettext_lazy("Quote"), "blockquote"),
    Tool("link", gettext_lazy("Link"), "link"),
    Tool("image", gettext_lazy("Image"), "image"),
)
_LABELS: dict[str, str | Promise] = {
    "to": gettext_lazy("To"),
    "cc": gettext_lazy("Cc"),
    "bcc": gettext_lazy("Bcc"),
}
_ICONS = {"reply": "reply", "reply_all": "replyall", "forward": "forward"}
_ORIGINS: dict[str, str | Promise] = {
    "library": gettext_lazy("library"),
    "template": gettext_lazy("template"),
    "forward": gettext_lazy("forwarded"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of recipients, as text for those without the script."""

    role: str
    label: str | Promise
    text: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class SenderChoice:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """One attachment."""

    id: int
    name: str
    size: int
    kind: str
    css: str
    origin: str | Promise
    url: str
    remove_url: str
    is_inline: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "url": self.url,
            "inline": self.is_inline,
        }


@dataclass(frozen=True, slots=True)
class Again:
    """The hour a mail had, in words, and where it gets it again."""

    words: str
    url: str


@dataclass
class Composer:
    """What `compose/_form.html` shows, as `c`."""

    draft: Outgoing
    user: User
    shape: str = "page"
    back: str = "/"
    tools: tuple[Tool, ...] = field(default=TOOLS)

    @property
    def id(self) -> int:
        return self.draft.pk

    @property
    def version(self) -> int:
        return self.draft.version

    @property
    def kind(self) -> str:
        return self.draft.kind

    @cached_property
    def thread_id(self) -> int | None:
        source = self.draft.source
        return source.thread_id if source else self.draft.thread_id

    @property
    def icon(self) -> str:
        return _ICONS.get(self.draft.kind, "draft")

    @property
    def title(self) -> str:
        if self.draft.kind == Outgoing.Kind.FORWARD:
            return _("Forward")
        if self.draft.kind != Outgoing.Kind.NEW:
            return _("Reply")
        return self.draft.subject or _("New message")

    @property
    def may_send(self) -> bool:
        return self.user.may_send

    @property
    def subject(self) -> str:
        return self.draft.subject

    @property
    def text(self) -> str:
        return content.own_text(self.draft)

    @cached_property
    def html(self) -> SafeString:
        """Cleaned when it was saved; stands in a <template>, where nothing runs or loads."""
        return mark_safe(content.shown(self.draft.html, self.draft))  # noqa: S308

    @property
    def has_source(self) -> bool:
        return bool(self.draft.quote_html)

    @property
    def has_quote(self) -> bool:
        return self.draft.has_quote

    @property
    def people_json(self) -> str:
        return json.dumps(self.draft.people)

    @cached_property
    def lines(self) -> list[Line]:
        texts = {role: people.written(self.draft.people.get(role) or ()) for role in ROLES}
        return [
            Line(role, _LABELS[role], texts[role], role != "to" and not texts[role])
            for role in ROLES
        ]

    @property
    def shows_cc(self) -> bool:
        return bool(self.draft.people.get("cc"))

    @property
    def shows_bcc(self) -> bool:
        return bool(self.draft.people.get("bcc"))

    @cached_property
    def senders(self) -> list[SenderChoice]:
        found = identities.senders_for(self.user)
        return [
            SenderChoice(s.key, f"{s.name} · {s.address}" if s.name else s.address) for s in found
        ]

    @cached_property
    def sender_key(self) -> str:
        return identities.sender_of(self.draft).key

    @cached_property
    def files(self) -> list[File]:
        """The files beside the text; its images are in it."""
        rows = self.draft.attachments.select_related("blob").order_by("pk")
        return [file_of(row) for row in rows if not row.is_inline]

    @cached_property
    def used(self) -> int:
        return attachments.total(self.draft)

    @cached_property
    def limit(self) -> int:
        return attachments.limit(self.draft)

    @property
    def is_over(self) -> bool:
        return self.used > self.limit

    @property
    def total(self) -> str:
        """ "4.5 MB of 10 MB"; nothing while there is no file."""
        if not self.used:
            return ""
        return _("%(total)s of %(limit)s") % {
            "total": filesize(self.used),
            "limit": filesize(self.limit),
        }

    @property
    def recipients_max(self) -> int:
        return (Organisation.current() or Organisation()).recipients_max

    @property
    def separate(self) -> str:
        return separate(self.draft)

    @property
    def saved(self) -> str:
        return saved(self.draft)

    @cached_property
    def presets(self) -> list[times.Preset]:
        return times.presets(self.user)

    @cached_property
    def custom(self) -> times.Custom:
        return times.custom(self.user, self.draft.scheduled_at, self.draft.time_zone)

    @cached_property
    def was_scheduled(self) -> Again | None:
        """The hour a mail had that is being edited: while it is, it does not leave."""
        at, zone = self.draft.scheduled_at, self.draft.time_zone or self.user.time_zone
        if at is None or at <= clock.now():
            return None
        local = at.astimezone(ZoneInfo(zone))
        query = {"date": local.date().isoformat(), "time": f"{local:%H:%M}", "zone": zone}
        url = f"{reverse('compose:schedule', args=[self.id])}?{urlencode(query)}"
        return Again(times.both(at, zone, self.user), url)

    @property
    def zones(self) -> list[times.Zone]:
        return times.some_zones(self.user, [self.custom.zone])


def separate(draft: Outgoing) -> str:
    """ "4 separate mails", or nothing when there is one."""
    count = resolving.count(draft)
    if count < 2:
        return ""
    return ngettext("%(n)s separate mail", "%(n)s separate mails", count) % {"n": count}


def saved(draft: Outgoing) -> str:
    """ "Draft saved 10:41"."""
    return _("Draft saved %(when)s") % {"when": Calendar.current().when(draft.updated_at)}


def file_of(row: OutgoingAttachment) -> File:
    """An attachment as its row in the form shows it."""
    suffix = PurePath(row.filename).suffix.lstrip(".").upper()
    args = [row.outgoing_id, row.pk]
    return File(
        id=row.pk,
        name=row.filename,
        size=row.blob.size,
        kind=suffix[:4] or "…",
        css=_KINDS.get(suffix, ""),
        origin=_ORIGINS.get(row.origin, ""),
        url=reverse("compose:file", args=args),
        remove_url=reverse("compose:remove_file", args=args),
        is_inline=row.is_inline,
    )


_KINDS = dict.fromkeys(("PNG", "JPG", "JPEG", "GIF", "WEBP", "SVG", "HEIC"), "file__k--i") | {
    **dict.fromkeys(("XLS", "XLSX", "CSV", "ODS"), "file__k--x")
}


def saved_json(draft: Outgoing) -> dict[str, Any]:
    """The answer to a save."""
    shown = Composer(draft, draft.author)
    return {
        "id": draft.pk,
        "version": draft.version,
        "saved": saved(draft),
        "people": draft.people,
        "verdicts": verdicts(draft),
        "separate": separate(draft),
        "total": shown.total,
        "used": shown.used,
        "over": shown.is_over,
    }


def verdicts(draft: Outgoing) -> dict[str, dict[str, Any]]:
    """What stands against writing to the draft's recipients, by address as typed."""
    found = suppression.verdicts(_addresses(draft))
    organisation = Organisation.current()
    blocks_all = organisation is not None and organisation.opt_out_blocks_all
    return {
        address: {
            "code": reason.code,
            "words": wording.verdict(reason),
            "blocking": reason.code != "opted_out" or blocks_all,
        }
        for address, reason in found.items()
    }


def _addresses(draft: Outgoing) -> Iterable[str]:
    return [row["address"] for role in ROLES for row in draft.people.get(role) or ()]


def current_json(draft: Outgoing) -> dict[str, Any]:
    """What is kept, for the script to show beside what it holds itself."""
    return {
        "version": draft.version,
        "people": draft.people,
        "subject": draft.subject,
        "html": content.shown(draft.html, draft),
        "sender": identities.sender_of(draft).key,
        "has_quote": draft.has_quote,
        "saved": saved(draft),
    }


def composer_of(request: HttpRequest, draft: Outgoing, shape: str = "page") -> Composer:
    """The composer of that draft in one of its shapes."""
    user = draft.author
    thread = draft.source.thread_id if draft.source else None
    back = reverse("conversation:show", args=[thread]) if thread else "/"
    asked = request.GET.get("as", shape)
    return Composer(draft, user, asked if asked in SHAPES else shape, back)
