"""What the panel remembers of how it was left."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from relance.web.panel import state


@require_POST
def remember(request: HttpRequest) -> HttpResponse:
    """Is the panel open (closed=0) or not (closed=1)?"""
    state.set_closed(request, closed=request.POST.get("closed") == "1")
    return HttpResponse(status=204)
