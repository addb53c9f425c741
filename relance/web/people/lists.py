"""What a list of people shows beside each name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from relance.crm import access
from relance.crm.models import Person, Stage
from relance.lib.money import Money
from relance.users.models import User
from relance.web.components.lists import Listing, Sort
from relance.web.components.naming import primary_address

CONTACT_SORTS = {
    "name": Sort(_("Name"), ("last_name", "first_name")),
    "title": Sort(_("Title"), ("title",)),
    "company": Sort(_("Account"), ("company__name",)),
    "owner": Sort(_("Owner"), ("owner__first_name", "owner__last_name")),
    "changed": Sort(_("Changed"), ("updated_at",), is_number=True, newest_first=True),
}
LEAD_SORTS = {
    "name": Sort(_("Name"), ("last_name", "first_name")),
    "company": Sort(_("Company"), ("company_name",)),
    "source": Sort(_("Source"), ("source",)),
    "status": Sort(_("Status"), ("status",)),
    "owner": Sort(_("Owner"), ("owner__first_name", "owner__last_name")),
    "changed": Sort(_("Changed"), ("updated_at",), is_number=True, newest_first=True),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the person, her primary address, what her open deals amount to."""

    person: Person
    address: str
    open_amounts: list[Money]


def rows(viewer: User, listing: Listing[Person]) -> list[Row]:
    """The lines of this page, with one query for all their deals."""
    people = listing.rows
    amounts = open_amounts(viewer, [p.pk for p in people])
    return [Row(p, primary_address(p), amounts.get(p.pk, [])) for p in people]


def open_amounts(viewer: User, people: Collection[int]) -> dict[int, list[Money]]:
    """What the open deals of each person amount to, by currency, largest first."""
    sums = (
        access.deals_for(viewer)
        .filter(contacts__person__in=people, stage__kind=Stage.Kind.OPEN, amount__isnull=False)
        .order_by()
        .values_list("contacts__person", "currency")
        .annotate(total=Sum("amount"))
    )
    found: dict[int, list[Money]] = defaultdict(list)
    for person, currency, total in sums:
        found[person].append(Money(total, currency))
    return {person: sorted(amounts, reverse=True) for person, amounts in found.items()}
