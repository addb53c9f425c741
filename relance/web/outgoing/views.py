"""The lists of drafts, scheduled mails and sent mail, and one mail on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from relance.inbox import outgoing as reading
from relance.mail import drafts as drafting
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.web.components import delivery
from relance.web.components.delivery import Badge
from relance.web.outgoing.access import readable_or_404
from relance.web.outgoing.checking import checks, troubles
from relance.web.outgoing.lines import elsewhere, held_since, line, lines, place_of, whom
from relance.web.outgoing.sentlist import SentList
from relance.web.requests import is_fragment, user_of
from relance.web.shell.context import shell_of
from relance.web.shell.pages import fragment, page

PER_PAGE = 50
_DRAFTS = 200
_ROLES = {
    OutgoingRecipient.Role.TO: gettext_lazy("To"),
    OutgoingRecipient.Role.CC: gettext_lazy("Cc"),
    OutgoingRecipient.Role.BCC: gettext_lazy("Bcc"),
}


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """What one is writing, here and in other programs."""
    user = user_of(request)
    rows = drafting.mine(user).prefetch_related("recipients__address", "attachments")
    found = lines(user, rows[:_DRAFTS])
    others = elsewhere(reading.drafts_elsewhere(user))
    context = {"lines": found, "elsewhere": others, "total": len(found) + len(others)}
    return page(request, "outgoing/drafts.html", context)


@require_safe
def scheduled(request: HttpRequest) -> HttpResponse:
    """What waits for its hour, by today and later, and what was held back."""
    user = user_of(request)
    waiting = reading.scheduled(user)
    held = [(line(user, m), held_since(m)) for m in reading.held(user)]
    today = timezone.localdate()
    context = {
        "groups": [
            ("today", lines(user, [m for m in waiting if _day(m) <= today])),
            ("later", lines(user, [m for m in waiting if _day(m) > today])),
        ],
        "held": held,
        "total": len(waiting) + len(held),
        "place": place_of(user.time_zone),
    }
    return page(request, "outgoing/scheduled.html", context)


def _day(mail: Outgoing) -> date:
    return timezone.localtime(mail.scheduled_at).date() if mail.scheduled_at else date.min


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What has left, what is leaving, and what needs a look; ?show=check or failed narrows it."""
    user, show_only = user_of(request), request.GET.get("show", "")
    if show_only == "failed":
        return _undelivered(request)
    found = checks(user, reading.to_check(user))
    context: dict[str, Any] = {"show": show_only, "checks": found, "check_count": len(found)}
    if show_only == "check":
        return page(request, "outgoing/sent.html", context)
    listed = SentList(request)
    if is_fragment(request) and "before" in request.GET:
        return fragment(request, "outgoing/_days.html", {"list": listed})
    leaving = [*reading.leaving(user), *reading.unfiled(user)]
    context |= {
        "list": listed,
        "leaving": lines(user, leaving),
        "rate": reading.bounce_rate(user),
        "accounts": shell_of(request).accounts,
    }
    return page(request, "outgoing/sent.html", context)


def _undelivered(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    found = Paginator(reading.undelivered(user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "show": "failed",
        "check_count": reading.to_check_count(user),
        "page": found,
        "lines": lines(user, found.object_list),
    }
    return page(request, "outgoing/sent.html", context)


@require_safe
def show(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """One mail: its text, and what became of it for each recipient. Of a colleague's: read only."""
    user = user_of(request)
    mail = readable_or_404(request, outgoing_id)
    if mail.state == Outgoing.State.DRAFT:
        return redirect("compose:show", mail.pk)
    context = {
        "mail": mail,
        "line": line(user, mail),
        "whom": whom(mail)[0],
        "recipients": [_recipient(r) for r in mail.recipients.all()],
        "troubles": troubles(user, mail),
        "files": _files(mail),
        "cause": delivery.cause(mail.error_code),
        "back": reverse("outgoing:sent"),
    }
    template = "outgoing/_show.html" if is_fragment(request) else "outgoing/show.html"
    return render(request, template, context)


def _recipient(row: OutgoingRecipient) -> tuple[str, OutgoingRecipient, Badge | None, str]:
    """(role, row, what became of it, its server's status code); of one that waits nothing is
    known."""
    is_known = row.state != OutgoingRecipient.State.WAITING
    role = str(_ROLES[OutgoingRecipient.Role(row.role)])
    return role, row, delivery.fate(row) if is_known else None, delivery.status_of(row)


def _files(mail: Outgoing) -> Sequence[tuple[str, int]]:
    rows = mail.attachments.filter(is_inline=False).select_related("blob").order_by("pk")
    return [(a.filename, a.blob.size) for a in rows]


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The numbers beside Drafts and Scheduled, for a page that stays open."""
    return fragment(request, "outgoing/_counts.html", {})
