"""Cancelling a mail asks what is to become of it: kept as a draft, or deleted (SCH-07)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.mail import outbox
from relance.mail.models import Outgoing
from relance.web.outgoing.access import own_or_404
from relance.web.outgoing.acts import too_late
from relance.web.outgoing.answers import acted
from relance.web.outgoing.lines import line
from relance.web.requests import is_fragment, user_of


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Ask; then keep it as a draft, or delete it. A draft is only deleted."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    if request.method != "POST":
        context = {"line": line(user, mail), "is_draft": mail.state == Outgoing.State.DRAFT}
        template = "outgoing/_cancel.html" if is_fragment(request) else "outgoing/cancel.html"
        return render(request, template, context)
    if request.POST.get("keep") == "draft":
        done, words = outbox.take_back(mail.pk, user), _("Kept as a draft; nothing was sent")
    else:
        done, words = outbox.discard(mail.pk, user), _("Deleted; nothing was sent")
    return acted(request, words if done else too_late(mail, user))
