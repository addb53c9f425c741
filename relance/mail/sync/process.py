"""The sync process: which mailbox when, by whom, and what becomes of failures.

One scheduler thread, a few worker threads (one mailbox each at a time, held by a lease so that two
processes never hold the same), and one thread that waits on every idle connection (IDLE,
RFC 2177). Polling every `fetch_interval` minutes is the net below IDLE.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from relance import notices
from relance.jobs import leases
from relance.lib import clock
from relance.mail import accounts
from relance.mail.models import Folder, MailAccount, Operation
from relance.mail.parsing import Parser
from relance.mail.sync.mailbox import Disconnected, MailboxSync
from relance.users.models import Organisation
from relance.wire.errors import TransientFailure, WireError
from relance.wire.idle import IdlePool
from relance.wire.imap import ImapSession

_log = logging.getLogger(__name__)
WORKERS = 4
LEASE_SECONDS = 90
_EXTEND_EVERY = 30.0
_LOOK_EVERY = 0.15  # seconds between asking whether the database changed
_LOOK_ANYWAY = 3.0
_LOOKS_A_SECOND = 4  # where the database does not say whether it changed
_PARSER_IDLE = 20.0
_DRAIN_SECONDS = 6.0
_FIRST_RETRY, _LAST_RETRY = 20.0, 900.0
_State = MailAccount.State
_OPEN = ~Q(state__in=[_State.DISCONNECTED, _State.AUTH_ERROR])


def run() -> None:
    """Synchronise until TERM or INT, then let go of everything and return."""
    scheduler = Scheduler()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.stop())
    scheduler.run()


class Parsers:
    """Parse processes, lent out one at a time and ended when nobody has needed them a while."""

    def __init__(self) -> None:
        self._free: queue.LifoQueue[tuple[float, Parser]] = queue.LifoQueue()

    @contextlib.contextmanager
    def lend(self) -> Iterator[Parser]:
        try:
            _, parser = self._free.get_nowait()
        except queue.Empty:
            parser = Parser()
        try:
            yield parser
        finally:
            self._free.put((time.monotonic(), parser))

    def rest(self, *, idle: float = _PARSER_IDLE) -> None:
        """End those idle for longer than `idle` seconds."""
        kept = []
        with contextlib.suppress(queue.Empty):
            while True:
                since, parser = self._free.get_nowait()
                if time.monotonic() - since >= idle:
                    parser.stop()
                else:
                    kept.append((since, parser))
        for item in reversed(kept):
            self._free.put(item)


class Scheduler:
    """Decides which mailboxes are due and hands them to workers."""

    def __init__(self, *, workers: int = WORKERS) -> None:
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._active: set[int] = set()  # whose IDLE has spoken
        self._running: dict[int, Future[None]] = {}
        self._sessions: dict[int, ImapSession] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sync")
        self._idle = IdlePool(self._on_activity, self._on_lost)
        self._parsers = Parsers()
        self._extended_at = time.monotonic()

    def stop(self) -> None:
        """End `run` soon; safe from a signal handler."""
        self._stopping.set()
        self._woken.set()

    def run(self) -> None:
        version, looked_at = -1, 0.0
        while not self._stopping.is_set():
            try:
                changed = (now := _data_version()) != version
                version = now
                if changed or self._active or time.monotonic() - looked_at > _LOOK_ANYWAY:
                    looked_at = time.monotonic()
                    self._look()
            except DatabaseError as error:
                _log.warning("the database cannot be read: %s", type(error).__name__)
                close_old_connections()
                self._woken.wait(1)
            self._woken.wait(_LOOK_EVERY)
            self._woken.clear()
        self._drain()

    def _look(self) -> None:
        self._running = {pk: f for pk, f in self._running.items() if not f.done()}
        if time.monotonic() - self._extended_at > _EXTEND_EVERY:
            self._extended_at = time.monotonic()
            until = clock.seconds_from_now(LEASE_SECONDS)
            MailAccount.objects.filter(pk__in=self._running).update(lease_until=until)
            self._parsers.rest()
        with self._lock:
            active, self._active = self._active, set()
        for pk in sorted({*_due(), *active}):
            if pk in self._running:
                if pk in active:
                    self._on_activity(pk)  # again, when it is done
            elif _claim(pk):
                self._running[pk] = self._pool.submit(self._work, pk, pk in active)

    def _work(self, pk: int, only_inbox: bool) -> None:
        """A worker's turn on one mailbox. The edge: whatever happens is recorded."""
        close_old_connections()
        account = MailAccount.objects.select_related("owner").get(pk=pk)
        try:
            session = self._session(account)
            with self._parsers.lend() as parser:
                work = MailboxSync(account, session, parser)
                quick = only_inbox and account.state == _State.OK
                work.inbox_only() if quick else work.run()
            self._watch(account, session)
            leases.release(account)
        except Disconnected:
            self._close(pk)
            leases.release(account)
        except WireError as error:
            self._close(pk)
            self._failed(account, error)
        except Exception as error:  # noqa: BLE001 (the edge of a worker: recorded, and tried again)
            self._close(pk)
            _log.exception("the mailbox %s cannot be synchronised", pk)
            self._failed(account, TransientFailure("internal", type(error).__name__))
        finally:
            self._woken.set()
            connection.close()

    def _session(self, account: MailAccount) -> ImapSession:
        """The idle connection if it still stands, else a new one."""
        session = self._idle.remove(account.pk)
        if session is not None:
            try:
                session.noop()
            except WireError:
                session.close()
                session = None
        if session is None:
            session = ImapSession(accounts.imap_server(account), accounts.guard())
            session.open()
        with self._lock:
            self._sessions[account.pk] = session
        return session

    def _watch(self, account: MailAccount, session: ImapSession) -> None:
        """Wait on the inbox with IDLE; a server without it is polled."""
        with self._lock:
            self._sessions.pop(account.pk, None)
        inbox = accounts.folder_for(account, Folder.Use.INBOX)
        if inbox is None or "IDLE" not in session.capabilities or self._stopping.is_set():
            session.close()
            return
        before = inbox.remote_count
        state = session.select(inbox.path)
        self._idle.add(account.pk, session)
        if state.exists != before or state.uidnext != inbox.uidnext:
            self._on_activity(account.pk)  # it came while we were looking elsewhere

    def _close(self, pk: int) -> None:
        with self._lock:
            session = self._sessions.pop(pk, None)
        if session is not None:
            session.close()

    def _failed(self, account: MailAccount, error: WireError) -> None:
        if self._stopping.is_set():
            leases.release(account)
            return
        if error.code in accounts.LOGIN_REFUSED:
            _ask_to_reconnect(account, error)
            return
        wait = leases.back_off(account.attempts, first=_FIRST_RETRY, most=_LAST_RETRY)
        _log.warning("mailbox %s: %s, next try in %d s", account.pk, error.code, wait)
        leases.postpone(account, wait, error.server_text, error_code=error.code)
        _degrade(account, error)

    def _on_activity(self, key: Hashable) -> None:
        assert isinstance(key, int)
        with self._lock:
            self._active.add(key)
        self._woken.set()

    def _on_lost(self, key: Hashable, _error: WireError) -> None:
        """The connection is gone: the next round opens another."""
        self._on_activity(key)

    def _drain(self) -> None:
        """Let go: what runs may finish its batch, then its connection is cut."""
        until = time.monotonic() + _DRAIN_SECONDS
        while any(not f.done() for f in self._running.values()) and time.monotonic() < until:
            with self._lock:
                for session in self._sessions.values():
                    session.abort()
            time.sleep(0.1)
        self._idle.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._parsers.rest(idle=0)
        MailAccount.objects.filter(pk__in=self._running).update(lease_until=None)


