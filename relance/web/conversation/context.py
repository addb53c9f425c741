"""The panel beside a conversation: who writes, and what one sells to her."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from relance.crm.models import Deal, Stage
from relance.inbox import senders
from relance.inbox.conversation import Conversation, SenderContext, context_of
from relance.inbox.models import AddressOverride
from relance.web.requests import user_of
from relance.web.shell import wording


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal in the panel: its stage as steps reached."""

    deal: Deal
    amount: str
    steps: list[bool]


def panel_of(request: HttpRequest, found: Conversation) -> dict[str, Any]:
    """What the panel's template needs, as the viewer may know it."""
    viewer = user_of(request)
    who = context_of(viewer, found)
    made: dict[str, Any] = {"who": who, "who_name": _name(who)}
    if who.person:
        latest = found.last_received
        made |= _of_person(who) | {"mail": latest.message.pk if latest else None}
    elif who.address and not who.is_known:
        made["prefill"] = senders.read_of_sender(found, who)
    if who.is_colleague and who.address:
        made["is_override"] = AddressOverride.objects.filter(
            user=viewer, address=who.address
        ).exists()
    return made


def _name(who: SenderContext) -> str:
    if who.person:
        return who.person.name
    if who.colleague:
        return who.colleague.name
    return who.name or (who.address.address if who.address else "")


def _of_person(who: SenderContext) -> dict[str, Any]:
    assert who.person is not None
    steps = list(Stage.objects.filter(kind=Stage.Kind.OPEN).values_list("pk", flat=True))
    open_lines = [_line(deal, steps) for deal in who.open_deals]
    closed_lines = [_line(deal, steps) for deal in who.closed_deals]
    return {
        "open_deals": open_lines,
        "closed_deals": closed_lines,
        "emails": list(who.person.address_links.values_list("address__address", flat=True)),
    }


def _line(deal: Deal, steps: list[int]) -> DealLine:
    reached = steps.index(deal.stage_id) + 1 if deal.stage_id in steps else len(steps)
    done = [number < reached for number in range(len(steps))]
    return DealLine(deal, wording.money(deal.amount, deal.currency), done)
