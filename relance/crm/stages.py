"""Stages of the pipeline: made, changed, put in order, and deleted once their deals have gone on.

There is always a stage of each kind, and a stage that has deals keeps its kind: what is open, won
or lost is never changed for many deals at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from relance.crm import history
from relance.crm.models import Deal, Stage
from relance.lib import clock
from relance.users.models import User

_AT_ONCE = 500


class Refused(Exception):
    """`code`: "last_of_kind" (each kind needs a stage), "has_deals", or "other_kind"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def create(stage: Stage) -> Stage:
    """Save a new stage, after those of its kind."""
    _normalise(stage)
    stage.position = 0
    stage.save()
    same = Stage.objects.filter(kind=stage.kind).exclude(pk=stage.pk).order_by("-position", "-pk")
    order = [row for row in Stage.objects.order_by("position", "pk") if row.pk != stage.pk]
    last = next(iter(same), None)
    order.insert(order.index(last) + 1 if last else len(order), stage)
    _number(order)
    return stage


@transaction.atomic
def edit(stage: Stage) -> Stage:
    """Save a changed stage. Raises `Refused`."""
    was = Stage.objects.select_for_update().get(pk=stage.pk)
    if was.kind != stage.kind:
        _keep_one(was)
        if Deal.objects.filter(stage=was).exists():
            raise Refused("has_deals")
    _normalise(stage)
    stage.save()
    return stage


@transaction.atomic
def move(stage: Stage, *, up: bool) -> None:
    """One place up or down."""
    order = list(Stage.objects.select_for_update().order_by("position", "pk"))
    at = order.index(stage)
    to = at - 1 if up else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
        _number(order)


@transaction.atomic
def delete(actor: User, stage: Stage, *, into: Stage | None = None) -> int:
    """Delete a stage; its deals go `into` another one of its kind. Returns how many went.

    Deleted deals go along, so that they can come back. Raises `Refused`.
    """
    _keep_one(stage)
    keys = list(Deal.objects.filter(stage=stage).order_by("pk").values_list("pk", flat=True))
    if keys and into is None:
        raise Refused("has_deals")
    if into is not None and (into.kind != stage.kind or into.pk == stage.pk):
        raise Refused("other_kind")
    for start in range(0, len(keys), _AT_ONCE):
        if into is not None:
            _send(actor, keys[start : start + _AT_ONCE], stage, into)
    stage.delete()
    return len(keys)


def _send(actor: User, keys: Sequence[int], stage: Stage, into: Stage) -> None:
    Deal.objects.filter(pk__in=keys).update(stage=into, updated_at=clock.now())
    moved = ({"stage": stage.name}, {"stage": into.name})
    history.record_many(actor, "deal", dict.fromkeys(keys, moved))


def _normalise(stage: Stage) -> None:
    """A won deal is certain, a lost one hopeless."""
    if stage.kind != Stage.Kind.OPEN:
        stage.probability = 100 if stage.kind == Stage.Kind.WON else 0


def _keep_one(stage: Stage) -> None:
    if not Stage.objects.filter(kind=stage.kind).exclude(pk=stage.pk).exists():
        raise Refused("last_of_kind")


def _number(order: Sequence[Stage]) -> None:
    for place, stage in enumerate(order):
        if stage.position != place:
            stage.position = place
            stage.save(update_fields=["position"])
