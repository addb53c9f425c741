"""Answering with a page, or with its main part when the script asks for it to swap it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers

from relance.web.requests import is_fragment


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render `template`, which extends `layout`: the shell, or the bare main part.

    Both have one address, so a browser must not keep one for the other.
    """
    layout = "shell/fragment.html" if is_fragment(request) else "shell/base.html"
    response = render(request, template, {"layout": layout, **context}, status=status)
    return uncached(response)


def fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a piece of a page."""
    return uncached(render(request, template, dict(context), status=status))


def uncached(response: HttpResponse) -> HttpResponse:
    """Mail is for its reader: no cache keeps it."""
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
