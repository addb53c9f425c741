"""The panel in one line, for a phone: who, how much is open, what comes next (MOB-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm import activities
from relance.crm.activities import Next
from relance.crm.models import Deal, Person
from relance.inbox.context import SenderContext
from relance.users.models import User
from relance.web.components.activities import day_words
from relance.web.shell import wording


@dataclass(frozen=True, slots=True)
class Strip:
    """`count` says how many deals are open, `amounts` what they come to, each currency alone;
    `next_url` is asked for what comes next ("" when there is nobody to ask about)."""

    title: str
    count: str
    amounts: str
    other: str
    next_url: str


def strip_of(who: SenderContext, name: str, panel_url: str) -> Strip:
    if who.person is None:
        other = who.address.address if who.address and name != who.address.address else ""
        return Strip(name, "", "", other or _("Not in the CRM"), "")
    organisation = who.person.organisation_name
    count = len(who.open_deals)
    words = ngettext("%(n)s deal", "%(n)s deals", count) % {"n": wording.number(count)}
    return Strip(
        f"{name}, {organisation}" if organisation else name,
        words if count else _("No open deal"),
        totals(who.open_deals),
        "",
        f"{panel_url}next/?person={who.person.pk}",
    )


def totals(deals: Iterable[Deal]) -> str:
    """ "60 500 €", "60 500 € + $9,000": no currency is added to another (D5)."""
    sums: dict[str, Decimal] = {}
    for deal in deals:
        if deal.amount is not None:
            sums[deal.currency] = sums.get(deal.currency, Decimal()) + deal.amount
    return " + ".join(wording.money(amount, currency) for currency, amount in sums.items())


def next_words(viewer: User, person: Person) -> str:
    """ "task tomorrow", "call 14:00", "task late"; "" when nothing is planned."""
    found = activities.next_for(viewer, person)
    if found is None:
        return ""
    kinds = {"task": _("task"), "call": _("call"), "meeting": _("event")}
    parts = [kinds[found.kind], _("late") if found.is_late else _when(found, viewer)]
    return " ".join(part for part in parts if part)


def _when(found: Next, viewer: User) -> str:
    words = day_words(found.on) if found.on else ""
    if found.at and words == _("today"):
        return f"{found.at.astimezone(viewer.zone):%H:%M}"
    return words
