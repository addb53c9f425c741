"""The mails of a record as lines: who wrote, what about, and where the mail is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from relance.inbox.related import Mail
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.web.components import delivery
from relance.web.components.delivery import Badge


@dataclass(frozen=True, slots=True)
class Line:
    """One mail. `via` names whose mailbox it is in, when that is not the reader's."""

    url: str
    icon: str
    subject: str
    name: str
    address: str
    at: datetime
    badges: Sequence[Badge]
    is_unread: bool = False
    has_file: bool = False
    direction: str = ""
    via: str = ""


def lines(viewer: User, mails: Iterable[Mail], origin: int | None = None) -> list[Line]:
    """`origin` is the key of the mail that a case was opened for."""
    return [_line(viewer, mail, is_origin=mail.message.pk == origin) for mail in mails]


def _line(viewer: User, mail: Mail, *, is_origin: bool) -> Line:
    copy, message = mail.copy, mail.message
    address = message.from_address.address if message.from_address else ""
    is_own = copy.account.owner_id == viewer.pk
    place = reverse("conversation:show", args=[copy.thread_id])
    return Line(
        url=f"{place}?open={copy.pk}",
        icon="send" if mail.is_outgoing else "mail",
        subject=message.subject or _("(no subject)"),
        name=message.from_name or address or _("Unknown sender"),
        address=address,
        at=mail.at,
        badges=[*(_fate(mail) if mail.is_outgoing else _received(mail)), *_origin(is_origin)],
        is_unread=is_own and not copy.is_seen and not mail.is_outgoing,
        has_file=message.attachment_count > 0,
        direction=_("Outgoing mail") if mail.is_outgoing else _("Incoming mail"),
        via="" if is_own else copy.account.address,
    )


def _received(mail: Mail) -> list[Badge]:
    words = _("Received, answered") if mail.copy.is_answered else _("Received")
    return [Badge("", "", words)]


def _origin(is_origin: bool) -> list[Badge]:
    return [Badge("", "case", _("Origin of the case"))] if is_origin else []


def _fate(mail: Mail) -> list[Badge]:
    if mail.delivery and mail.delivery.outgoing:
        return delivery.badges(mail.delivery.outgoing)
    reports = mail.delivery.bounces if mail.delivery else ()
    return delivery.returned_elsewhere(reports) or [Badge("", "", _("Has left"))]


def waiting(mails: Iterable[Outgoing]) -> list[Line]:
    """Mails that have not left, or have just left. Their recipients are prefetched."""
    return [
        Line(
            url=reverse("outgoing:show", args=[mail.pk]),
            icon="scheduled" if mail.state == Outgoing.State.SCHEDULED else "send",
            subject=mail.subject or _("(no subject)"),
            name=mail.author.name,
            address=mail.account.address,
            at=mail.sent_at or mail.scheduled_at or mail.queued_at,
            badges=delivery.badges(mail),
            direction=_("Outgoing mail"),
        )
        for mail in mails
    ]
