"""The servers as pytest fixtures: one of each per session, clean users per test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from relance.wire.guard import Guard
from relance.wire.servers import Security, Server
from tests.servers.dovecot import POOR, Dovecot
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpServer

PASSWORD = 'un mot de passe "é\\'
_USERS = {f"user{number}@clarte.example": PASSWORD for number in range(1, 1001)}
_names = itertools.cycle(_USERS)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot with all its extensions."""
    with Dovecot(users=_USERS) as server:
        yield server


@pytest.fixture(scope="session")
def poor_dovecot() -> Iterator[Dovecot]:
    """A Dovecot that announces nothing beyond RFC 3501 and marks no folder."""
    with Dovecot(users=_USERS, capability=POOR, special_use=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a private PostgreSQL database."""
    with Postgres() as server:
        yield server.url


@pytest.fixture(scope="session")
def _smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer(features=("8BITMIME", "SMTPUTF8", "SIZE 50000000")) as server:
        yield server


@pytest.fixture
def smtp_server(_smtp_server: SmtpServer) -> SmtpServer:
    """A recording submission server (user ``alice``, password ``secret``), forgetful per test."""
    _smtp_server.reset()
    return _smtp_server


@pytest.fixture
def loopback_guard() -> Guard:
    """A guard whose administrator lists the loopback address."""
    return Guard(frozenset({"127.0.0.1", "localhost"}))


class Mailbox:
    """A fresh user of a Dovecot (a thousand wait), and how to reach him."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot
        self.user = next(_names)
        self.password = PASSWORD

    def server(self, *, port: int = 0, security: Security = "none", verify: bool = True) -> Server:
        """Return his incoming server; ``port`` names a relay in between."""
        usual = self.dovecot.tls_port if security == "tls" else self.dovecot.port
        return Server("127.0.0.1", port or usual, security, self.user, self.password, verify)

    def deliver(self, raw: bytes, folder: str = "INBOX", flags: tuple[str, ...] = ()) -> None:
        """Deliver one mail to him."""
        self.dovecot.deliver(self.user, raw, folder, flags)


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """A fresh, empty mailbox on the full server."""
    return Mailbox(dovecot)


@pytest.fixture
def poor_mailbox(poor_dovecot: Dovecot) -> Mailbox:
    """A fresh, empty mailbox on the poor server."""
    return Mailbox(poor_dovecot)
