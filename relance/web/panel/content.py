"""What the panel beside a conversation shows, worded for its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.crm.models import Deal, Person
from relance.inbox import senders
from relance.inbox.context import Chosen, SenderContext, context_of
from relance.inbox.conversation import Conversation
from relance.inbox.models import AddressOverride
from relance.web.components import address_lines
from relance.web.panel import state, talks, timeline
from relance.web.panel.strip import Strip, strip_of
from relance.web.records import fields_in_place
from relance.web.requests import user_of
from relance.web.shell import wording

_LABELS = {
    state.INFO: gettext_lazy("Info"),
    state.CONVERSATIONS: gettext_lazy("Conversations"),
    state.TIMELINE: gettext_lazy("Timeline"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several to choose from: a tab, a participant, a record. `url` is its fragment's,
    `page_url` that of the page that shows it."""

    key: str
    label: str
    url: str
    page_url: str
    is_chosen: bool
    detail: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal in the panel: its stage as steps reached."""

    deal: Deal
    amount: str
    steps: list[bool]


@dataclass(slots=True)
class Panel:
    """The frame of the panel: its tabs, whom and which record one may choose."""

    url: str  # of the panel as it is shown now
    tab: str
    tabs: Sequence[Choice]
    is_closed: bool
    is_awaited: bool = False  # what the tab shows is asked for once the page is there
    parties: Sequence[Choice] = field(default_factory=tuple)
    records: Sequence[Choice] = field(default_factory=tuple)
    strip: Strip | None = None


def panel_of(request: HttpRequest, found: Conversation, *, is_page: bool = False) -> dict[str, Any]:
    """What the panel's template needs, as the viewer may know it. With a page, a tab that was
    chosen before and has to read mails is asked for afterwards."""
    viewer = user_of(request)
    thread_id = found.thread.pk
    chosen = Chosen(state.number(request, "with"), state.person(request, thread_id))
    who = context_of(viewer, found, chosen)
    panel = _frame(request, thread_id, who, chosen)
    made: dict[str, Any] = {"who": who, "who_name": name_of(who), "panel": panel}
    if who.address is None:
        return made
    made |= {"of_address": f"?address={who.address.pk}"}
    if is_page and panel.tab != state.INFO and "tab" not in request.GET:
        panel.is_awaited = True
        return made
    if panel.tab == state.CONVERSATIONS:
        return made | {"talks": talks.talks(request, who, panel.url)}
    if panel.tab == state.TIMELINE:
        return made | {"timeline": timeline.timeline(request, who, panel.url)}
    return made | _info(request, found, who, is_page=is_page)


def _info(
    request: HttpRequest, found: Conversation, who: SenderContext, *, is_page: bool
) -> dict[str, Any]:
    assert who.address is not None
    viewer = user_of(request)
    if who.person:
        latest = found.last_received
        made = _of_person(who.person, who) | {"mail": latest.message.pk if latest else None}
        if is_page:  # her fields can be edited once the page is there
            return made | {"addresses": address_lines.address_lines(viewer, who.person)}
        return made | {"card": fields_in_place.card(viewer, "person", who.person)}
    if who.is_colleague:
        rows = AddressOverride.objects.filter(user=viewer, address=who.address)
        return {"is_override": rows.exists(), "away": _away(who)}
    if who.locked_by:
        return {}
    return {"prefill": senders.read_of_sender(found, who)}


def name_of(who: SenderContext) -> str:
    if who.person:
        return who.person.name
    if who.colleague:
        return who.colleague.name
    return who.name or (who.address.address if who.address else "")


def _frame(request: HttpRequest, thread_id: int, who: SenderContext, chosen: Chosen) -> Panel:
    fragment_url = reverse("conversation:panel", args=[thread_id])
    page_url = reverse("conversation:show", args=[thread_id])
    here = who.address.pk if who.address and chosen.address == who.address.pk else None
    tab = state.tab(request)

    def choice(key: str, label: str, query: dict[str, Any], **more: Any) -> Choice:
        text = urlencode({k: v for k, v in query.items() if v})
        return Choice(key, label, f"{fragment_url}?{text}", f"{page_url}?{text}", **more)

    return Panel(
        url=f"{fragment_url}?{urlencode({'with': here})}" if here else fragment_url,
        tab=tab,
        tabs=[
            choice(key, str(label), {"tab": key, "with": here}, is_chosen=key == tab)
            for key, label in _LABELS.items()
        ],
        is_closed=state.is_closed(request),
        parties=[
            choice(
                party.address.address,
                party.name or party.address.address,
                {"with": party.address.pk},
                is_chosen=party.address == who.address,
                detail=party.address.address if party.name else "",
            )
            for party in (who.parties if len(who.parties) > 1 else ())
        ],
        records=[
            choice(
                str(person.pk),
                person.name,
                {"with": here, "person": person.pk},
                is_chosen=person == who.person,
                detail=" · ".join(p for p in (kind_words(person), person.organisation_name) if p),
                icon="lead" if person.kind == Person.Kind.LEAD else "user",
            )
            for person in _in_order(who)
        ],
        strip=strip_of(who, name_of(who), fragment_url),
    )


def _in_order(who: SenderContext) -> list[Person]:
    """All records of the address, in an order that does not change with the choice."""
    if who.person is None or not who.other_people:
        return []
    return sorted([who.person, *who.other_people], key=lambda person: (person.kind, person.pk))


def kind_words(person: Person) -> str:
    return str(person.get_kind_display())


def _of_person(person: Person, who: SenderContext) -> dict[str, Any]:
    return {
        "open_deals": [_line(deal, who) for deal in who.open_deals],
        "closed_deals": [_line(deal, who) for deal in who.closed_deals],
        "local_time": local_time(person),
    }


def _line(deal: Deal, who: SenderContext) -> DealLine:
    reached, count = who.steps.get(deal.pk, (0, 0))
    done = [number < reached for number in range(count)]
    return DealLine(deal, wording.money(deal.amount, deal.currency), done)


def local_time(person: Person, now: datetime | None = None) -> str:
    """ "Lyon, 10:42" where the person is; "" when her time zone is not known."""
    try:
        zone = ZoneInfo(person.time_zone) if person.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    if zone is None:
        return ""
    at = (now or timezone.now()).astimezone(zone)
    place = person.city or person.time_zone.rpartition("/")[2].replace("_", " ")
    return f"{place}, {at:%H:%M}"


def _away(who: SenderContext) -> str:
    """ "Away until 3 Dec" of an absent colleague; "" while she is there."""
    if who.absence is None:
        return ""
    last = wording.Calendar.current().day(who.absence.ends_on)
    return _("Away until %(day)s") % {"day": last}
