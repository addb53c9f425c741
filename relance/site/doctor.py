"""`relance doctor`: each check says what is wrong and what to do."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from relance.lib import clock

_LEAST_FREE = 1_000_000_000  # bytes


def run() -> int:
    """Print every check. Returns 1 when one of them failed."""
    failed = 0
    for name, check in _CHECKS.items():
        problems = list(check())
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '} {name}")
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
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return
    if plan:
        yield f"{len(plan)} changes wait for the database. Run `relance migrate`."


def _data_folder() -> Iterator[str]:
    if not os.access(settings.DATA, os.W_OK):
        yield f"{settings.DATA} cannot be written. Give it to the user who runs Relance."
    free = shutil.disk_usage(settings.DATA).free
    if free < _LEAST_FREE:
        yield f"{free // 1_000_000} MB are left on the disk of {settings.DATA}. Make room."


def _secrets() -> Iterator[str]:
    path = Path(settings.SECRETS_FILE)
    if path.exists() and path.stat().st_mode & 0o077:
        yield f"{path} can be read by others. Run `chmod 600 {path}`."


def _clock() -> Iterator[str]:
    if abs(time.time() - clock.now().timestamp()) > 1 or clock.now().year < 2026:
        yield "The clock of this machine is wrong. Set it (timedatectl set-ntp true)."


def _mailboxes() -> Iterator[str]:
    from relance.mail.models import MailAccount

    state = MailAccount.State
    try:
        for account in MailAccount.objects.exclude(state=state.DISCONNECTED):
            if account.state == state.AUTH_ERROR:
                yield f"{account.address}: the server refuses the login; its owner must reconnect."
            elif account.synced_at and account.synced_at < clock.now() - timedelta(hours=2):
                yield f"{account.address}: not synchronised for two hours. Does sync run?"
    except DatabaseError:
        return


_CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "database": _database,
    "migrations": _migrations,
    "data folder": _data_folder,
    "secrets": _secrets,
    "clock": _clock,
    "mailboxes": _mailboxes,
}
