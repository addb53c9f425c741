"""Undo of what was just done, and the light or dark theme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance import journal
from relance.users.models import User
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment
from relance.web.shell.shortcuts import GROUPS


@require_POST
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take back one of the user's own acts, and say whether that worked."""
    words = {
        "gone": _("There is nothing to undo."),
        "already": _("This was undone before."),
        "too_old": _("This is too long ago to be undone."),
    }
    try:
        journal.undo(entry_id, user_of(request))
        text = _("Undone")
    except journal.CannotUndo as refusal:
        text = words[refusal.code]
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text, undone=True)
    toasts.leave(request, text)
    return redirect(back_to(request))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme the user chose: "light", "dark" or "" (as the system)."""
    chosen = request.POST.get("theme", "")
    user = user_of(request)
    if chosen in User.Theme.values:
        user.theme = chosen
        user.save(update_fields=["theme"])
    return HttpResponse(status=204) if is_fragment(request) else redirect(back_to(request))


def back_to(request: HttpRequest) -> str:
    """The page the form was on, when it is one of ours; else the inbox."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    return referer if ours else "/"


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The list of keys, and the switch that turns the single ones off."""
    template = "shell/_shortcuts.html" if is_fragment(request) else "shell/shortcuts.html"
    return fragment(request, template, {"groups": GROUPS, "layout": "shell/base.html"})


@require_POST
def single_keys(request: HttpRequest) -> HttpResponse:
    """Single keys on or off: who dictates to her computer wants them off (WCAG 2.1.4)."""
    user = user_of(request)
    user.single_key_shortcuts = request.POST.get("single_keys") == "on"
    user.save(update_fields=["single_key_shortcuts"])
    return HttpResponse(status=204) if is_fragment(request) else redirect(back_to(request))
