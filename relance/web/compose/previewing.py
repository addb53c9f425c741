"""The mail as each recipient will get it, what was put in marked, what is missing named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from relance.inbox import resolving
from relance.inbox.guards import Warning_
from relance.inbox.resolving import Mail
from relance.mail import identities
from relance.mail.models import Outgoing
from relance.web.components import writing
from relance.web.compose import content, people, wording
from relance.web.compose.access import draft_or_404
from relance.web.compose.presenting import composer_of
from relance.web.requests import user_of
from relance.web.shell.pages import fragment


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient in the list beside the preview."""

    number: int
    name: str
    address: str
    missing: tuple[str, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What `compose/_preview.html` shows of one of the mails."""

    number: int
    people: list[Person]
    to: str
    sender: str
    subject: SafeString
    html: SafeString
    has_quote: bool
    problems: list[wording.Problem]

    @property
    def count(self) -> int:
        return len(self.people)

    @property
    def previous(self) -> int:
        return (self.number - 2) % self.count + 1

    @property
    def next(self) -> int:
        return self.number % self.count + 1


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The mail as recipient `n` gets it; of what is kept, whatever the form holds."""
    draft = draft_or_404(request, draft_id)
    shown: dict[str, Any] = {"c": composer_of(request, draft)}
    shown["preview"] = preview_of(request, draft)
    return fragment(request, "compose/_preview.html", shown)


def preview_of(request: HttpRequest, draft: Outgoing) -> Preview | None:
    """The preview of the recipient asked for (the first without); None with nobody to write to."""
    if not any(draft.people.values()):
        return None
    viewer = user_of(request)
    mails = resolving.mails(viewer, draft)
    number = _number(request, len(mails))
    mail = mails[number - 1]
    values = resolving.values_for(viewer, draft, mail.row)
    html = writing.preview(draft.html, values, address_of=content.addresses(draft))
    return Preview(
        number=number,
        people=[
            Person(n, m.name, m.address, m.missing, n == number)
            for n, m in enumerate(mails, start=1)
        ],
        to=people.written(mail.people.get("to") or []),
        sender=identities.sender_of(draft).name,
        subject=writing.as_markup(writing.preview_subject(draft.subject, values)),
        html=writing.as_markup(html),
        has_quote=draft.has_quote,
        problems=_problems(draft, mail),
    )


def _number(request: HttpRequest, most: int) -> int:
    text = request.POST.get("n") or request.GET.get("n") or "1"
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), most)


def _problems(draft: Outgoing, mail: Mail) -> list[wording.Problem]:
    found: list[Warning_] = []
    if unknown := resolving.unknown(draft):
        found.append(Warning_("placeholder_unknown", {"fields": unknown}, blocking=True))
    if mail.missing:
        params = {"name": mail.name, "fields": list(mail.missing)}
        found.append(Warning_("placeholder_missing", params, blocking=True))
    return [wording.problem(w) for w in found]
