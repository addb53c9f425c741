"""Somebody's personal data: all of it on one page, as a file, and erased for good (REC-29)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from relance.crm import access, erasure
from relance.crm.erasure import What
from relance.crm.models import Person
from relance.inbox import erasure as erasing
from relance.lib.streaming import asynchronous
from relance.web.conversation import serving
from relance.web.personal_data import archive
from relance.web.personal_data.wording import Erasure, erased, sections
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page

_LISTED = 200


@require_safe
def show(request: HttpRequest, person_id: int) -> HttpResponse:
    """Everything the CRM holds of that person, as far as one may read it."""
    user, person = user_of(request), _person_or_404(request, person_id)
    context = {
        "person": person,
        "sections": sections(archive.data_of(user, person)),
        "may_erase": erasure.may_erase(user),
    }
    return page(request, "personal_data/show.html", context)


@require_safe
def as_json(request: HttpRequest, person_id: int) -> HttpResponse:
    """The same for another program to read."""
    person = _person_or_404(request, person_id)
    text = archive.as_text(archive.data_of(user_of(request), person))
    response = serving.file(text.encode(), "application/json; charset=utf-8")
    response.headers["Content-Disposition"] = serving.disposition(f"{person.name}.json")
    return response


@require_safe
def as_zip(request: HttpRequest, person_id: int) -> StreamingHttpResponse:
    """The same with its files and mails."""
    person = _person_or_404(request, person_id)
    pieces: Any = archive.pieces(user_of(request), person)
    if hasattr(request, "scope"):  # served by ASGI, which would read a plain iterator whole
        pieces = asynchronous(pieces)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    serving.harden(response)
    response.headers["Content-Disposition"] = serving.disposition(f"{person.name}.zip")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, person_id: int) -> HttpResponse:
    """The question, and the act that nothing undoes; for administrators."""
    user, person = user_of(request), _person_or_404(request, person_id)
    if not erasure.may_erase(user):
        raise PermissionDenied
    is_sure = request.POST.get("sure") == "1"
    if request.method == "POST" and is_sure:
        ticked = {name: request.POST.get(name) == "1" for name in ("notes", "activities", "files")}
        kind = person.kind
        erasing.erase(user, person, What(**ticked))
        toasts.leave(request, _("The personal data were erased"))
        return _to_list(request, kind)
    is_first = request.method != "POST"
    context = {
        "person": person,
        "is_unsure": not is_first,
        "ticked": {
            name: is_first or request.POST.get(name) == "1"
            for name in ("notes", "activities", "files")
        },
    }
    if is_fragment(request):
        return fragment(request, "personal_data/_erase.html", context)
    return page(request, "personal_data/erase.html", context)


@require_safe
def erasures(request: HttpRequest) -> HttpResponse:
    """What was erased, by whom and when; for administrators."""
    if not erasure.may_erase(user_of(request)):
        raise PermissionDenied
    rows: list[Erasure] = [erased(line) for line in erasure.erasures()[:_LISTED]]
    return page(request, "personal_data/list.html", {"rows": rows})


def _person_or_404(request: HttpRequest, person_id: int) -> Person:
    found = access.people_for(user_of(request)).select_related("company", "owner")
    return get_object_or_404(found, pk=person_id)


def _to_list(request: HttpRequest, kind: str) -> HttpResponse:
    response = redirect("people:list")
    url = f"{response['Location']}?kind={kind}"
    if not is_fragment(request):
        return redirect(url)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = url
    return answer
