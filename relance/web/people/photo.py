"""The photo of a person: shown, chosen, taken away."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.crm import access, portraits
from relance.crm.models import Person
from relance.files import blobs
from relance.web.components.saving import saved
from relance.web.requests import is_fragment, user_of
from relance.writing import photos

_POLICY = "default-src 'none'; sandbox"


@require_safe
def picture(request: HttpRequest, person_id: int) -> HttpResponse:
    """The picture itself; its address changes with it, so that browsers may keep it."""
    person = _person(request, person_id)
    try:
        data = blobs.get(person.photo_id) if person.photo_id else b""
    except FileNotFoundError:
        data = b""
    if not data:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=86400"
    return response


def edit(request: HttpRequest, person_id: int) -> HttpResponse:
    """Choose another photo, or take it away; a dialog, or a page."""
    person = _person(request, person_id)
    if person.is_converted:
        return redirect(person)
    problem = ""
    if request.method == "POST":
        problem = _keep(request, person)
        if not problem:
            return saved(request, person, _("%(name)s was saved") % {"name": person.name})
    template = "people/_photo.html" if is_fragment(request) else "people/photo.html"
    return render(request, template, {"person": person, "problem": problem})


def _keep(request: HttpRequest, person: Person) -> str:
    """What went wrong, in words; "" when nothing did."""
    user = user_of(request)
    if request.POST.get("remove") == "1":
        portraits.remove(user, person)
        return ""
    file = request.FILES.get("photo")
    if file is None:
        return _("Choose a picture first.")
    try:
        if (file.size or 0) > photos.MAX_BYTES:
            raise photos.TooLarge
        portraits.keep(user, person, file.read())
    except photos.TooLarge:
        return _("This picture is too large. Choose one of less than 8 MB.")
    except photos.NotAPhoto:
        return _("This is no picture we can read. Choose a JPEG, PNG, GIF or WebP file.")
    return ""


def _person(request: HttpRequest, person_id: int) -> Person:
    return get_object_or_404(access.people_for(user_of(request)), pk=person_id)
