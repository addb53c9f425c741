"""Jobs of this floor: shells around its processes."""

from __future__ import annotations

from django.db import transaction

from relance.jobs.queue import queue
from relance.mail import outbox


@queue.task()  # type: ignore[untyped-decorator]  # huey has no types
def deliver(_outgoing_id: int) -> None:
    """Send what is due, that mail among it."""
    outbox.wake()


def deliver_later(outgoing_id: int) -> None:
    """Wake a worker for it once the transaction commits."""
    transaction.on_commit(lambda: deliver(outgoing_id))
