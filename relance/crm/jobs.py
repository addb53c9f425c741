"""Jobs of this floor: shells around its processes."""

from __future__ import annotations

from django.db import transaction

from relance.crm import importing
from relance.jobs.queue import queue


@queue.task()  # type: ignore[untyped-decorator]  # huey has no types
def work_on_import(run_id: int) -> None:
    """Try, do or undo an import, as its state asks for."""
    importing.work(run_id)


def work_on_import_later(run_id: int) -> None:
    """Wake a worker for it once the transaction commits."""
    transaction.on_commit(lambda: work_on_import(run_id))


def take_up_imports() -> None:
    """Wake workers for imports that wait, and for those whose worker died."""
    for run_id in importing.due():
        work_on_import(run_id)
