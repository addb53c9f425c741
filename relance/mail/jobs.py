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


@queue.task()  # type: ignore[untyped-decorator]  # huey has no types
def load_oversized(copy_id: int) -> None:
    """Fetch the whole of a large mail for its reader."""
    from relance.mail.sync import oversized  # web processes queue this, and need no more of it

    oversized.load_and_tell(copy_id)


def load_oversized_later(copy_id: int) -> None:
    """Have a worker fetch it; the open page hears of it."""
    transaction.on_commit(lambda: load_oversized(copy_id))
