"""The history of a record, as a panel of its page."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from relance.web.components.about import subject_or_404
from relance.web.history.lines import timeline
from relance.web.requests import user_of
from relance.web.shell.pages import fragment


@require_safe
def panel(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The newest lines; with ?before only those before that instant."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    before = _instant(request.GET.get("before", ""))
    page = timeline(user, subject.field, subject.record, before=before)
    template = "history/_lines.html" if before else "history/_panel.html"
    return fragment(request, template, {"subject": subject, "page": page})


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if timezone.is_aware(at) and 1970 < at.year < 2200 else None
