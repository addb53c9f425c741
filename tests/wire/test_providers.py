"""What is proposed for an address, from the table and from the outside."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from relance.wire import autoconfig, providers, tls
from relance.wire.autoconfig import Found, fetch, read_config
from relance.wire.endpoints import Endpoint
from relance.wire.guard import Guard, ascii_host
from relance.wire.providers import (
    all_providers,
    by_domain,
    by_id,
    by_mx,
    for_address,
    tiles,
)
from tests.servers.certificates import self_signed
from tests.servers.process import private_folder, unprivileged
from tests.servers.scripted import Line, Scripted

NOBODY = Guard()


def test_every_provider_has_encrypted_servers_and_sound_facts() -> None:
    ids = [provider.id for provider in all_providers()]
    assert len(ids) == len(set(ids)) >= 45
    for provider in all_providers():
        assert provider.imap, provider.id
        assert provider.smtp, provider.id
        for endpoint in (*provider.imap, *provider.pop3, *provider.smtp):
            assert endpoint.security in ("tls", "starttls")
            assert endpoint.username in ("email", "localpart")
            assert ascii_host(endpoint.host) == endpoint.host
            assert 0 < endpoint.port < 65536
        assert all(domain == domain.lower() for domain in provider.domains)
        for url in (provider.app_password_url, provider.help_url):
            assert url == "" or url.startswith("https://")


def test_no_domain_belongs_to_two_providers() -> None:
    domains = [domain for provider in all_providers() for domain in provider.domains]
    assert len(domains) == len(set(domains))


def test_the_popular_tiles_come_first_and_custom_last() -> None:
    ids = [tile.id for tile in tiles()]
    assert ids[:5] == ["zoho", "gmail", "outlook", "microsoft365", "yahoo"]
    assert ids[-1] == "custom"
    assert {"orange", "free", "sfr", "laposte", "ovh-mxplan", "gandi", "infomaniak"} < set(ids)


def test_a_provider_without_passwords_says_why() -> None:
    assert {one.id for one in all_providers() if one.refusal} == {"outlook", "microsoft365"}
    proposal = for_address("jean@outlook.fr", lookup=False, guard=NOBODY)
    assert proposal.reason == "oauth_required"


@pytest.mark.parametrize(
    ("address", "provider", "imap_host", "login"),
    [
        ("Jean.Dupont@Gmail.com", "gmail", "imap.gmail.com", "Jean.Dupont@gmail.com"),
        ("jean@free.fr", "free", "imap.free.fr", "jean"),
        ("jean@wanadoo.fr", "orange", "imap.orange.fr", "jean@wanadoo.fr"),
        ("jean@zohomail.eu", "zoho-eu", "imap.zoho.eu", "jean@zohomail.eu"),
    ],
)
def test_an_address_of_a_known_domain_is_proposed_its_servers(
    address: str, provider: str, imap_host: str, login: str
) -> None:
    proposal = for_address(address, lookup=False, guard=NOBODY)
    assert (proposal.source, proposal.reason) == ("table", "")
    assert proposal.provider is not None
    assert proposal.imap is not None
    assert (proposal.provider.id, proposal.imap.host) == (provider, imap_host)
    assert proposal.imap_username == login
    server = proposal.imap.server(address, "canary")
    assert (server.host, server.port, server.security) == (imap_host, 993, "tls")
    assert "canary" not in repr(server)


def test_nothing_is_asked_outside_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("asked outside")

    for name in ("from_own_host", "from_well_known", "from_srv", "mx_hosts"):
        monkeypatch.setattr(autoconfig, name, forbidden)
    proposal = for_address("jean@clarte.example", lookup=False, guard=NOBODY)
    assert (proposal.source, proposal.imap) == ("manual", None)
    assert proposal.imap_username == "jean@clarte.example"


@pytest.mark.parametrize("address", ["", "jean", "jean@", "@", "a@b@gmail.com", "jean@..", "é@é.é"])
def test_odd_addresses_end_in_the_users_own_hands_or_in_the_table(address: str) -> None:
    assert for_address(address, lookup=False, guard=NOBODY).source in ("manual", "table")


FOUND = Found(
    Endpoint("imap.clarte.example", 993, "tls"), Endpoint("smtp.clarte.example", 465, "tls")
)


def silenced(monkeypatch: pytest.MonkeyPatch, *, speaking: str, answer: object) -> list[str]:
    """Let only one way of asking answer; return the order in which ways were asked."""
    asked: list[str] = []

    def way(name: str, empty: object) -> Callable[..., Any]:
        def ask(*_: object) -> object:
            asked.append(name)
            return answer if name == speaking else empty

        return ask

    for name in ("from_own_host", "from_well_known", "from_srv"):
        monkeypatch.setattr(autoconfig, name, way(name, None))
    monkeypatch.setattr(autoconfig, "mx_hosts", way("mx_hosts", []))
    return asked


@pytest.mark.parametrize(
    ("speaking", "source", "asked_count"),
    [
        ("from_own_host", "autoconfig", 1),
        ("from_well_known", "well-known", 2),
        ("from_srv", "srv", 3),
    ],
)
def test_look_ups_follow_their_order_and_stop_at_the_first_answer(
    speaking: str, source: str, asked_count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = silenced(monkeypatch, speaking=speaking, answer=FOUND)
    proposal = for_address("jean@clarte.example", lookup=True, guard=NOBODY)
    assert (proposal.source, proposal.imap, proposal.smtp) == (source, FOUND.imap, FOUND.smtp)
    order = ["from_own_host", "from_well_known", "from_srv", "mx_hosts"]
    assert asked == order[:asked_count]


@pytest.mark.parametrize(
    ("host", "provider", "reason"),
    [
        ("aspmx.l.google.com", "gmail", ""),
        ("clarte-example.mail.protection.outlook.com", "microsoft365", "oauth_required"),
        ("mx1.mail.ovh.net", "ovh-mxplan", ""),
        ("spool.mail.gandi.net", "gandi", ""),
    ],
)
def test_a_domain_of_ones_own_is_recognised_by_its_mail_exchanger(
    host: str, provider: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    silenced(monkeypatch, speaking="mx_hosts", answer=[host])
    proposal = for_address("jean@clarte.example", lookup=True, guard=NOBODY)
    assert proposal.provider is not None
    assert (proposal.source, proposal.provider.id, proposal.reason) == ("mx", provider, reason)


def test_a_suffix_is_whole_labels() -> None:
    assert by_mx("mx.evilgoogle.com") is None
    assert by_mx("google.com") is by_id("gmail")
    assert by_domain("GMAIL.COM.") is by_id("gmail")


CONFIG = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="clarte.example">
  <incomingServer type="pop3"><hostname>pop.clarte.example</hostname><port>995</port>
    <socketType>SSL</socketType><username>%EMAILADDRESS%</username></incomingServer>
  <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>143</port>
    <socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username>
    <authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
    <socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.clarte.example</hostname><port>587</port>
    <socketType>STARTTLS</socketType><username>c_%EMAILLOCALPART%</username></outgoingServer>
</emailProvider></clientConfig>"""


