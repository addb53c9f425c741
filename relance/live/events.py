"""Publishing: a row in the caller's transaction, and on PostgreSQL a NOTIFY when it commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from relance.lib import clock

CHANNEL = "relance_live"
KEPT = timedelta(hours=1)
EVERYBODY = 0


def publish(kind: str, payload: Mapping[str, Any], *, user_id: int = EVERYBODY) -> None:
    """Tell the open pages of `user_id` (0: of everybody) once the current transaction commits.

    `payload` holds ids and counts, never mail: it passes through a page's source and logs.
    """
    from relance.live.models import Event

    Event.objects.create(user_id=user_id, kind=kind, payload=dict(payload))
    if connection.vendor == "postgresql":
        transaction.on_commit(_notify)


def prune() -> int:
    """Forget events older than an hour: a page away for longer reads itself anew."""
    from relance.live.models import Event

    return Event.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def _notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
