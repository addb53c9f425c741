"""What a template becomes for one person after another, and which fields they leave empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access as crm_access
from relance.crm.models import Person
from relance.inbox import merging
from relance.lib.text import squeeze
from relance.users.models import User
from relance.web.components.lists import matching
from relance.web.components.writing import as_markup, posted_html, preview_subject
from relance.web.components.writing import preview as preview_html
from relance.web.mailtemplates import access, pictures
from relance.web.mailtemplates.forms import FALLBACK
from relance.web.requests import user_of
from relance.writing import merge, photos, signatures, templates
from relance.writing.merge import Placeholder
from relance.writing.models import Template

MOST_PEOPLE = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """The template as one person would get it."""

    person: Person
    number: int
    count: int
    subject: SafeString
    body: SafeString
    missing: tuple[Placeholder, ...]

    @property
    def previous(self) -> int:
        return self.number - 1 or self.count

    @property
    def next(self) -> int:
        return self.number % self.count + 1


@dataclass(frozen=True, slots=True)
class Used:
    """A field of the template: for how many of the people looked at it is empty."""

    placeholder: Placeholder
    empty: int
    typed: str = ""

    @property
    def input_name(self) -> str:
        return f"{FALLBACK}{self.placeholder.code}"

    @property
    def is_trouble(self) -> bool:
        return self.empty > 0 and self.placeholder.fallback is None


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The preview and the fields of what is being written: fragments for their places."""
    template = _asked(request)
    subject = squeeze(request.POST.get("subject", ""))
    html = pictures.to_kept(posted_html(request.POST, template.html if template else ""), template)
    shown = context(request, template, subject=subject, html=html)
    return render(request, "mailtemplates/_preview.html", {"template": template, **shown})


@require_safe
def fields(request: HttpRequest) -> JsonResponse:
    """The fields a text may name, for the script's menu; ?of=signature narrows them."""
    of_signature = request.GET.get("of") == "signature"
    groups = [
        {
            "label": label,
            "fields": [
                {"code": f"{{{code}}}", "label": name}
                for code, name in entries
                if not (of_signature and code == signatures.CODE)
            ],
        }
        for entity, label, entries in merging.entries(user_of(request))
        if not of_signature or entity in signatures.KNOWN
    ]
    return JsonResponse({"groups": groups})


def context(
    request: HttpRequest, template: Template | None, *, subject: str, html: str
) -> dict[str, Any]:
    """`shown` (None without anybody to show it for), `used`, and what was asked."""
    user = user_of(request)
    source = request.POST if request.method == "POST" else request.GET
    query = squeeze(source.get("person", ""))[:200]
    people = _people(user, query)
    number = _number(source, len(people))
    language = source.get("language", template.language if template else "")
    all_values = [_values(user, person, language) for person in people]
    shown = None
    if people:
        values = all_values[number - 1]
        title = preview_subject(subject, values)
        body = preview_html(html, values, address_of=pictures.addresses(template))
        missing = {p.code: p for p in (*title.missing, *body.missing)}
        shown = Shown(
            *(people[number - 1], number, len(people), as_markup(title), as_markup(body)),
            missing=tuple(missing.values()),
        )
    found = [*merge.placeholders(subject), *merge.placeholders(html)]
    used = _used(found, all_values, source)
    return {
        "shown": shown,
        "used": [one for one in used if one.is_trouble],
        "filled": [one for one in used if not one.is_trouble],
        "person_query": query,
        "people_count": len(people),
        "size": templates.size_of(template) if template else 0,
    }


def person_shown(request: HttpRequest) -> Person | None:
    """Whom the preview of a posted form shows the template for."""
    people = _people(user_of(request), squeeze(request.POST.get("shown_for", ""))[:200])
    return people[_number(request.POST, len(people)) - 1] if people else None


def _number(source: QueryDict, count: int) -> int:
    asked = source.get("n", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(number, 1), count or 1)


def _values(user: User, person: Person, language: str) -> merge.Values:
    """A person's values, the user's photo and signature as a page shows them."""
    src = reverse("signature:photo")
    signature = signatures.html_for(user, user.email, is_reply=False, photo_src=src)
    others = merging.with_signature(
        merging.values(user, person=person, language=language), signature
    )

    def value(entity: str, name: str) -> str | None:
        is_photo = (entity, name) == ("User", "photo")
        return photos.html(user, src=src) if is_photo else others(entity, name)

    return value


def _people(user: User, query: str) -> list[Person]:
    """Whom to show it for: those the words name, else those who have a deal, the latest first."""
    people = matching(crm_access.people_for(user), query).select_related("company")
    if not query:
        with_deals = people.filter(deals__isnull=False).distinct()
        people = with_deals if with_deals.exists() else people
    return list(people.order_by("-updated_at", "-pk")[:MOST_PEOPLE])


def _used(
    found: list[Placeholder], all_values: list[merge.Values], source: QueryDict
) -> list[Used]:
    once: dict[str, Placeholder] = {}
    for placeholder in found:
        known = once.get(placeholder.code)
        if known is None or known.fallback is not None:
            once[placeholder.code] = placeholder
    return [
        Used(
            p,
            sum(not (values(p.entity, p.name) or "").strip() for values in all_values),
            source.get(f"{FALLBACK}{p.code}", "")[:200],
        )
        for p in once.values()
    ]


def _asked(request: HttpRequest) -> Template | None:
    asked = request.POST.get("template", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    return access.seen_or_404(request, int(asked))