def test_a_configuration_file_is_read_tls_first() -> None:
    found = read_config(CONFIG, "jean@clarte.example")
    assert found is not None
    assert found.imap == Endpoint("imap.clarte.example", 993, "tls", "localpart")
    assert found.smtp == Endpoint("smtp.clarte.example", 587, "starttls", "c_jean")
    assert found.smtp.login_of("jean@clarte.example") == "c_jean"
    assert not found.oauth_only


def test_a_configuration_of_oauth_alone_says_so() -> None:
    content = CONFIG.replace(b"password-cleartext", b"OAuth2")
    found = read_config(content, "jean@clarte.example")
    assert found is not None
    assert found.oauth_only


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<clientConfig>&b;</clientConfig>"""
STEAL = (
    b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><clientConfig>&a;</clientConfig>"""
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>404</body>",
        b"\xff\xfe\x00",
        BOMB,
        STEAL,
        CONFIG.replace(b"SSL", b"plain").replace(b"STARTTLS", b"plain"),
        CONFIG.replace(b"993", b"99999999999999").replace(b"143", b"x"),
        CONFIG.replace(b"imap.%EMAILDOMAIN%", b"a b\r\nc"),
        CONFIG.replace(b'type="smtp"', b'type="other"'),
    ],
)
def test_a_file_without_two_sound_servers_is_nothing(content: bytes) -> None:
    assert read_config(content, "jean@clarte.example") is None


