"""The columns that lists of accounts work out themselves, and the figures of one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from relance.crm import access
from relance.crm.models import Company, Stage
from relance.lib import clock
from relance.lib.money import Money
from relance.users.models import User
from relance.web.records import cells
from relance.web.records.cells import Labels
from relance.web.records.columns import Column, register
from relance.web.templatetags.relance import avatar

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


def _name(company: Company, _fact: Any, _labels: Labels) -> str:
    face = avatar(company.name, company.domain, "av--sq")
    return format_html('{}<span class="strong">{}</span>', face, company.name)


COLUMNS = (
    Column("name", _("name"), _name, lambda c, _fact, _labels: c.name, order=("name",)),
    Column(
        "people",
        _("contacts"),
        lambda _c, known, _labels: str(known.people or "") if known else "",
        lambda _c, known, _labels: known.people if known else 0,
        facts=figures,
        is_number=True,
        css="hide-s",
    ),
    Column(
        "openDeals",
        _("open deals"),
        lambda c, known, labels: cells.amounts(c, known and known.open_amounts, labels),
        lambda c, known, labels: cells.amounts_plain(c, known and known.open_amounts, labels),
        facts=figures,
        is_number=True,
    ),
    Column(
        "wonDeals",
        _("won in 12 months"),
        lambda c, known, labels: cells.amounts(c, known and known.won_amounts, labels),
        lambda c, known, labels: cells.amounts_plain(c, known and known.won_amounts, labels),
        facts=figures,
        is_number=True,
        css="hide-s",
    ),
)


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    register("Account", *COLUMNS)
