"""How the forms of the library answer: a dialog over the list, or a page by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from relance.files.models import DocumentFolder
from relance.web.requests import is_fragment
from relance.web.shell import toasts


def list_url(folder: DocumentFolder | None) -> str:
    """The list, at that folder."""
    address = reverse("documents:list")
    return f"{address}?folder={folder.pk}" if folder else address


def done(request: HttpRequest, folder: DocumentFolder | None, text: str) -> HttpResponse:
    """Back to the list, which says what was done."""
    toasts.leave(request, text)
    if not is_fragment(request):
        return redirect(list_url(folder))
    response = HttpResponse(status=204)
    response["HX-Redirect"] = list_url(folder)
    return response


def form_page(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    """`context["body"]` names the form's template."""
    shown = {"here": request.path, **context}
    template = "documents/_dialog.html" if is_fragment(request) else "documents/form.html"
    return render(request, template, shown)
