"""Finding a domain's mail servers: its own configuration file, then its DNS.

The file is Thunderbird's autoconfig format, fetched over HTTPS only, through the guard, at most
64 kB in 5 seconds. DNS: RFC 6186 and RFC 8314 SRV records, then the MX host. Whatever fails here
means "not found": the user types the settings himself.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from relance.wire.channel import Channel
from relance.wire.endpoints import Endpoint, sound_endpoint
from relance.wire.errors import WireError
from relance.wire.guard import Guard, ascii_host

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024
LONGEST: Final = 5.0
_MOST_REDIRECTS: Final = 2
_SECURITY: Final = {"SSL": "tls", "STARTTLS": "starttls"}
_USERNAMES: Final = {"%EMAILADDRESS%": "email", "%EMAILLOCALPART%": "localpart"}
_SERVICES: Final = {
    "imap": (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls")),
    "smtp": (("_submissions._tcp", "tls"), ("_submission._tcp", "starttls")),
}


@dataclass(frozen=True)
class Found:
    """A pair of endpoints, and whether the domain says that no password will do."""

    imap: Endpoint
    smtp: Endpoint
    oauth_only: bool = False


def from_own_host(address: str, guard: Guard) -> Found | None:
    """Ask ``autoconfig.<domain>``."""
    domain = address.rpartition("@")[2]
    url = f"https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={quote(address)}"
    return _from_file(url, address, guard)


def from_well_known(address: str, guard: Guard) -> Found | None:
    """Ask the domain itself, under ``/.well-known``."""
    domain = address.rpartition("@")[2]
    return _from_file(
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml", address, guard
    )


def _from_file(url: str, address: str, guard: Guard) -> Found | None:
    content = fetch(url, guard)
    return read_config(content, address) if content else None


def fetch(url: str, guard: Guard) -> bytes | None:
    """Return a small file over HTTPS, or None. Redirects go through the guard as well."""
    deadline = time.monotonic() + LONGEST
    for _ in range(_MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            return None
        try:
            status, place, content = _get(parts, guard, deadline - time.monotonic())
        except (WireError, OSError, http.client.HTTPException, ValueError) as error:
            logger.info("no configuration file (%s)", type(error).__name__)
            return None
        if status not in (301, 302, 303, 307, 308):
            return content if status == 200 else None
        url = urljoin(url, place)
    return None


def _get(parts: SplitResult, guard: Guard, seconds: float) -> tuple[int, str, bytes | None]:
    """Return (status, location, content) of one request; nothing lasts beyond ``seconds``."""
    host, port = ascii_host(parts.hostname or ""), parts.port or 443
    channel = Channel.connect(host, port, guard=guard, timeout=max(seconds, 0.1))
    stopper = threading.Timer(max(seconds, 0.1), channel.close)
    stopper.daemon = True
    stopper.start()
    try:
        channel.start_tls(host, verify=True)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = channel.sock
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/xml, text/xml"})
        response = connection.getresponse()
        content = response.read(MOST_BYTES + 1)
        whole = len(content) <= MOST_BYTES and not response.length
        place = response.headers.get("Location", "")
        return response.status, place, content if whole else None
    finally:
        stopper.cancel()
        channel.close()


def read_config(content: bytes, address: str) -> Found | None:
    """Read a configuration file; None when it offers no encrypted IMAP and SMTP."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    incoming = [one for one in root.iter("incomingServer") if one.get("type") == "imap"]
    outgoing = [one for one in root.iter("outgoingServer") if one.get("type") == "smtp"]
    imap, smtp = _first(incoming, address), _first(outgoing, address)
    if imap is None or smtp is None:
        return None
    methods = {(one.text or "").strip().lower() for one in root.iter("authentication")}
    return Found(imap, smtp, oauth_only=methods == {"oauth2"})


def _first(elements: list[Element], address: str) -> Endpoint | None:
    found = [_endpoint(element, address) for element in elements[:20]]
    sound = [one for one in found if one is not None]
    sound.sort(key=lambda one: one.security != "tls")
    return sound[0] if sound else None


def _endpoint(element: Element, address: str) -> Endpoint | None:
    def text(name: str) -> str:
        found = element.find(name)
        return (found.text or "").strip() if found is not None else ""

    port = text("port")
    username = text("username")
    return sound_endpoint(
        text("hostname").replace("%EMAILDOMAIN%", address.rpartition("@")[2]),
        int(port) if port.isdecimal() and len(port) < 6 else 0,
        _SECURITY.get(text("socketType").upper(), ""),
        _USERNAMES.get(username.upper(), _filled(username, address)),
    )


def _filled(username: str, address: str) -> str:
    """Fill a login form such as ``%EMAILLOCALPART%@mail.example``; the address by default."""
    local, _, domain = address.rpartition("@")
    for mark, value in (
        ("%EMAILADDRESS%", address),
        ("%EMAILLOCALPART%", local),
        ("%EMAILDOMAIN%", domain),
    ):
        username = username.replace(mark, value)
    return username if username and username.isprintable() else "email"


def from_srv(address: str) -> Found | None:
    """Ask the DNS for the domain's services; only encrypted ones count."""
    domain = address.rpartition("@")[2]
    imap, smtp = _service(domain, "imap"), _service(domain, "smtp")
    return Found(imap, smtp) if imap and smtp else None


def _service(domain: str, kind: str) -> Endpoint | None:
    for name, security in _SERVICES[kind]:
        records = dns_answers(f"{name}.{domain}", "SRV")
        usable = [line.split() for line in records if len(line.split()) == 4]
        for _priority, _weight, port, target in sorted(usable, key=lambda one: int(one[0])):
            endpoint = sound_endpoint(target.rstrip("."), int(port), security, "email")
            if endpoint is not None:
                return endpoint
    return None


def mx_hosts(domain: str) -> list[str]:
    """Return the domain's mail exchangers in lower case, the preferred one first."""
    usable = [line.split() for line in dns_answers(domain, "MX") if len(line.split()) == 2]
    usable.sort(key=lambda one: int(one[0]))
    return [host.rstrip(".").lower() for _preference, host in usable]


def dns_answers(name: str, kind: str) -> list[str]:
    """Return records in their text form; nothing when there are none or the DNS fails."""
    import dns.exception
    import dns.resolver

    try:
        answers = dns.resolver.resolve(name, kind, lifetime=LONGEST)
    except (dns.exception.DNSException, OSError, ValueError) as error:
        logger.info("no %s records (%s)", kind, type(error).__name__)
        return []
    return [record.to_text() for record in answers][:50]
