"""How a button that did something to an activity answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from relance.crm.models import Call, Meeting, Task
from relance.web.requests import is_fragment
from relance.web.shell import toasts


def acted(
    request: HttpRequest,
    record: Task | Call | Meeting,
    text: str,
    *,
    undo: int | None,
    back: str = "",
) -> HttpResponse:
    """A toast with a way back. What is shown of the record refreshes on `record-saved`; without
    JavaScript it leads to `next` of the form, or to the list named by `back`."""
    if is_fragment(request):
        events = {"record-saved": {"kind": record._meta.model_name, "id": record.pk}}
        return toasts.attach(HttpResponse(status=204), text, undo=undo, **events)
    toasts.leave(request, text, undo=undo)
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/"):
        return redirect(asked)
    return redirect(reverse(back) if back else record.get_absolute_url())
