"""The notices of the user who is logged in, as a page and as a drawer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from relance import notices
from relance.mail.models import Outgoing
from relance.notices.models import Notice
from relance.web.notices.wording import words
from relance.web.requests import is_fragment, user_of

_SHOWN = 100


@require_safe
def list_notices(request: HttpRequest) -> HttpResponse:
    """The latest notices, newest first."""
    return _page(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all of them read."""
    notices.mark_read(user_of(request).pk)
    return _page(request) if is_fragment(request) else redirect("notices:list")


@require_safe
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one read, and go where it leads."""
    user = user_of(request)
    notice = get_object_or_404(Notice, pk=notice_id, user=user)
    notices.mark_read(user.pk, notice.pk)
    if mail := _mail_of(notice):
        return redirect("outgoing:show", mail)
    is_ours = url_has_allowed_host_and_scheme(notice.url, {request.get_host()})
    return redirect(notice.url if notice.url and is_ours else "notices:list")


def _mail_of(notice: Notice) -> int | None:
    """The mail on its way that a notice is about, while there is one: there one can act."""
    key = notice.params.get("outgoing")
    if not notice.code.startswith("outgoing_") or not isinstance(key, int):
        return None
    mine = Outgoing.objects.filter(pk=key, author=notice.user_id)
    return mine.values_list("pk", flat=True).first()


def _page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    found = list(Notice.objects.filter(user=user).order_by("-created_at", "-pk")[:_SHOWN])
    context = {
        "rows": [(notice, words(notice)) for notice in found],
        "unread_count": sum(notice.read_at is None for notice in found),
    }
    template = "notices/_drawer.html" if is_fragment(request) else "notices/list.html"
    return render(request, template, context)
