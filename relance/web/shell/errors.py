"""Pages for what went wrong: not found, refused, broken, and a stale form.

Root urls name them as handlers. Each also answers as a fragment, since a fragment's error must not
put a whole page inside another.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django's)
    """404, the same for what does not exist and what is not yours."""
    return _answer(
        request,
        404,
        title=_("Nothing here"),
        text=_("This page does not exist, or it is not yours to see."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403: you are known, and may not."""
    return _answer(
        request,
        403,
        title=_("Not allowed"),
        text=_("Your role does not allow this. Ask an administrator."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's)
    """403: the form is older than the session, or came from elsewhere."""
    return _answer(
        request,
        403,
        title=_("This form has expired"),
        text=_("Reload the page and try again. Nothing was changed."),
    )


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's)
    """500, without asking the database or the session anything."""
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def _answer(request: HttpRequest, status: int, *, title: str, text: str) -> HttpResponse:
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "shell/_error.html" if is_fragment else "shell/error.html"
    return render(request, template, {"title": title, "text": text}, status=status)
