"""How a form that saved a record answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from relance.crm.models import Call, Case, Company, Deal, Meeting, Person, Task
from relance.web.requests import is_fragment
from relance.web.shell import toasts

Saved = Person | Company | Deal | Case | Task | Call | Meeting


def saved(request: HttpRequest, record: Saved, text: str) -> HttpResponse:
    """To the record's page; a dialog's answer is empty and fires `record-saved` in the page."""
    if is_fragment(request):
        events: dict[str, Any] = {
            "record-saved": {"kind": record._meta.model_name, "id": record.pk}
        }
        return toasts.attach(HttpResponse(status=204), text, **events)
    toasts.leave(request, text)
    return redirect(record)
