"""One thread watches many mailboxes, and loses none of them silently."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Hashable, Iterator

import pytest

from relance.wire.errors import PermanentFailure, WireError
from relance.wire.guard import Guard
from relance.wire.idle import IdlePool
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import Mailbox
from tests.servers.relay import Relay
from tests.servers.scripted import Line, Scripted, imap_script


class Heard:
    """What a pool told, as queues."""

    def __init__(self) -> None:
        self.activity: queue.Queue[Hashable] = queue.Queue()
        self.lost: queue.Queue[tuple[Hashable, WireError]] = queue.Queue()

    def on_lost(self, key: Hashable, error: WireError) -> None:
        self.lost.put((key, error))

    def pool(self, **options: float) -> IdlePool:
        return IdlePool(self.activity.put, self.on_lost, **options)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def pool(heard: Heard) -> Iterator[IdlePool]:
    made = heard.pool()
    yield made
    made.stop()


def inbox(server: Server, guard: Guard) -> ImapSession:
    session = ImapSession(server, guard, timeout=10)
    session.open()
    session.select("INBOX")
    return session


def settle(pool: IdlePool) -> None:
    """Wait until every session has entered IDLE."""
    deadline = time.monotonic() + 10
    while any(one.state != "idling" for one in list(pool._watched.values())):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("security", ["none", "tls"])
def test_new_mail_is_heard_within_two_seconds(
    security: str, mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    server = mailbox.server(security=security, verify=security == "none")  # type: ignore[arg-type]
    pool.add("alice", inbox(server, loopback_guard))
    settle(pool)
    for number in range(3):
        mailbox.deliver(b"Subject: %d\r\n\r\n" % number)
        assert heard.activity.get(timeout=5) == "alice"
        while not heard.activity.empty():
            heard.activity.get()
    session = pool.remove("alice")
    assert session is not None
    assert len(session.uids()) == 3
    assert heard.lost.empty()
    session.close()


def test_mail_that_came_between_selecting_and_waiting_is_heard(
    mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    session = inbox(mailbox.server(), loopback_guard)
    mailbox.deliver(b"Subject: early\r\n\r\n")
    pool.add("alice", session)
    assert heard.activity.get(timeout=5) == "alice"


def test_fifty_mailboxes_are_watched_by_one_thread(
    dovecot: Dovecot, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    before = threading.active_count()
    mailboxes = [Mailbox(dovecot) for _ in range(50)]
    for number, one in enumerate(mailboxes):
        pool.add(number, inbox(one.server(), loopback_guard))
    settle(pool)
    assert len(pool) == 50
    assert threading.active_count() <= before  # others may end meanwhile
    for one in mailboxes:
        one.deliver(b"Subject: hello\r\n\r\n")
    told: set[Hashable] = set()
    while len(told) < 50:
        told.add(heard.activity.get(timeout=10))
    for number in range(50):
        session = pool.remove(number)
        assert session is not None
        session.close()
    assert len(pool) == 0
    assert heard.lost.empty()


def test_a_session_given_back_works_and_can_be_watched_again(
    mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    session = inbox(mailbox.server(), loopback_guard)
    for _ in range(3):
        pool.add("alice", session)
        assert pool.remove("alice") is session
        session.noop()
    assert pool.remove("alice") is None
    session.close()


def test_an_idle_is_renewed_and_still_hears(
    mailbox: Mailbox, loopback_guard: Guard, heard: Heard
) -> None:
    pool = heard.pool(renew_after=0.2)
    try:
        session = inbox(mailbox.server(), loopback_guard)
        pool.add("alice", session)
        settle(pool)
        before = session.dialogue._count
        time.sleep(1.5)
        assert session.dialogue._count >= before + 4
        mailbox.deliver(b"Subject: x\r\n\r\n")
        assert heard.activity.get(timeout=5) == "alice"
        assert heard.lost.empty()
    finally:
        pool.stop()


def test_a_cut_connection_is_lost_and_the_others_go_on(
    dovecot: Dovecot, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    first, second = Mailbox(dovecot), Mailbox(dovecot)
    with Relay(dovecot.port) as relay:
        pool.add("cut", inbox(first.server(port=relay.port), loopback_guard))
        pool.add("whole", inbox(second.server(), loopback_guard))
        settle(pool)
        relay.cut()
        key, error = heard.lost.get(timeout=5)
        assert (key, error.code) == ("cut", "disconnected")
    second.deliver(b"Subject: x\r\n\r\n")
    assert heard.activity.get(timeout=5) == "whole"
    assert pool.remove("cut") is None


def idle_script(*said: bytes, then_close: bool = False, accept: bool = True) -> Scripted:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if command != b"IDLE":
            return False
        line.say(*([b"+ idling"] if accept else [tag + b" NO not now"]), *said)
        if then_close:
            line.sock.close()
            raise OSError
        if line.read() == b"DONE":
            line.say(tag + b" OK done")
        return True

    return Scripted(imap_script(answer, capabilities=b"IMAP4rev1 IDLE"))


def test_a_goodbye_is_told_with_its_reason(
    loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    with idle_script(b"* BYE too many connections", then_close=True) as server:
        login = Server("127.0.0.1", server.port, "none", "a", "b")
        pool.add("x", inbox(login, loopback_guard))
        key, error = heard.lost.get(timeout=5)
    assert (key, error.code) == ("x", "throttled")


def test_a_refused_idle_is_lost(loopback_guard: Guard, pool: IdlePool, heard: Heard) -> None:
    with idle_script(accept=False) as server:
        pool.add("x", inbox(Server("127.0.0.1", server.port, "none", "a", "b"), loopback_guard))
        assert heard.lost.get(timeout=5)[0] == "x"


def test_chatter_is_no_news(loopback_guard: Guard, pool: IdlePool, heard: Heard) -> None:
    with idle_script(b"* OK Still here", b"* 3 RECENT", b"garbage") as server:
        pool.add("x", inbox(Server("127.0.0.1", server.port, "none", "a", "b"), loopback_guard))
        settle(pool)
        session = pool.remove("x")
    assert session is not None
    assert heard.activity.empty()


def test_a_flood_without_line_end_is_cut_off(
    loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    with idle_script(b"* " + b"x" * 3_000_000) as server:
        pool.add("x", inbox(Server("127.0.0.1", server.port, "none", "a", "b"), loopback_guard))
        assert heard.lost.get(timeout=5)[1].code == "protocol"


def test_a_server_that_does_not_accept_the_wait_is_a_timeout(
    loopback_guard: Guard, heard: Heard
) -> None:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        return command == b"IDLE"

    pool = heard.pool(answer_within=0.5)
    try:
        with Scripted(imap_script(answer, capabilities=b"IMAP4rev1 IDLE")) as server:
            login = Server("127.0.0.1", server.port, "none", "a", "b")
            pool.add("x", inbox(login, loopback_guard))
            assert heard.lost.get(timeout=5)[1].code == "timeout"
            pool.add("y", inbox(login, loopback_guard))
            assert pool.remove("y", timeout=0.1) is None
            assert len(pool) == 0
    finally:
        pool.stop()


def test_a_server_without_idle_is_refused(
    poor_mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool
) -> None:
    session = inbox(poor_mailbox.server(), loopback_guard)
    with pytest.raises(PermanentFailure) as caught:
        pool.add("x", session)
    assert caught.value.code == "unsupported"
    session.noop()
    session.close()


def test_a_closed_session_is_lost_and_the_pool_goes_on(
    mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool, heard: Heard
) -> None:
    session = inbox(mailbox.server(), loopback_guard)
    session.abort()
    with pytest.raises(WireError) as caught:
        pool.add("x", session)
    assert caught.value.code == "disconnected"
    pool.add("y", inbox(mailbox.server(), loopback_guard))
    settle(pool)


def test_a_key_is_watched_once_and_a_stopped_pool_takes_nothing(
    mailbox: Mailbox, loopback_guard: Guard, pool: IdlePool
) -> None:
    pool.add("x", inbox(mailbox.server(), loopback_guard))
    spare = inbox(mailbox.server(), loopback_guard)
    with pytest.raises(ValueError, match="watches this key already"):
        pool.add("x", spare)
    spare.noop()
    pool.stop()
    pool.stop()
    with pytest.raises(ValueError, match="stopped"):
        pool.add("z", spare)
    spare.close()


def test_a_callback_that_fails_does_not_end_the_pool(
    mailbox: Mailbox, loopback_guard: Guard, heard: Heard
) -> None:
    def fail(key: Hashable) -> None:
        heard.activity.put(key)
        raise RuntimeError("boom")

    pool = IdlePool(fail, heard.on_lost)
    try:
        pool.add("x", inbox(mailbox.server(), loopback_guard))
        settle(pool)
        for _ in range(2):
            mailbox.deliver(b"Subject: x\r\n\r\n")
            assert heard.activity.get(timeout=5) == "x"
    finally:
        pool.stop()
