"""Publishing: a row in the caller's transaction, and on PostgreSQL a NOTIFY when it commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from relance.lib import clock

CHANNEL = "relance_live"
KEPT = timedelta(hours=1)
EVERYBODY = 0
_INSERT = "INSERT INTO live_event (user_id, kind, payload, created_at) VALUES (%s, %s, %s, %s)"


def publish(kind: str, payload: Mapping[str, Any], *, user_id: int = EVERYBODY) -> None:
    """Tell the open pages of `user_id` (0: of everybody) once the current transaction commits.

    `payload` holds ids and counts, never mail: it passes through a page's source and logs.
    """
    adapted = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:  # written on every hot path: the ORM takes ten times longer
        cursor.execute(_INSERT, (user_id, kind, json.dumps(dict(payload)), adapted))
    if connection.vendor == "postgresql":
        transaction.on_commit(_notify)


def prune() -> int:
    """Forget events older than an hour: a page away for longer reads itself anew."""
    from relance.live.models import Event

    return Event.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def _notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
