"""Letting mail go to an address again that bounced, for a reason that is kept (BNC-05)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.mail import bounces
from relance.web.components import delivery
from relance.web.outgoing.answers import acted
from relance.web.requests import is_fragment, user_of
from relance.web.shell.wording import moment


@require_http_methods(["GET", "HEAD", "POST"])
def unblock(request: HttpRequest, address_id: int) -> HttpResponse:
    """Say what came back from there, ask why it should work now, and free it."""
    user = user_of(request)
    address = get_object_or_404(EmailAddress, pk=address_id)
    if not suppression.may_lift(user, address):
        raise Http404
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST" and reason:
        entry = bounces.unblock(user, address, reason=reason)
        words = _("Mail may go to %(address)s again") % {"address": address.address}
        return acted(request, words, undo=entry.pk)
    report = bounces.latest_of(address)
    context = {
        "address": address,
        "why": delivery.bounced(report) if report else "",
        "report": report,
        "at": moment(report.at) if report else "",
        "is_missing": request.method == "POST",
    }
    template = "outgoing/_unblock.html" if is_fragment(request) else "outgoing/unblock.html"
    return render(request, template, context)
