"""What the list of deals shows: one stage kind at a time, with its totals by currency."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.crm.models import Deal, DealContact, Person, Stage
from relance.lib.money import Money
from relance.web.components.lists import Sort

SORTS = {
    "name": Sort(_("Name"), ("name",)),
    "company": Sort(_("Account"), ("company__name",)),
    "stage": Sort(_("Stage"), ("stage__position",)),
    "closes": Sort(_("Closing date"), ("closes_on",)),
    "owner": Sort(_("Owner"), ("owner__first_name", "owner__last_name")),
    "amount": Sort(_("Amount"), ("currency", "amount"), is_number=True, newest_first=True),
}

TABS = (
    (Stage.Kind.OPEN, _("Open deals")),
    (Stage.Kind.WON, _("Won deals")),
    (Stage.Kind.LOST, _("Lost deals")),
)


@dataclass(frozen=True, slots=True)
class Group:
    """The deals of one stage: how many, and what they amount to."""

    label: str
    kind: str
    count: int
    amounts: list[Money]


def kind_asked(request: HttpRequest) -> str:
    """ "open", "won" or "lost": the tab of the list."""
    asked = request.GET.get("kind", "")
    return asked if asked in Stage.Kind.values else str(Stage.Kind.OPEN)


def groups(deals: QuerySet[Deal]) -> list[Group]:
    """One group for each stage in `deals`, in their order; amounts are summed by currency."""
    rows = deals.order_by().values("stage", "currency").annotate(n=Count("pk"), total=Sum("amount"))
    stages = {s.pk: s for s in Stage.objects.all()}
    found: dict[int, tuple[int, list[Money]]] = {}
    for row in rows:
        count, amounts = found.get(row["stage"], (0, []))
        if row["total"] is not None:
            amounts = [*amounts, Money(row["total"], row["currency"])]
        found[row["stage"]] = (count + row["n"], amounts)
    return [
        Group(stage.label, stage.kind, found[pk][0], sorted(found[pk][1], reverse=True))
        for pk, stage in stages.items()
        if pk in found
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the deal, its primary contact, and whether its date has passed while it is open."""

    deal: Deal
    contact: Person | None
    is_late: bool


def rows(deals: list[Deal]) -> list[Row]:
    """The lines of this page, with one query for all their contacts."""
    contacts = DealContact.objects.filter(
        deal__in=deals, is_primary=True, person__deleted_at=None
    ).select_related("person")
    people = {contact.deal_id: contact.person for contact in contacts}
    today = timezone.localdate()
    return [
        Row(d, people.get(d.pk), d.stage.kind == Stage.Kind.OPEN and d.closes_on < today)
        for d in deals
    ]
