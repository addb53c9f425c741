"""Drafts of whoever asks; to everybody else they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from relance.mail import drafts
from relance.mail.models import Outgoing
from relance.web.requests import user_of


def draft_or_404(request: HttpRequest, draft_id: int) -> Outgoing:
    """That draft, if it is the user's and still one."""
    found = (
        drafts.mine(user_of(request))
        .filter(pk=draft_id)
        .select_related("account", "identity", "organisation_address", "source", "author")
    )
    draft = found.first()
    if draft is None:
        raise Http404
    return draft


def own_or_404(request: HttpRequest, outgoing_id: int) -> Outgoing:
    """That mail of the user's, whatever became of it."""
    found = Outgoing.objects.filter(pk=outgoing_id, author=user_of(request)).first()
    if found is None:
        raise Http404
    return found


def wants_json(request: HttpRequest) -> bool:
    """Does the composer's script ask?"""
    return "application/json" in request.headers.get("Accept", "")
