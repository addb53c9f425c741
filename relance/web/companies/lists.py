"""What a list of accounts shows, and the figures of one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from relance.crm import access
from relance.crm.models import Company, Stage
from relance.lib import clock
from relance.lib.money import Money
from relance.users.models import User
from relance.web.components.lists import Listing, Sort

SORTS = {
    "name": Sort(_("Name"), ("name",)),
    "city": Sort(_("City"), ("city",)),
    "owner": Sort(_("Owner"), ("owner__first_name", "owner__last_name")),
    "changed": Sort(_("Changed"), ("updated_at",), is_number=True, newest_first=True),
}
RECENTLY = timedelta(days=365)


_Sum = tuple[int, str, str, int, Decimal | None]  # company, kind, currency, count, total


@dataclass(slots=True)
class Figures:
    """Of one account: its people, its open deals, what was won in the last twelve months."""

    people: int = 0
    open_count: int = 0
    open_amounts: list[Money] = field(default_factory=list)
    won_count: int = 0
    won_amounts: list[Money] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    company: Company
    figures: Figures


def rows(viewer: User, listing: Listing[Company]) -> list[Row]:
    """The lines of this page, with two queries for all their figures."""
    companies = listing.rows
    known = figures(viewer, [c.pk for c in companies])
    return [Row(c, known[c.pk]) for c in companies]


def figures(viewer: User, companies: Collection[int]) -> dict[int, Figures]:
    """The figures of each of these accounts."""
    found: dict[int, Figures] = defaultdict(Figures)
    people = access.people_for(viewer).filter(company__in=companies).order_by()
    for company, n in people.values_list("company").annotate(n=Count("pk")):
        found[company].people = n
    for company, kind, currency, n, total in _sums(viewer, companies):
        one = found[company]
        if kind == Stage.Kind.OPEN:
            one.open_count += n
        else:
            one.won_count += n
        if total is not None:
            amounts = one.open_amounts if kind == Stage.Kind.OPEN else one.won_amounts
            amounts.append(Money(total, currency))
    for one in found.values():
        one.open_amounts.sort(reverse=True)
        one.won_amounts.sort(reverse=True)
    return found


def _sums(viewer: User, companies: Collection[int]) -> list[_Sum]:
    recently = Q(stage__kind=Stage.Kind.WON, closed_at__gte=clock.now() - RECENTLY)
    deals = access.deals_for(viewer).filter(
        Q(stage__kind=Stage.Kind.OPEN) | recently, company__in=companies
    )
    return list(
        deals.order_by()
        .values_list("company", "stage__kind", "currency")
        .annotate(n=Count("pk"), total=Sum("amount"))
    )
