"""Jobs of this floor: shells around its processes."""

from __future__ import annotations

from django.db import transaction

from relance.crm.models import Case
from relance.inbox import record_files
from relance.inbox.filters import past
from relance.jobs.queue import queue
from relance.users.models import User


@queue.task()  # type: ignore[untyped-decorator]  # huey has no types
def take_files(case_id: int, user_id: int) -> None:
    """Put the attachments of the mail a case was opened for on it."""
    case = Case.objects.filter(pk=case_id, deleted_at=None).select_related("company").first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if case is not None and case.mail_key and user is not None:
        record_files.take_all(user, case.mail_key, case)


def take_files_later(case_id: int, user_id: int) -> None:
    """Have a worker do it once the transaction commits."""
    transaction.on_commit(lambda: take_files(case_id, user_id))


@queue.task()  # type: ignore[untyped-decorator]  # huey has no types
def work_on_filter_run(run_id: int) -> None:
    """Apply a filter to mail that came before, or take it back, as the run's state asks for."""
    past.work(run_id)


def take_up_filter_runs() -> None:
    """Wake workers for runs that wait or are to be undone, and for those whose worker died."""
    for run_id in past.due():
        work_on_filter_run(run_id)
