"""Where a mailbox lives: host, port, security, credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from relance.wire.errors import PermanentFailure
from relance.wire.guard import Guard

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class Server:
    """One server and how to log in. ``verify=False`` is for hosts the administrator listed."""

    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    verify: bool = True


def require_safe(server: Server, guard: Guard) -> None:
    """Refuse settings that would show a password, or trust anybody.

    Raises ``refused_host``: a password in clear text, or an unverified certificate, is accepted
    only for a host the administrator lists as it is typed (a listed network covers addresses, not
    the names that point into it).
    """
    if guard.lists(server.host, server.port):
        return
    if server.security == "none" and server.password:
        raise PermanentFailure("refused_host", "no password in clear text to this host")
    if not server.verify:
        raise PermanentFailure("refused_host", "certificates of this host must be verified")


def require_plain_credentials(server: Server) -> None:
    """Refuse control characters in credentials, which could smuggle commands.

    Raises ``wrong_password``: no server accepts such credentials (RFC 4616, RFC 5802).
    """
    if any(ord(character) < 32 for character in server.username + server.password):
        raise PermanentFailure("wrong_password", "control characters in the credentials")