@pytest.fixture
def https(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], Scripted]]:
    """Start HTTPS servers on loopback whose certificate is trusted; answers are given raw."""
    certificate = self_signed(private_folder("https", unprivileged()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    client = ssl.create_default_context(cafile=str(certificate.cert))
    monkeypatch.setattr(tls, "client_context", lambda *, verify=True: client)
    started: list[Scripted] = []

    def serve(answer: bytes) -> Scripted:
        def script(line: Line) -> None:
            with context.wrap_socket(line.sock, server_side=True) as secured:
                secured.recv(65536)
                secured.sendall(answer)

        started.append(Scripted(script))
        return started[-1]

    yield serve
    for server in started:
        server.stop()


LISTED = Guard(frozenset({"localhost"}))
Serve = Callable[[bytes], Scripted]


def response(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


def test_a_file_is_fetched_over_https(https: Serve) -> None:
    server = https(response(b"<x/>"))
    assert fetch(f"https://localhost:{server.port}/a?b=c", LISTED) == b"<x/>"


def test_a_redirect_is_followed_through_the_guard(https: Serve) -> None:
    target = https(response(b"<x/>"))
    allowed = https(response(b"", b"302 F", b"Location: https://localhost:%d/y" % target.port))
    assert fetch(f"https://localhost:{allowed.port}/x", LISTED) == b"<x/>"
    private = https(response(b"", b"302 F", b"Location: https://127.0.0.1:%d/y" % target.port))
    assert fetch(f"https://localhost:{private.port}/x", LISTED) is None
    assert target.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        response(b"x" * 70_000),
        response(b"no", b"404 Not Found"),
        response(b"", b"302 F", b"Location: http://localhost/plain"),
        response(b"", b"302 F", b"Location: file:///etc/passwd"),
        response(b"", b"302 F"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        b"garbage",
        b"",
    ],
)
def test_any_other_answer_is_nothing(answer: bytes, https: Serve) -> None:
    server = https(answer)
    assert fetch(f"https://localhost:{server.port}/", LISTED) is None


def test_an_endless_redirect_ends(https: Serve) -> None:
    server = https(response(b"", b"302 F", b"Location: /again"))
    assert fetch(f"https://localhost:{server.port}/", LISTED) is None
    assert server.connections == 3


def test_a_dripping_answer_ends_in_time(
    monkeypatch: pytest.MonkeyPatch, loopback_guard: Guard
) -> None:
    monkeypatch.setattr(autoconfig, "LONGEST", 0.5)
    with Scripted(lambda line: line.wait()) as silent:
        assert fetch(f"https://127.0.0.1:{silent.port}/", loopback_guard) is None


@pytest.mark.parametrize(
    "url", ["http://localhost/", "file:///etc/passwd", "https:///x", "https://127.0.0.1/", "x"]
)
def test_nothing_but_guarded_https_is_fetched(url: str) -> None:
    assert fetch(url, NOBODY) is None


def answering(records: dict[str, list[str]]) -> Callable[[str, str], list[str]]:
    return lambda name, kind: records.get(f"{kind} {name}", [])


def test_services_come_from_the_dns_encrypted_ones_only(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {
        "SRV _imaps._tcp.clarte.example": ["20 0 993 b.example.", "10 0 993 a.example."],
        "SRV _submission._tcp.clarte.example": ["0 1 587 smtp.example."],
    }
    monkeypatch.setattr(autoconfig, "dns_answers", answering(records))
    found = autoconfig.from_srv("jean@clarte.example")
    assert found == Found(
        Endpoint("a.example", 993, "tls"), Endpoint("smtp.example", 587, "starttls")
    )


def test_a_service_declared_absent_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"SRV _imaps._tcp.clarte.example": ["0 0 0 ."]}
    monkeypatch.setattr(autoconfig, "dns_answers", answering(records))
    assert autoconfig.from_srv("jean@clarte.example") is None


def test_exchangers_come_preferred_first(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"MX clarte.example": ["20 Second.example.", "5 first.example."]}
    monkeypatch.setattr(autoconfig, "dns_answers", answering(records))
    assert autoconfig.mx_hosts("clarte.example") == ["first.example", "second.example"]


def test_a_dead_dns_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import dns.resolver

    def fail(*_: object, **__: object) -> None:
        raise dns.resolver.NoNameservers

    monkeypatch.setattr(dns.resolver, "resolve", fail)
    assert autoconfig.dns_answers("clarte.example", "MX") == []


def test_a_lookup_that_finds_nothing_does_not_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(autoconfig, "dns_answers", answering({}))
    assert providers.for_address("a@clarte.example", lookup=True, guard=NOBODY).source == "manual"
