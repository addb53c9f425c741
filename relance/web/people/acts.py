"""What one does to a person with one button; each act can be undone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.crm import access, merging, people
from relance.crm.models import Person
from relance.web.requests import user_of
from relance.web.shell import toasts


@require_POST
def delete(request: HttpRequest, person_id: int) -> HttpResponse:
    """Delete, and go to the list with a way back."""
    user = user_of(request)
    person = get_object_or_404(access.people_for(user), pk=person_id)
    entry = people.delete(user, person)
    toasts.leave(request, _("%(name)s was deleted") % {"name": person.name}, undo=entry.pk)
    return redirect(f"{reverse('people:list')}?kind={person.kind}")


@require_POST
def change_kind(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make a contact of a lead, or a lead of a contact."""
    user = user_of(request)
    found = access.people_for(user).filter(converted_at=None)
    person = get_object_or_404(found, pk=person_id)
    if (kind := request.POST.get("kind", "")) in Person.Kind.values:
        people.convert(user, person, kind)
        text = _("%(name)s is a contact now") if kind == "contact" else _("%(name)s is a lead now")
        toasts.leave(request, text % {"name": person.name})
    return redirect(person)


@require_POST
def merge(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make one record of this person and the one named by `drop`."""
    user = user_of(request)
    readable = access.people_for(user).filter(converted_at=None)
    keep = get_object_or_404(readable, pk=person_id)
    others = readable.exclude(pk=keep.pk)
    given = request.POST.get("drop", "")
    drop = get_object_or_404(others, pk=int(given) if given.isdecimal() else 0)
    entry = merging.merge(user, keep, drop)
    toasts.leave(request, _("%(name)s was merged here") % {"name": drop.name}, undo=entry.pk)
    return redirect(keep)
