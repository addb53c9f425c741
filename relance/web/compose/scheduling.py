"""Sending later: presets, a date with its zone, and what both clocks will show."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.inbox import writing
from relance.inbox.writing import Left
from relance.lib import clock
from relance.web.compose import times
from relance.web.compose.sending import Act, attempt, refuse
from relance.web.requests import user_of
from relance.web.shell.pages import uncached

UNDO_SECONDS = 12  # its toast stays so long; it can be cancelled until its hour


@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """All time zones as <option>s."""
    chosen = user_of(request).time_zone
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((z.name, " selected" if z.name == chosen else "", z.label) for z in times.all_zones()),
    )
    return uncached(HttpResponse(options))


@require_safe
def when(request: HttpRequest) -> HttpResponse:
    """What ?date=, ?time= and ?zone= mean, on both clocks; or why they cannot be."""
    user = user_of(request)
    get = request.GET.get
    try:
        at, zone = times.chosen(user, "", get("date", ""), get("time", ""), get("zone", ""))
    except times.BadTime as bad:
        return uncached(JsonResponse({"words": "", "error": str(bad)}))
    error = "" if at > clock.now() else _too_soon()
    words = "" if error else times.both(at, zone, user)
    return uncached(JsonResponse({"words": words, "error": error}))


def _too_soon() -> str:
    return _("This hour is past. Choose a later one.")


@require_POST
def schedule(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Have the draft leave at the hour chosen."""
    user = user_of(request)

    def field(name: str) -> str:
        return request.POST.get(name) or request.GET.get(name, "")

    try:
        at, zone = times.chosen(user, field("preset"), field("date"), field("time"), field("zone"))
    except times.BadTime as bad:
        return refuse(request, draft_id, [str(bad)])

    def leave(version: int, confirmed: set[str]) -> Left:
        return writing.schedule(user, draft_id, at, zone, version=version, confirmed=confirmed)

    def done(_left: Left) -> str:
        return _("Scheduled: %(when)s") % {"when": times.both(at, zone, user)}

    local = at.astimezone(ZoneInfo(zone))
    query = {"date": local.date().isoformat(), "time": f"{local:%H:%M}", "zone": zone}
    url = f"{reverse('compose:schedule', args=[draft_id])}?{urlencode(query)}"
    act = Act(leave, done, url, _("Schedule anyway"), UNDO_SECONDS)
    return attempt(request, draft_id, act)
