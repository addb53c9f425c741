"""Deals as short rows, on the pages of people and accounts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, QuerySet, Value, When
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
    """Open ones first, by closing date; then those won or lost, the latest first."""
    is_closed = Case(When(stage__kind=Stage.Kind.OPEN, then=Value(0)), default=Value(1))
    found = deals.select_related("stage", "company").order_by(is_closed, "closes_on", "pk")
    open_stages = list(
        Stage.objects.filter(kind=Stage.Kind.OPEN).values_list("position", flat=True)
    )
    rows = [DealRow(d, [p <= d.stage.position for p in open_stages]) for d in found]
    still_open = [row for row in rows if row.is_open]
    return still_open + [row for row in reversed(rows) if not row.is_open]


def new_deal_address(person: Person) -> str:
    """Where a deal of hers is made: that of a lead comes with its conversion (D2)."""
    if person.kind == Person.Kind.LEAD:
        return reverse("convert:lead", args=[person.pk])
    return f"{reverse('deals:create')}?person={person.pk}"
