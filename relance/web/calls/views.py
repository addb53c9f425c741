"""Calls: listed, planned, logged; and the calls and events of a record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, activities, calls
from relance.crm.models import Call
from relance.web.calls.forms import CallForm
from relance.web.components.about import asked, start_asked
from relance.web.components.acting import acted
from relance.web.components.activities import duration
from relance.web.components.saving import saved
from relance.web.records.listing import page
from relance.web.requests import is_fragment, posted, user_of


@require_safe
def list_calls(request: HttpRequest) -> HttpResponse:
    """Every call one may read, the latest first."""
    return page(request, "calls")


@require_safe
def show(request: HttpRequest, call_id: int) -> HttpResponse:
    """One call."""
    found = access.calls_for(user_of(request)).select_related(
        "owner", "person", "company", "deal", "case", "created_by"
    )
    call = get_object_or_404(found, pk=call_id)
    lasted = duration(call.seconds) if call.seconds else ""
    return render(request, "calls/show.html", {"call": call, "lasted": lasted})


def create(request: HttpRequest) -> HttpResponse:
    """A new call about what the address names; a dialog as a fragment."""
    user = user_of(request)
    form = CallForm(
        posted(request), viewer=user, asked=asked(request), starts_at=start_asked(request)
    )
    if request.method == "POST" and form.is_valid():
        call = calls.create(user, form.filled())
        return saved(request, call, _("Call added: %(name)s") % {"name": call.name})
    return _form(request, form)


def edit(request: HttpRequest, call_id: int) -> HttpResponse:
    """Change a call."""
    user = user_of(request)
    call = get_object_or_404(access.calls_for(user).select_related("person", "owner"), pk=call_id)
    form = CallForm(posted(request), viewer=user, instance=call)
    if request.method == "POST" and form.is_valid():
        calls.edit(form.filled())
        return saved(request, call, _("%(name)s was saved") % {"name": call.name})
    return _form(request, form)


@require_POST
def set_status(request: HttpRequest, call_id: int, status: str) -> HttpResponse:
    """It was made, or not; with a way back."""
    user = user_of(request)
    call = get_object_or_404(access.calls_for(user), pk=call_id)
    entry = activities.set_status(user, call, Call.Status(status.replace("-", "_")))
    words = f"{call.name}: {call.get_status_display()}"
    return acted(request, call, words, undo=entry.pk)


@require_POST
def delete(request: HttpRequest, call_id: int) -> HttpResponse:
    """Delete, with a way back."""
    user = user_of(request)
    call = get_object_or_404(access.calls_for(user), pk=call_id)
    entry = activities.delete(user, call)
    words = _("%(name)s was deleted") % {"name": call.name}
    return acted(request, call, words, undo=entry.pk, back="calls:list")


def _form(request: HttpRequest, form: CallForm) -> HttpResponse:
    call: Call = form.instance
    template = "calls/_dialog.html" if is_fragment(request) else "calls/form.html"
    return render(request, template, {"form": form, "call": call, "action": request.path})
