"""A test of settings ends in time, and names what to change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from relance.wire import check
from relance.wire.check import check_incoming, check_outgoing
from relance.wire.errors import WireError
from relance.wire.guard import Guard
from relance.wire.servers import Server
from tests.servers.fixtures import Mailbox
from tests.servers.process import free_port
from tests.servers.scripted import Scripted
from tests.servers.smtp import SmtpServer


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_ANSWER_WITHIN", 1.0)
    monkeypatch.setattr(check, "_PROBE_WITHIN", 1.0)


@pytest.fixture(scope="module")
def silent() -> Iterator[Scripted]:
    with Scripted(lambda line: line.wait()) as server:
        yield server


def incoming(server: Server, guard: Guard) -> str:
    with pytest.raises(WireError) as caught:
        check_incoming(server, guard)
    return caught.value.code


def outgoing(server: Server, guard: Guard) -> str:
    with pytest.raises(WireError) as caught:
        check_outgoing(server, guard)
    return caught.value.code


def test_right_settings_pass(
    mailbox: Mailbox, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    check_incoming(mailbox.server(), loopback_guard)
    check_incoming(mailbox.server(security="tls", verify=False), loopback_guard)
    check_outgoing(Server("127.0.0.1", smtp_server.port, "none", "alice", "secret"), loopback_guard)
    assert smtp_server.received == []


def test_a_wrong_password_is_named(
    mailbox: Mailbox, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    wrong = replace(mailbox.server(), password="wrong")
    assert incoming(wrong, loopback_guard) == "wrong_password"
    wrong = Server("127.0.0.1", smtp_server.port, "none", "alice", "wrong")
    assert outgoing(wrong, loopback_guard) == "wrong_password"


def test_a_wrong_port_is_named_whatever_stands_there(
    mailbox: Mailbox, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    dovecot = mailbox.dovecot
    plain = mailbox.server()
    tls = mailbox.server(security="tls", verify=False)
    assert incoming(replace(plain, port=smtp_server.port), loopback_guard) == "wrong_port"
    assert incoming(replace(tls, port=dovecot.port), loopback_guard) == "wrong_port"
    assert incoming(replace(plain, port=dovecot.tls_port), loopback_guard) == "wrong_port"
    assert incoming(replace(plain, port=dovecot.pop3_port), loopback_guard) == "wrong_port"
    for one in (plain, tls):
        assert outgoing(replace(one, port=dovecot.port), loopback_guard) == "wrong_port"
    assert outgoing(replace(plain, port=dovecot.tls_port), loopback_guard) == "wrong_port"


def test_an_untrusted_certificate_is_named(mailbox: Mailbox, loopback_guard: Guard) -> None:
    assert incoming(mailbox.server(security="tls"), loopback_guard) == "certificate"
    with SmtpServer(implicit_tls=True) as server:
        target = Server("127.0.0.1", server.port, "tls", "alice", "secret")
        assert outgoing(target, loopback_guard) == "certificate"


def test_silence_is_a_timeout(silent: Scripted, loopback_guard: Guard) -> None:
    for security in ("none", "starttls", "tls"):
        server = Server("127.0.0.1", silent.port, security, "a", "b")  # type: ignore[arg-type]
        assert incoming(server, loopback_guard) == "timeout"
        assert outgoing(server, loopback_guard) == "timeout"


def test_nobody_listening_is_named(loopback_guard: Guard) -> None:
    server = Server("127.0.0.1", free_port(), "tls", "a", "b")
    assert incoming(server, loopback_guard) == "refused"
    assert outgoing(server, loopback_guard) == "refused"


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1", "refused_host"),
        ("10.0.0.1", "refused_host"),
        ("localhost", "refused_host"),
        ("169.254.169.254", "refused_host"),
        ("nothing.invalid", "unknown_host"),
        ("not a host", "unknown_host"),
    ],
)
def test_hosts_are_told_apart(host: str, code: str) -> None:
    server = Server(host, 993, "tls", "a", "b")
    assert incoming(server, Guard()) == code
    assert outgoing(server, Guard()) == code


def test_a_test_ends_in_time_whatever_happens(
    silent: Scripted, loopback_guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_ANSWER_WITHIN", 5.0)
    monkeypatch.setattr(check, "LONGEST", 0.3)
    started = time.monotonic()
    server = Server("127.0.0.1", silent.port, "tls", "a", "b")
    assert incoming(server, loopback_guard) == "timeout"
    assert time.monotonic() - started < 1


def test_the_real_bounds_fit_in_fifteen_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert check.LONGEST <= 15
    assert check._ANSWER_WITHIN + check._PROBE_WITHIN < check.LONGEST