def _syncable() -> QuerySet[MailAccount]:
    return MailAccount.objects.filter(_OPEN, owner__is_active=True)


def _claim(pk: int) -> bool:
    return leases.claim(_syncable(), pk, seconds=LEASE_SECONDS, own=_OPEN, wanted_at=None)


def _due() -> list[int]:
    """Mailboxes somebody wants now, those that failed and have waited, and those not looked at for
    the interval."""
    now = timezone.now()
    organisation = Organisation.current()
    minutes = organisation.fetch_interval if organisation else 5
    old = Q(synced_at=None) | Q(synced_at__lt=now - timedelta(minutes=minutes))
    wanted = Q(wanted_at__isnull=False) | Q(next_try_at__isnull=False)
    waited = Q(next_try_at=None) | Q(next_try_at__lte=now) | Q(wanted_at__gt=F("next_try_at"))
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    behind = Exists(
        Operation.objects.filter(
            account=OuterRef("pk"), state=Operation.State.WAITING, next_try_at__lte=now
        )
    )
    rows = _syncable().filter(free, waited, old | wanted | behind).order_by("synced_at")
    return list(rows.values_list("pk", flat=True))


def _degrade(account: MailAccount, error: WireError) -> None:
    state = _State.DEGRADED
    if account.imported_at is None and account.state == _State.IMPORTING:
        state = _State.IMPORTING  # the page goes on showing how far it is
    rows = MailAccount.objects.filter(pk=account.pk).exclude(state=_State.DISCONNECTED)
    if rows.update(state=state):
        account.state, account.error_code = state, error.code
        accounts.announce(account)


@transaction.atomic
def _ask_to_reconnect(account: MailAccount, error: WireError) -> None:
    """The server refused the login: no further attempt until the owner has mended it."""
    mended = not accounts.same_login(account)  # while the old one was being refused
    rows = MailAccount.objects.filter(pk=account.pk).exclude(
        state__in=[_State.DISCONNECTED, _State.AUTH_ERROR]
    )
    told = not mended and rows.update(state=_State.AUTH_ERROR, error_code=error.code)
    leases.release(account, last_error="" if mended else error.server_text[:500])
    if told:
        notices.tell(
            account.owner_id,
            "mailbox_auth_error",
            {"address": account.address, "code": error.code},
            url=f"/mailboxes/{account.pk}/",
        )
        account.state, account.error_code = _State.AUTH_ERROR, error.code
        accounts.announce(account)


def _data_version() -> int:
    """Changes when another connection has committed; on PostgreSQL, with the time."""
    if connection.vendor != "sqlite":
        return int(time.monotonic() * _LOOKS_A_SECOND)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])
