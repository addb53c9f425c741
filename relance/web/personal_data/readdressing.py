"""An address written over: does the former one stay? (REC-15, D8)"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.crm import access
from relance.crm.addressing import NotAnAddress
from relance.crm.models import Person
from relance.crm.readdressing import replace_address
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page

_LONGEST = 320


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, person_id: int, address_id: int) -> HttpResponse:
    """The question, with the new address (?to=) and the answer that loses nothing; and the act."""
    user = user_of(request)
    found = access.people_for(user).filter(converted_at=None)
    person = get_object_or_404(found, pk=person_id)
    link = get_object_or_404(person.address_links.select_related("address"), address=address_id)
    sent = request.POST if request.method == "POST" else request.GET
    new, error = sent.get("to", "").strip()[:_LONGEST], ""
    if request.method == "POST":
        keep = request.POST.get("keep") == "1"
        try:
            entry = replace_address(user, person, address_id, new, keep_old=keep)
        except NotAnAddress:
            error = _("This is no e-mail address. It looks like name@company.com.")
        else:
            return _done(request, person, entry.pk)
    context = {"person": person, "old": link.address, "new": new, "error": error}
    if is_fragment(request):
        return fragment(request, "personal_data/_replace.html", context)
    return page(request, "personal_data/replace.html", context)


def _done(request: HttpRequest, person: Person, entry: int) -> HttpResponse:
    text = _("%(name)s was saved") % {"name": person.name}
    if is_fragment(request):
        saved: dict[str, Any] = {"record-saved": {"kind": "person", "id": person.pk}}
        return toasts.attach(HttpResponse(status=204), text, undo=entry, **saved)
    toasts.leave(request, text, undo=entry)
    return redirect(person)
