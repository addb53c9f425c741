"""What a deal's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from relance.crm import history
from relance.crm.models import Deal, Person, Stage
from relance.lib import clock
from relance.users.models import User
from relance.web.components.naming import primary_addresses
from relance.web.records import fields_in_place


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the deal's path: "done", "now" or "" before it is reached; `note` says since how
    long the deal is there."""

    stage: Stage
    state: str
    note: str = ""


def record_context(viewer: User, deal: Deal) -> dict[str, Any]:
    """The deal with its card and its people."""
    return {
        **head_context(deal),
        "entity": "deal",
        "card": fields_in_place.card(viewer, "deal", deal),
    }


def head_context(deal: Deal) -> dict[str, Any]:
    """What the head of the page shows: the deal, its people, its path."""
    people = Person.objects.select_related("company").prefetch_related(primary_addresses())
    contacts = deal.contacts.filter(person__deleted_at=None).prefetch_related(
        Prefetch("person", queryset=people)
    )
    stages = list(Stage.objects.all())
    return {
        "deal": deal,
        "record": deal,
        "contacts": contacts,
        "steps": _steps(deal, [s for s in stages if s.kind == Stage.Kind.OPEN]),
        "won": next((s for s in stages if s.kind == Stage.Kind.WON), None),
        "lost": next((s for s in stages if s.kind == Stage.Kind.LOST), None),
    }


def _steps(deal: Deal, stages: list[Stage]) -> list[Step]:
    if deal.stage.kind != Stage.Kind.OPEN:
        return []
    days = (clock.now() - history.in_stage_since(deal)).days
    note = _("%(days)s d") % {"days": days} if days else ""
    return [
        Step(stage, "now", note)
        if stage.pk == deal.stage_id
        else Step(stage, "done" if stage.position < deal.stage.position else "")
        for stage in stages
    ]
