"""The mails of a record: the panel on its page, and a page with all of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from relance.crm.models import Case
from relance.crm.models.records import Record
from relance.inbox import related
from relance.inbox.related import Asked
from relance.users.models import User
from relance.web.components.about import subject_or_404
from relance.web.related_mails import lines
from relance.web.related_mails.scopes import scoped
from relance.web.requests import user_of, words
from relance.web.shell.pages import fragment, page

_ON_RECORD, _ON_PAGE = 8, 50
_LONGEST_QUERY = 200
_DIGITS, _HIGHEST = 19, (1 << 63) - 1  # of a key
_REMEMBERED = "related_mails_of"


@require_safe
def panel(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The panel of the record's page; with ?before only the older lines, with ?part=rows the lines
    for what is searched."""
    shown = _shown(request, entity, key, _ON_RECORD)
    is_part = "before" in request.GET or request.GET.get("part") == "rows"
    return fragment(request, f"related_mails/{'_rows' if is_part else '_panel'}.html", shown)


@require_safe
def mails(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """All mails of the record, page by page."""
    return page(request, "related_mails/page.html", _shown(request, entity, key, _ON_PAGE))


def _shown(request: HttpRequest, entity: str, key: int, limit: int) -> dict[str, Any]:
    viewer = user_of(request)
    subject = subject_or_404(viewer, entity, key)
    scope = scoped(viewer, subject.record, request.GET.get("scope", ""))
    people = related.owners(viewer)
    asked = Asked(
        query=words(request, longest=_LONGEST_QUERY),
        owner=_owner(request, people),
        before=_number(request.GET.get("before")),
        limit=limit,
    )
    found = related.page(viewer, scope.concern, asked)
    address = (subject.field, subject.record.pk)
    kept = {"scope": scope.chosen, "owner": asked.owner or "", "q": asked.query}
    older = urlencode({k: v for k, v in kept.items() if v} | {"before": found.next_key})
    return {
        "subject": subject,
        "scope": scope,
        "asked": asked,
        "owners": people if len(people) > 1 else (),
        "waiting": lines.waiting(found.waiting),
        "lines": lines.lines(viewer, found.mails, _origin(subject.record)),
        "older": older if found.next_key else "",
        "panel_url": reverse("related_mails:panel", args=address),
        "page_url": reverse("related_mails:list", args=address),
    }


def _origin(record: Record) -> int | None:
    return record.mail_key if isinstance(record, Case) else None


def _owner(request: HttpRequest, people: list[User]) -> int | None:
    """Whose mailbox was chosen, now or the last time; None for everybody's."""
    if "owner" in request.GET:
        request.session[_REMEMBERED] = _number(request.GET["owner"])
    chosen: int | None = request.session.get(_REMEMBERED)
    return chosen if chosen in {user.pk for user in people} and len(people) > 1 else None


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        return None
    return min(int(text), _HIGHEST)
