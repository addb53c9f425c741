"""The calendar for other programs: its secret address, shown once, and what they read there."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from relance.crm import calendar_feeds
from relance.crm.models import CalendarFeed, Call, Meeting, Task
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import uncached


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Whether there is an address, and how to make one."""
    return _page(request)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the address and show it, this once; the one before works no more."""
    token = calendar_feeds.open_for(user_of(request))
    return _page(request, request.build_absolute_uri(reverse("meetings:ics", args=[token])))


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """No program reads the calendar any more."""
    calendar_feeds.close_for(user_of(request))
    text = _("Nobody reads your calendar from elsewhere any more")
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text)
    toasts.leave(request, text)
    return redirect("meetings:week")


@login_not_required
@require_safe
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar that this secret opens."""
    reader = calendar_feeds.reader_of(token)
    if reader is None:
        raise Http404

    def address(record: Meeting | Call | Task) -> str:
        return request.build_absolute_uri(record.get_absolute_url())

    with override(reader.language):
        text = calendar_feeds.text_of(reader, address=address)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="relance.ics"'
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return uncached(response)


def _page(request: HttpRequest, address: str = "") -> HttpResponse:
    feed = CalendarFeed.objects.filter(user=user_of(request)).first()
    template = "meetings/_feed_dialog.html" if is_fragment(request) else "meetings/feed.html"
    return uncached(render(request, template, {"feed": feed, "address": address}))
