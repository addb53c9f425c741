"""Claiming work: one conditional UPDATE whose count says who got it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from relance.lib import clock

_BACK_OFF_EXPONENT_LIMIT = 20


def due(*, now: Any = None) -> Q:
    """Rows that nobody holds and whose next try has come."""
    now = now or clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return free & (Q(next_try_at=None) | Q(next_try_at__lte=now))


def claim(
    rows: QuerySet[Any], pk: int, *, seconds: float, own: Q | None = None, **changes: Any
) -> bool:
    """Take that row of `rows` for `seconds`. False when somebody else holds it, or it is not (or
    no longer) among `rows`. `changes` are written with the claim; the attempt is counted.

    `own` repeats what `rows` asks of the row itself, its state say. Where `rows` looks at other
    tables too, PostgreSQL does not look again at what is inside a subquery once another worker's
    update has let it pass (https://www.postgresql.org/docs/current/transaction-iso.html); what
    stands directly in the UPDATE it does.
    """
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    among = rows.filter(pk=pk).order_by().values("pk")
    taken = rows.model._default_manager.filter(free, own or Q(), pk=pk, pk__in=among).update(
        lease_until=now + timedelta(seconds=seconds), attempts=F("attempts") + 1, **changes
    )
    return bool(taken == 1)


def extend(row: Model, *, seconds: float) -> bool:
    """Hold a claimed row longer. False when its lease was lost meanwhile."""
    rows = type(row)._default_manager.filter(pk=row.pk, lease_until__gt=clock.now())
    return rows.update(lease_until=clock.now() + timedelta(seconds=seconds)) == 1


def release(row: Model, **changes: Any) -> None:
    """Done: nobody holds the row any more, and its attempts start again from nothing."""
    values = {"lease_until": None, "next_try_at": None, "attempts": 0, "last_error": ""}
    type(row)._default_manager.filter(pk=row.pk).update(**{**values, **changes})


def back_off(attempts: int, *, first: float, most: float) -> float:
    """Seconds until the next try: `first`, doubling, `most` at most."""
    doubled = min(max(attempts - 1, 0), _BACK_OFF_EXPONENT_LIMIT)
    return min(most, first * float(1 << doubled))


def postpone(row: Model, seconds: float, error: str, **changes: Any) -> None:
    """It failed for now: nobody holds the row, and it is due again in `seconds`."""
    type(row)._default_manager.filter(pk=row.pk).update(
        lease_until=None,
        next_try_at=clock.seconds_from_now(seconds),
        last_error=error[:500],
        **changes,
    )
