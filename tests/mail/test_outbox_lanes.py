"""The jobs process: a lane for each mailbox, connections that rest, an orderly end."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from relance.mail import jobs, outbox
from relance.mail.models import MailAccount, Outgoing
from relance.mail.outbox import connections, lanes
from relance.mail.outbox.lanes import Lanes
from relance.users.models import User
from relance.wire.guard import Guard
from relance.wire.servers import Server
from relance.wire.smtp import SmtpSession
from tests.mail.sending import ALICE, Sender, sender, state_of
from tests.servers.smtp import STALL, SmtpServer

__all__ = ["sender"]
pytestmark = pytest.mark.django_db(transaction=True)
GUARD = Guard(frozenset({"127.0.0.1"}))


@pytest.fixture
def running() -> Iterator[Lanes]:
    mine = Lanes()
    yield mine
    mine.stop(10)


@pytest.fixture
def silent() -> Iterator[SmtpServer]:
    """A server that takes connections and says nothing."""
    with SmtpServer() as server:
        server.at["banner"] = STALL
        yield server


def until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def mailbox_on(owner: User, port: int) -> MailAccount:
    other = MailAccount.objects.get()
    other.pk, other.address, other.smtp_port = None, "other@clarte.example", port
    other._state.adding = True
    other.save()
    other.folders.create(path="Sent", special_use="sent", uidvalidity=1)
    return other


def test_waking_returns_at_once_and_the_mail_leaves(sender: Sender, running: Lanes) -> None:
    outgoing = sender.write()
    assert running.wake() == 1
    until(lambda: state_of(outgoing) == Outgoing.State.SENT)
    until(lambda: not running.is_busy)
    assert running.wake() == 0


def test_a_silent_server_delays_no_other_mailbox(
    sender: Sender, running: Lanes, silent: SmtpServer
) -> None:
    slow = mailbox_on(sender.owner, silent.port)
    stuck = outbox.queue(slow, sender.owner, outbox.Letter("Devis", "x", (ALICE,)))
    assert running.wake() == 1
    until(lambda: silent.connections == 1)
    quick = sender.write()
    assert running.wake() == 1, "the one that waits has its lane already"
    until(lambda: state_of(quick) == Outgoing.State.SENT)
    assert outbox.take_back(stuck.pk, sender.owner), "who only tries to connect has no mail yet"
    silent.stop()
    until(lambda: not running.is_busy)
    assert state_of(stuck) == Outgoing.State.DRAFT


def test_a_mailbox_out_of_reach_rests_before_its_next_mail_is_tried(
    sender: Sender, running: Lanes
) -> None:
    MailAccount.objects.update(smtp_port=1)
    first, second = sender.write(), sender.write()
    running.wake()
    until(lambda: state_of(first) == Outgoing.State.RETRYING)
    until(lambda: not running.is_busy)
    assert running.wake() == 0
    assert state_of(second) == Outgoing.State.QUEUED


def test_the_end_waits_for_what_has_begun_and_begins_nothing(
    sender: Sender, running: Lanes
) -> None:
    mails = [sender.write(text=str(n)) for n in range(60)]
    running.wake()
    until(lambda: bool(sender.server.received))
    running.stop(20)
    assert not Outgoing.objects.filter(state="sending").exists()
    sent = Outgoing.objects.filter(state="sent").count()
    assert sent == len(sender.server.received)
    assert running.wake() == 0
    assert sent <= len(mails)


def test_the_job_wakes_the_lanes(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    woken = threading.Event()
    monkeypatch.setattr(lanes._lanes, "wake", woken.set)
    jobs.deliver.call_local(sender.write().pk)
    assert woken.is_set()


class TestConnections:
    @pytest.fixture
    def server(self, smtp_server: SmtpServer) -> Server:
        return Server("127.0.0.1", smtp_server.port, "none", "alice", "secret")

    def submit(self, server: Server) -> None:
        with connections.lent(server, GUARD) as session:
            session.submit(mail_from="a@b.example", rcpt_to=["c@d.example"], data=b"x: y\r\n\r\nz")

    def test_one_that_rests_is_used_again(self, server: Server, smtp_server: SmtpServer) -> None:
        for _ in range(3):
            self.submit(server)
        assert smtp_server.connections == 1

    def test_two_at_once_are_two(self, server: Server, smtp_server: SmtpServer) -> None:
        with connections.lent(server, GUARD) as one:
            one.open()
            self.submit(server)
        assert smtp_server.connections == 2

    def test_another_password_is_another_login(
        self, server: Server, smtp_server: SmtpServer
    ) -> None:
        self.submit(server)
        smtp_server.users["alice"] = "new"
        try:
            self.submit(Server("127.0.0.1", smtp_server.port, "none", "alice", "new"))
        finally:
            smtp_server.users["alice"] = "secret"
        assert smtp_server.connections == 2

    def test_what_has_rested_says_goodbye(self, server: Server, smtp_server: SmtpServer) -> None:
        self.submit(server)
        connections.close_rested(60)
        assert "QUIT" not in smtp_server.commands
        connections.close_rested(0)
        until(lambda: "QUIT" in smtp_server.commands)
        self.submit(server)
        assert smtp_server.connections == 2

    def test_one_that_failed_is_not_lent_again(
        self, server: Server, smtp_server: SmtpServer
    ) -> None:
        smtp_server.at["mail"] = "451 4.3.0 later"
        for _ in range(2):
            with pytest.raises(Exception, match="451"):
                self.submit(server)
        assert smtp_server.connections == 2

    def test_one_does_not_serve_for_ever(
        self, server: Server, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "_MOST_MAILS", 2)
        for _ in range(4):
            self.submit(server)
        assert smtp_server.connections == 2

    def test_one_that_died_at_rest_is_replaced(
        self, server: Server, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "SmtpSession", partial(SmtpSession, timeout=5))
        self.submit(server)
        smtp_server.reset()
        time.sleep(0.05)
        self.submit(server)
        assert len(smtp_server.received) == 1
