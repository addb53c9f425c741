"""The history of a record, as a panel of its page."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from relance.inbox import related
from relance.inbox.related import Asked
from relance.web.components.about import subject_or_404
from relance.web.history.lines import mail_line, timeline
from relance.web.related_mails.scopes import scoped
from relance.web.requests import user_of
from relance.web.shell.pages import fragment, uncached


@require_safe
def panel(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The newest lines; with ?before only those before that instant."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    before = _instant(request.GET.get("before", ""))
    page = timeline(user, subject.field, subject.record, before=before)
    template = "history/_lines.html" if before else "history/_panel.html"
    return fragment(request, template, {"subject": subject, "page": page})


@require_safe
def turn(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """Whose turn it is: the last mail, when it waits for the reader's answer; else nothing."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    concern = scoped(user, subject.record, "").concern
    page = related.page(user, concern, Asked(limit=1))
    last = page.mails[0] if page.mails and not page.waiting else None
    is_theirs = last is not None and not last.is_outgoing and not last.copy.is_answered
    if last is None or not is_theirs or last.copy.account.owner_id != user.pk:
        return uncached(HttpResponse())
    return fragment(request, "history/_turn.html", {"line": mail_line(last), "mail": last.message})


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if timezone.is_aware(at) and 1970 < at.year < 2200 else None
