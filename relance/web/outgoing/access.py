"""Mails on their way for whoever may see them; to others they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from relance.inbox import outgoing
from relance.mail.models import Outgoing
from relance.web.requests import user_of


def readable_or_404(request: HttpRequest, outgoing_id: int) -> Outgoing:
    """A mail the user may read: her own, or one sent from a mailbox she may see."""
    try:
        return outgoing.readable(user_of(request)).get(pk=outgoing_id)
    except Outgoing.DoesNotExist:
        raise Http404 from None


def own_or_404(request: HttpRequest, outgoing_id: int) -> Outgoing:
    """A mail the user wrote: she alone may change it."""
    try:
        return outgoing.own(user_of(request), outgoing_id)
    except Outgoing.DoesNotExist:
        raise Http404 from None
