"""Deals as short rows, on the pages of people and accounts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from relance.crm.models import Deal, Person, Stage


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal with its place among the open stages: `steps` says for each whether it is reached."""

    deal: Deal
    steps: list[bool]

    @property
    def is_open(self) -> bool:
        return self.deal.stage.kind == Stage.Kind.OPEN


def deal_rows(deals: QuerySet[Deal]) -> list[DealRow]:
    """Open ones first, by closing date; then those won or lost, the latest first.

    The few stages are looked up apart: joined, SQLite goes through the deals of each.
    """
    stages = Stage.objects.in_bulk()
    still_open = sorted(
        stage.position for stage in stages.values() if stage.kind == Stage.Kind.OPEN
    )
    rows = []
    for deal in sorted(deals.order_by(), key=lambda deal: (deal.closes_on, deal.pk)):
        deal.stage = stages[deal.stage_id]
        rows.append(DealRow(deal, [place <= deal.stage.position for place in still_open]))
    first = [row for row in rows if row.is_open]
    return first + [row for row in reversed(rows) if not row.is_open]


def new_deal_address(person: Person) -> str:
    """Where a deal of hers is made: that of a lead comes with its conversion (D2)."""
    if person.kind == Person.Kind.LEAD:
        return reverse("convert:lead", args=[person.pk])
    return f"{reverse('deals:create')}?person={person.pk}"
