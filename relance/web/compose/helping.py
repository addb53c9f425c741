"""What the composer asks while one writes: whom, which field, which template, which signature."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.files import blobs
from relance.inbox import merging
from relance.inbox import writing as sending
from relance.inbox.suggestions import Suggestion
from relance.inbox.suggestions import suggest as find
from relance.lib.text import fold
from relance.mail import attachments, identities
from relance.mail.attachments import QuotaReached, TooLarge
from relance.mail.models import Outgoing
from relance.users.models import Organisation
from relance.web.compose import content, wording
from relance.web.compose.access import draft_or_404
from relance.web.compose.files import answer, words_for
from relance.web.requests import user_of, words
from relance.web.shell.pages import fragment, uncached
from relance.web.shell.wording import money
from relance.writing import signatures
from relance.writing import templates as library
from relance.writing.models import Template

_AMOUNTS = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion as its line shows it."""

    name: str
    title: str
    address: str
    record: str
    marked: SafeString
    line: str
    side: str
    amount: str
    problem: str
    is_blocking: bool
    avatar_css: str


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Who may be meant by ?q=; with ?at= records alone."""
    query = words(request).lstrip("@")
    found = find(user_of(request), query, records_only=request.GET.get("at") == "1")
    heading = _("Records matching “%(query)s”") % {"query": query} if found and query else ""
    shown = {"suggestions": [_shown(s, query) for s in found], "heading": heading, "asked": query}
    return fragment(request, "compose/_suggestions.html", shown)


def _shown(found: Suggestion, query: str) -> Shown:
    organisation = Organisation.current()
    blocks_all = organisation is not None and organisation.opt_out_blocks_all
    verdict = found.verdict
    amounts = [money(m.amount, m.currency) for m in found.amounts[:_AMOUNTS]]
    kind = _kind(found.kind)
    parts = [kind, found.via, found.organisation] if found.kind != "known" else [found.address]
    line = " · ".join(p for p in (*parts, found.address if found.is_secondary else "") if p)
    return Shown(
        name=found.name if found.kind not in ("company", "deal") else found.via,
        title=found.name,
        address=found.address,
        record=found.record,
        marked=_marked(found.name, query),
        line=line,
        side=kind,
        amount=" + ".join(amounts),
        problem=wording.verdict(verdict) if verdict else "",
        is_blocking=verdict is not None and (verdict.code != "opted_out" or blocks_all),
        avatar_css="av--sq" if found.kind == "company" else "",
    )


def _kind(kind: str) -> str:
    return {
        "lead": _("Lead"),
        "contact": _("Contact"),
        "company": _("Account"),
        "deal": _("Deal"),
        "colleague": _("Colleague"),
    }.get(kind, "")


def _marked(name: str, query: str) -> SafeString:
    """The name with the part that was typed set in bold, where a word begins so."""
    wanted = fold(query.split(maxsplit=1)[0]) if query.split() else ""
    for match in re.finditer(r"(?<!\w)\w", name):
        start = match.start()
        part = name[start : start + len(wanted)]
        if wanted and fold(part) == wanted:
            return format_html("{}<b>{}</b>{}", name[:start], part, name[start + len(part) :])
    return format_html("{}", name)


@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """The fields one may insert, by entity."""
    groups = [
        {"label": label, "fields": [{"code": code, "label": name} for code, name in entries]}
        for _entity, label, entries in merging.entries(user_of(request))
    ]
    return uncached(JsonResponse({"groups": groups}))


@require_safe
def templates(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The templates to choose from, by category."""
    draft = draft_or_404(request, draft_id)
    rows = sorted(library.usable(user_of(request)), key=lambda t: (fold(t.category), fold(t.name)))
    groups = [
        {"label": category, "templates": list(some)}
        for category, some in groupby(rows, key=lambda t: t.category)
    ]
    shown = {"c": {"id": draft.pk}, "groups": groups}
    return fragment(request, "compose/_templates.html", shown)


@require_POST
def template(request: HttpRequest, draft_id: int, template_id: int) -> HttpResponse:
    """A template's subject and text, its files attached; the form puts them in."""
    draft, user = draft_or_404(request, draft_id), user_of(request)
    chosen = library.usable(user).filter(pk=template_id).first()
    if chosen is None:
        raise Http404
    errors = attach_files(draft, chosen)
    library.use(chosen)
    html = signatures.add(library.body_of(chosen), _signature(draft))
    return _template_answer(request, draft, chosen, html=html, errors=errors)


def _template_answer(
    request: HttpRequest, draft: Outgoing, chosen: Template, *, html: str, errors: list[str]
) -> HttpResponse:
    """Like the answer of the files, whose list goes by the name of `files` here."""
    draft.html = html  # its images count from now on
    sending.add_photo(user_of(request), draft)
    response = answer(request, draft, added=[], errors=[])
    if not isinstance(response, JsonResponse):
        return response
    told = json.loads(response.content)
    told |= {"files": told["html"], "errors": errors, "subject": chosen.subject}
    return uncached(JsonResponse(told | {"html": content.shown(html, draft)}))


def attach_files(draft: Outgoing, chosen: Template) -> list[str]:
    """Copy the template's files; what does not fit is said, the rest comes."""
    errors: list[str] = []
    for file in chosen.attachments.all():
        if file.content_id and draft.attachments.filter(content_id=file.content_id).exists():
            continue
        try:
            attachments.add(
                draft,
                name=file.filename,
                data=blobs.get(file.blob_id),
                content_type=file.content_type,
                origin="template",
                is_inline=file.is_inline,
                content_id=file.content_id,
            )
        except (TooLarge, QuotaReached) as refusal:
            errors.append(f"{file.filename}: {words_for(refusal)}")
    return errors


@require_safe
def signature(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The signature for ?sender=, in its marked division; "" for none."""
    draft = draft_or_404(request, draft_id)
    html = _signature(draft, request.GET.get("sender", ""))
    draft.html += html  # the photo it shows is attached
    sending.add_photo(user_of(request), draft)
    return uncached(JsonResponse({"html": content.shown(html, draft)}))


def _signature(draft: Outgoing, key: str = "") -> SafeString:
    user = draft.author
    sender = identities.find(user, key) or identities.sender_of(draft)
    is_reply = draft.kind in (Outgoing.Kind.REPLY, Outgoing.Kind.REPLY_ALL)
    return signatures.html_for(user, sender.address, is_reply=is_reply)
