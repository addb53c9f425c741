"""The columns that lists of deals work out themselves, and the totals above them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from relance.crm.models import Deal, DealContact, Person, Stage
from relance.lib.money import Money, totals
from relance.users.models import User
from relance.web.records import summaries
from relance.web.records.cells import Labels, link
from relance.web.records.columns import Column, register
from relance.web.records.summaries import Figure
from relance.web.shell import wording
from relance.web.templatetags.relance import day, icon


def figures(deals: QuerySet[Deal]) -> list[Figure]:
    """The total of all, then that of each open stage there is; amounts by currency."""
    sums = deals.order_by().values_list("stage", "currency")
    known = Stage.objects.in_bulk()  # joined, they would all be sorted by
    counted: dict[Stage, int] = {}
    amounts: dict[Stage, list[Money]] = {}
    for key, currency, n, total in sums.annotate(n=Count("pk"), total=Sum("amount")):
        stage = known[key]
        counted[stage] = counted.get(stage, 0) + n
        amounts.setdefault(stage, [])
        if total is not None:
            amounts[stage].append(Money(total, currency))
    stages = sorted(counted, key=lambda stage: (stage.position, stage.pk))
    whole = Figure(
        _("Total"),
        totals(money for several in amounts.values() for money in several),
        _deals(sum(counted.values())),
        is_money=any(stage.kind != Stage.Kind.LOST for stage in stages),
    )
    still_open = [stage for stage in stages if stage.kind == Stage.Kind.OPEN]
    return [whole] + [
        Figure(stage.label, sorted(amounts[stage], reverse=True), _deals(counted[stage]))
        for stage in still_open
    ]


def _deals(count: int) -> str:
    form = ngettext("%(counter)s deal", "%(counter)s deals", count)
    return form % {"counter": wording.number(count)}


def _contacts(_viewer: User, deals: Collection[int]) -> dict[int, Person]:
    primary = DealContact.objects.filter(deal__in=deals, is_primary=True, person__deleted_at=None)
    return {part.deal_id: part.person for part in primary.select_related("person")}


def _closes(deal: Deal, _fact: Any, _labels: Labels) -> str:
    is_late = deal.stage.kind == Stage.Kind.OPEN and deal.closes_on < timezone.localdate()
    if not is_late:
        return day(deal.closes_on)
    return format_html(
        '<span class="state state--time">{}{}<span class="sr"> ({})</span></span>',
        icon("hourglass"),
        day(deal.closes_on),
        _now("late"),
    )


def _amount(deal: Deal, _fact: Any, _labels: Labels) -> str:
    if deal.amount is None:
        return format_html('<span class="muted">{}</span>', _now("amount to be set"))
    css = "" if deal.stage.kind == Stage.Kind.LOST else "money"
    return format_html('<span class="{}">{}</span>', css, wording.money(deal.amount, deal.currency))


COLUMNS = (
    Column(
        "company",
        _("account"),
        lambda deal, _fact, _labels: link(deal.company) if deal.company else "",
        lambda deal, _fact, _labels: deal.company.name if deal.company else "",
        order=("company__name",),
        related=("company",),
        css="hide-s",
    ),
    Column(
        "primaryContact",
        _("primary contact"),
        lambda _deal, person, _labels: link(person) if person else "",
        lambda _deal, person, _labels: person.name if person else "",
        facts=_contacts,
        css="hide-s",
    ),
    Column(
        "stage",
        _("stage"),
        lambda deal, _fact, _labels: deal.stage.label,
        lambda deal, _fact, _labels: deal.stage.label,
        order=("stage__position",),
        related=("stage",),
        css="nowrap hide-s",
    ),
    Column(
        "closeDate",
        _("closing date"),
        _closes,
        lambda deal, _fact, _labels: deal.closes_on,
        order=("closes_on",),
        related=("stage",),
        css="nowrap",
    ),
    Column(
        "amount",
        _("amount"),
        _amount,
        lambda deal, _fact, _labels: deal.amount,
        order=("currency", "amount"),
        related=("stage",),
        currency=lambda deal: deal.currency,
        is_number=True,
        css="nowrap",
    ),
)


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    register("Deal", *COLUMNS)
    summaries.register("deals", figures)
