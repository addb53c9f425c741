"""What the board shows: each stage's totals of all its deals, and the first of its cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from relance.crm.models import Deal, Stage
from relance.lib.money import Money, totals
from relance.users import currencies

SHOWN = 40  # cards of a lane, until more are asked for
_FIRST = ("closes_on", "pk")


@dataclass
class Lane:
    """A stage: how many deals it has, what they amount to by currency, and its first cards."""

    stage: Stage
    count: int = 0
    amounts: list[Money] = field(default_factory=list)
    cards: list[Deal] = field(default_factory=list)

    @property
    def weighted(self) -> list[Money]:
        """The same by the probability of the stage, to the unit of currency."""
        share = Decimal(self.stage.probability) / 100
        return [Money((m.amount * share).quantize(Decimal(1)), m.currency) for m in self.amounts]

    @property
    def more(self) -> int:
        """How many cards are not shown."""
        return self.count - len(self.cards)


@dataclass(frozen=True, slots=True)
class Total:
    """Several amounts: by currency, and converted where there is more than one to add up."""

    amounts: Sequence[Money]
    converted: Money | None
    unknown: Sequence[str]


@dataclass(frozen=True, slots=True)
class Board:
    """`lanes` of open stages, then of closed ones where some of their deals are asked for; `ends`
    are the closed stages, to which a deal may be moved."""

    lanes: list[Lane]
    ends: list[Stage]
    count: int
    total: Total
    weighted: Total


def board(deals: QuerySet[Deal]) -> Board:
    """The board of these deals. Four queries, however many there are."""
    stages = list(Stage.objects.all())
    lanes = {stage.pk: Lane(stage) for stage in stages}
    _count(deals, lanes)
    _deal_out(_first(deals), lanes)
    shown = [x for x in lanes.values() if x.count or x.stage.kind == Stage.Kind.OPEN]
    open_lanes = [lane for lane in shown if lane.stage.kind == Stage.Kind.OPEN]
    counted = open_lanes if any(lane.count for lane in open_lanes) else shown
    own = currencies.own()
    rates = currencies.rates(own)
    return Board(
        lanes=sorted(shown, key=lambda x: x.stage.kind != Stage.Kind.OPEN),
        ends=[stage for stage in stages if stage.kind != Stage.Kind.OPEN],
        count=sum(lane.count for lane in counted),
        total=_sum((m for lane in counted for m in lane.amounts), own, rates),
        weighted=_sum((m for lane in counted for m in lane.weighted), own, rates),
    )


def rest(deals: QuerySet[Deal], stage: Stage) -> list[Deal]:
    """The cards of a lane that come after the first ones."""
    return list(_shown(deals.filter(stage=stage)).order_by(*_FIRST)[SHOWN : SHOWN + 500])


def _count(deals: QuerySet[Deal], lanes: dict[int, Lane]) -> None:
    sums = deals.order_by().values_list("stage", "currency")
    for stage, currency, n, amount in sums.annotate(n=Count("pk"), total=Sum("amount")):
        lanes[stage].count += n
        if amount is not None:
            lanes[stage].amounts.append(Money(amount, currency))
    for lane in lanes.values():
        lane.amounts.sort(reverse=True)


def _first(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    place = Window(RowNumber(), partition_by=F("stage"), order_by=[*_FIRST])
    keys = deals.order_by().annotate(place=place).filter(place__lte=SHOWN).values("pk")
    return _shown(Deal.objects.filter(pk__in=keys)).order_by(*_FIRST)


def _shown(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    return deals.select_related("company", "owner", "stage")


def _deal_out(deals: Iterable[Deal], lanes: dict[int, Lane]) -> None:
    for deal in deals:
        lanes[deal.stage_id].cards.append(deal)


def _sum(amounts: Iterable[Money], own: str, rates: dict[str, Decimal]) -> Total:
    several = totals(amounts)
    if all(money.currency == own for money in several):
        return Total(several, None, ())
    found, unknown = currencies.converted(several, own, rates)
    is_one = any(money.currency in rates and money.currency != own for money in several)
    whole = Money(found.amount.quantize(Decimal(1)), own) if is_one else None
    return Total(several, whole, unknown)
