"""`relance doctor`: each check says what is wrong and what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Q
from django.http.request import validate_host

from relance.lib import clock
from relance.site import environment

_LEAST_FREE = 1_000_000_000  # bytes
_PATIENCE = timedelta(minutes=10)


def run() -> int:
    """Print every check. Returns 1 when one of them failed or could not be made."""
    failed = 0
    for name, check in _CHECKS.items():
        try:
            problems = list(check())
            verdict = "FAIL" if problems else "ok  "
        except DatabaseError as error:
            problems = [f"This cannot be known: {error}"]
            verdict = "?   "
        failed += bool(problems)
        print(f"{verdict} {name}")
        for problem in problems:
            print(f"     {problem}")
    return 1 if failed else 0


def _database() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield f"The database does not answer ({error}). Check RELANCE_DATABASE_URL."


def _migrations() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield f"{len(plan)} changes wait for the database. Run `relance migrate`."


def _settings() -> Iterator[str]:
    yield from environment.unknown()
    host = urlsplit(settings.BASE_URL).hostname
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        yield f"RELANCE_URL says {host}, which RELANCE_HOSTS does not list. Add it there."


def _data_folder() -> Iterator[str]:
    if not os.access(settings.DATA, os.W_OK):
        yield f"{settings.DATA} cannot be written. Give it to the user who runs Relance."
    if settings.DATA.stat().st_mode & 0o077:
        yield f"{settings.DATA} can be read by others. Run `chmod 700 {settings.DATA}`."
    free = shutil.disk_usage(settings.DATA).free
    if free < _LEAST_FREE:
        yield f"{free // 1_000_000} MB are left on the disk of {settings.DATA}. Make room."


def _secrets() -> Iterator[str]:
    path = Path(settings.SECRETS_FILE)
    if path.exists() and path.stat().st_mode & 0o077:
        yield f"{path} can be read by others. Run `chmod 600 {path}`."


def _clock() -> Iterator[str]:
    """What was written cannot be later than now, or the clock has gone back."""
    newest = MigrationRecorder(connection).migration_qs.aggregate(at=Max("applied"))["at"]
    if newest and newest > clock.now() + timedelta(minutes=5):
        yield "The clock of this machine is behind the database. Run `timedatectl set-ntp true`."


def _jobs() -> Iterator[str]:
    from relance.mail.models import Outgoing

    waiting = [Outgoing.State.QUEUED, Outgoing.State.SCHEDULED, Outgoing.State.RETRYING]
    due = Q(next_try_at=None) | Q(next_try_at__lt=clock.now() - _PATIENCE)
    late = Outgoing.objects.filter(due, state__in=waiting, queued_at__lt=clock.now() - _PATIENCE)
    if count := late.count():
        yield f"Mails to send for more than ten minutes: {count}. Does the jobs process run?"


def _mailboxes() -> Iterator[str]:
    from relance.mail.models import MailAccount

    state = MailAccount.State
    late = clock.now() - timedelta(hours=2)
    for account in MailAccount.objects.exclude(state=state.DISCONNECTED):
        if account.state == state.AUTH_ERROR:
            yield f"{account.address}: the server refuses the login; its owner must reconnect."
        elif account.synced_at and account.synced_at < late:
            yield f"{account.address}: not synchronised for two hours. Does the sync process run?"


_CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "database": _database,
    "migrations": _migrations,
    "settings": _settings,
    "data folder": _data_folder,
    "secrets": _secrets,
    "clock": _clock,
    "jobs": _jobs,
    "mailboxes": _mailboxes,
}
