"""How an act on a mail answers: to the list one came from, or to a script that reads it again."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from relance.web.requests import is_fragment
from relance.web.shell import toasts
from relance.web.shell.views import back_to

#: Pages of one mail: it may be gone after the act, so one does not go back there.
_OF_ONE = re.compile(r"/outgoing/(addresses/)?\d+/")


def acted(request: HttpRequest, text: str, *, undo: int | None = None) -> HttpResponse:
    """Say what was done. A script hears `outgoing-acted` and reads its lists again."""
    if is_fragment(request):
        response = HttpResponse(status=204)
        events: dict[str, Any] = {"outgoing-acted": {}}
        return toasts.attach(response, text, undo=undo, **events)
    toasts.leave(request, text, undo=undo)
    back = back_to(request)
    if _OF_ONE.match(urlsplit(back).path):
        back = reverse("outgoing:sent")
    return redirect(back)
