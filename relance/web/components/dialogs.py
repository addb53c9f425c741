"""A form over a page of the settings, or as a page by itself without the script."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from relance.web.requests import is_fragment
from relance.web.shell.pages import fragment


def form_dialog(
    request: HttpRequest, template: str, form: Any, *, back: str, **context: Any
) -> HttpResponse:
    """`template` extends `layout`; `back` is the URL name of the page it lies over."""
    layout = "dialog" if is_fragment(request) else "page"
    shown = {
        "layout": f"components/form_{layout}.html",
        "action": request.path,
        "back": reverse(back),
        "form": form,
        **context,
    }
    return fragment(request, template, shown, status=422 if form.errors else 200)


def form_done(request: HttpRequest, back: str) -> HttpResponse:
    """To that page, out of a dialog too."""
    if not is_fragment(request):
        return redirect(back)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse(back)
    return response
