"""The one door to the network.

Every outgoing connection of the product (mail, look-ups, webhooks) is opened here. A host is
resolved once, its addresses are judged, and the connection is made to the very address judged, so
that a name which answers differently the second time (DNS rebinding) gains nothing. Ranges that
are not the public internet are refused unless the administrator lists the host.

Ranges: IANA special-purpose registries (RFC 6890), RFC 6598 (carrier-grade NAT), RFC 6052 and
RFC 8215 (NAT64), RFC 4291 (mapped and compatible addresses), and the cloud metadata address that
lives in public space.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from relance.wire.errors import PermanentFailure, TransientFailure, WireError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_CLOSED_RANGES: Final = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16
    172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32
    2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
_CLOSED: Final[tuple[IPNetwork, ...]] = tuple(map(ipaddress.ip_network, _CLOSED_RANGES.split()))
_HOST = re.compile(r"[A-Za-z0-9._:\-\[\]%]{1,255}")
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))


@dataclass(frozen=True)
class Guard:
    """Which hosts outside the public internet may be reached.

    ``allowed_hosts`` holds names, addresses, ``host:port`` pairs (IPv6 in brackets) and CIDR
    networks, as the administrator listed them.
    """

    allowed_hosts: frozenset[str] = frozenset()

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(entry.strip().lower() for entry in self.allowed_hosts)

    @cached_property
    def _networks(self) -> tuple[IPNetwork, ...]:
        return tuple(net for net in map(_network, sorted(self._names)) if net is not None)

    def lists(self, host: str, port: int) -> bool:
        """Say whether the administrator listed this very host (with or without its port)."""
        name = host.strip("[]").lower().rstrip(".")
        pairs = {name, f"[{name}]", f"{name}:{port}", f"[{name}]:{port}"}
        if not pairs.isdisjoint(self._names):
            return True
        address = _address(name)
        return address is not None and self._in_networks(address)

    def allows(self, host: str, port: int, address: IPAddress) -> bool:
        """Say whether ``address``, found for ``host``, may be connected to."""
        if self.lists(host, port) or self._in_networks(address):
            return True
        return is_public(address)

    def _in_networks(self, address: IPAddress) -> bool:
        return any(address in network for network in self._networks)


def _network(text: str) -> IPNetwork | None:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_public(address: IPAddress) -> bool:
    """Say whether an address belongs to the public internet."""
    if address.is_multicast or address.is_unspecified or not address.is_global:
        return False
    return not any(address in network for network in _CLOSED)


def ascii_host(host: str) -> str:
    """Return the host as it goes on the wire (IDNA, no brackets, no final dot).

    Raises ``PermanentFailure('unknown_host')`` for what cannot be a host name.
    """
    name = host.strip().rstrip(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise PermanentFailure("unknown_host", "not a host name")
    return name.strip("[]")


def check_host(host: str, port: int, guard: Guard) -> list[tuple[str, int]]:
    """Resolve ``host`` and return the (address, port) pairs that may be connected to.

    Raises ``refused_host`` when the guard leaves none, ``unknown_host`` when there is none.
    """
    name = ascii_host(host)
    if not 0 < port < 65536:
        raise PermanentFailure("refused", "not a port")
    found = _resolve(name, port)
    allowed = [text for text in found if guard.allows(name, port, _parsed(text))]
    if not allowed:
        raise PermanentFailure("refused_host", "the host is not on the public internet")
    return [(text, port) for text in allowed]


def _parsed(text: str) -> IPAddress:
    return ipaddress.ip_address(text.partition("%")[0])


def _resolve(name: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise TransientFailure("unknown_host", "the name server did not answer") from error
        raise PermanentFailure("unknown_host", "the name does not resolve") from error
    except (OSError, UnicodeError) as error:
        raise PermanentFailure("unknown_host", "the name cannot be resolved") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def open_socket(host: str, port: int, *, guard: Guard, timeout: float) -> socket.socket:
    """Connect to ``host`` within ``timeout`` seconds, through the guard.

    Each allowed address is tried in the resolver's order; the timeout is for all of them. The
    socket returned has that timeout and keep-alive probes set.
    Raises ``timeout``, ``refused``, ``refused_host`` or ``unknown_host``.
    """
    deadline = time.monotonic() + timeout
    failure: WireError = TransientFailure("timeout", "no address answered in time")
    for address in check_host(host, port, guard):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        try:
            sock = socket.create_connection(address, timeout=remaining)
        except TimeoutError:
            failure = TransientFailure("timeout", "the connection was not made in time")
        except OSError as error:
            failure = TransientFailure("refused", f"no connection (errno {error.errno})")
        else:
            _keep_alive(sock)
            sock.settimeout(timeout)
            return sock
    raise failure


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
