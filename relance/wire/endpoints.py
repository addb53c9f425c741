"""Where a kind of mailbox is reached, before anybody's credentials are known."""

from __future__ import annotations

from dataclasses import dataclass

from relance.wire.errors import PermanentFailure
from relance.wire.guard import ascii_host
from relance.wire.servers import Security, Server


@dataclass(frozen=True)
class Endpoint:
    """Host, port and security; ``username``: email, localpart, or a login as it is."""

    host: str
    port: int
    security: Security
    username: str = "email"

    def login_of(self, address: str) -> str:
        """Return the login that belongs to an address."""
        if self.username == "localpart":
            return address.rpartition("@")[0]
        return address if self.username == "email" else self.username

    def server(self, address: str, password: str) -> Server:
        """Return the server for one mailbox."""
        return Server(self.host, self.port, self.security, self.login_of(address), password)


def sound_endpoint(host: str, port: int, security: str, username: str) -> Endpoint | None:
    """Return an endpoint found outside, or None when it is not one we would propose."""
    if security not in ("tls", "starttls") or not 0 < port < 65536:
        return None
    try:
        name = ascii_host(host).lower()
    except PermanentFailure:
        return None
    kind: Security = "tls" if security == "tls" else "starttls"
    return Endpoint(name, port, kind, username)
