"""The board of deals, the rest of a long lane, and where a card may go without being dragged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from relance.crm import access, modules
from relance.crm.models import Stage
from relance.users.models import Team, User
from relance.web.pipeline.board import board, rest
from relance.web.records import finding
from relance.web.records.pills import pills
from relance.web.records.state import State, state_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell.pages import fragment


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The deals that the list would show, by stage."""
    user, state = user_of(request), _state(request)
    context: dict[str, Any] = {
        "state": state,
        "board": board(finding.found(user, state)),
        "today": timezone.localdate(),
        "query": request.GET.urlencode(),
    }
    if is_fragment(request):
        return fragment(request, "pipeline/_board.html", context)
    context |= {
        "pills": pills(state),
        "whose": _whose(user, state),
        "list_url": state.url(modules.get("deals").address),
        "criteria_url": f"{state.criteria_url}{'&' if '?' in state.criteria_url else '?'}board=1",
        "create_url": state.module.create_address,
    }
    return fragment(request, "pipeline/page.html", context)


@require_safe
def more(request: HttpRequest, stage_id: int) -> HttpResponse:
    """The cards of a lane beyond the first ones."""
    stage = get_object_or_404(Stage, pk=stage_id)
    cards = rest(finding.found(user_of(request), _state(request)), stage)
    context = {"cards": cards, "stage": stage, "today": timezone.localdate()}
    return fragment(request, "pipeline/_cards.html", context)


@require_safe
def choose(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The stages a deal may be moved to, to choose from."""
    found = access.deals_for(user_of(request)).select_related("stage")
    deal = get_object_or_404(found, pk=deal_id)
    template = "pipeline/_move.html" if is_fragment(request) else "pipeline/move.html"
    return fragment(request, template, {"deal": deal, "stages": Stage.objects.all()})


def _state(request: HttpRequest) -> State:
    """How the list is asked, leading to the board wherever it leads to itself."""
    state = state_of(user_of(request), modules.get("deals"), request.GET)
    return replace(state, module=replace(state.module, url="pipeline:board"))


def _whose(viewer: User, state: State) -> list[tuple[str, str]]:
    """Whose deals there are to choose from: (the parameter's value, the address)."""
    is_in_team = Team.objects.filter(members=viewer, members__is_active=True).exists()
    names = ("me", "team", "") if is_in_team else ("me", "")
    return [(name, state.url(owner=name)) for name in names]
