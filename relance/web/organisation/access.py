"""Pages for administrators alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from relance.web.requests import user_of


def admins_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers 403 to everybody else: that the page exists is no secret."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not user_of(request).is_admin:
            raise PermissionDenied
        return view(request, **kwargs)

    return guarded
