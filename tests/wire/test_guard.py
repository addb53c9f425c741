"""The guard decides which addresses the product may ever connect to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import pytest

from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard, ascii_host, check_host, is_public, open_socket
from relance.wire.servers import Server, require_plain_credentials, require_safe

NOBODY = Guard()

CLOSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", CLOSED)
def test_an_address_outside_the_public_internet_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "172.32.0.1", "192.167.1.1", "2a00:1450:4007::5"])
def test_an_address_of_the_public_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", CLOSED)
def test_a_closed_address_is_refused_before_any_packet(text: str) -> None:
    with pytest.raises(PermanentFailure) as caught:
        open_socket(text, 993, guard=NOBODY, timeout=1)
    assert caught.value.code == "refused_host"


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_odd_spellings_of_loopback_are_refused(spelling: str) -> None:
    with pytest.raises(PermanentFailure) as caught:
        check_host(spelling, 993, NOBODY)
    assert caught.value.code in ("refused_host", "unknown_host")


@pytest.mark.parametrize(
    ("entry", "reachable"),
    [
        ("127.0.0.1", True),
        ("127.0.0.0/8", True),
        ("127.0.0.1:143", True),
        ("127.0.0.1:144", False),
        ("localhost", False),
        ("10.0.0.0/8", False),
        ("not a network/99", False),
    ],
)
def test_an_address_is_reachable_exactly_when_it_is_listed(entry: str, reachable: bool) -> None:
    guard = Guard(frozenset({entry}))
    if reachable:
        assert check_host("127.0.0.1", 143, guard) == [("127.0.0.1", 143)]
    else:
        with pytest.raises(PermanentFailure):
            check_host("127.0.0.1", 143, guard)


def test_a_listed_ipv6_address_is_recognised_with_its_port() -> None:
    guard = Guard(frozenset({"[::1]:993"}))
    assert guard.lists("::1", 993)
    assert guard.lists("[::1]", 993)
    assert not guard.lists("::1", 994)


Answers = Callable[..., list[tuple[object, ...]]]


def resolver(*turns: list[str]) -> tuple[Answers, list[str]]:
    """A resolver that answers differently each time, and remembers what it was asked."""
    asked: list[str] = []

    def answer(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        turn = turns[min(len(asked), len(turns) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in turn]

    return answer, asked


def test_a_name_that_resolves_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, _ = resolver(["10.0.0.7"])
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(PermanentFailure) as caught:
        check_host("mail.evil.example", 993, NOBODY)
    assert caught.value.code == "refused_host"


def test_private_addresses_beside_a_public_one_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, _ = resolver(["127.0.0.1", "8.8.8.8", "169.254.169.254"])
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert check_host("mail.evil.example", 993, NOBODY) == [("8.8.8.8", 993)]


def test_a_name_that_rebinds_is_connected_at_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, asked = resolver(["8.8.8.8"], ["127.0.0.1"])
    reached: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], **_: object) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(TransientFailure):
        open_socket("rebind.evil.example", 993, guard=NOBODY, timeout=1)
    assert asked == ["rebind.evil.example"]
    assert reached == [("8.8.8.8", 993)]


@pytest.mark.parametrize(
    "host", ["", "a b", "mail.example\r\nX: y", "mail\0.example", "http://x/", "x" * 300]
)
def test_what_cannot_be_a_host_is_refused(host: str) -> None:
    with pytest.raises(PermanentFailure) as caught:
        check_host(host, 993, NOBODY)
    assert caught.value.code == "unknown_host"


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_cannot_be_a_port_is_refused(port: int) -> None:
    with pytest.raises(PermanentFailure):
        check_host("127.0.0.1", port, Guard(frozenset({"127.0.0.1"})))


def test_an_international_name_goes_out_in_ascii() -> None:
    assert ascii_host("courrier.société.example.") == "courrier.xn--socit-esab.example"


def test_a_name_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(WireError) as caught:
        check_host("nothing.invalid", 993, NOBODY)
    assert caught.value.code == "unknown_host"


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with pytest.raises(TransientFailure) as caught:
            open_socket("127.0.0.1", port, guard=Guard(frozenset({"127.0.0.1"})), timeout=2)
    assert caught.value.code == "refused"


def test_a_password_never_goes_in_clear_to_a_host_that_is_not_listed() -> None:
    server = Server("mail.example", 143, "none", "alice", "secret")
    with pytest.raises(PermanentFailure) as caught:
        require_safe(server, NOBODY)
    assert caught.value.code == "refused_host"
    require_safe(server, Guard(frozenset({"mail.example"})))


def test_certificates_are_verified_unless_the_host_is_listed() -> None:
    server = Server("mail.example", 993, "tls", "alice", "secret", verify=False)
    with pytest.raises(PermanentFailure):
        require_safe(server, NOBODY)
    require_safe(server, Guard(frozenset({"mail.example:993"})))


@pytest.mark.parametrize("secret", ["a\r\nb", "a\0b", "a\nQUIT"])
def test_credentials_cannot_smuggle_commands(secret: str) -> None:
    with pytest.raises(PermanentFailure):
        require_plain_credentials(Server("mail.example", 993, "tls", "alice", secret))


def test_a_password_is_not_shown_by_a_server_or_an_error() -> None:
    server = Server("mail.example", 993, "tls", "alice", "canary-secret")
    assert "canary-secret" not in repr(server)


def test_what_a_server_says_is_cleaned_and_bounded() -> None:
    error = TransientFailure("timeout", "late", "bad\r\n\x1b[31m\u202etext" + "x" * 2000)
    assert error.server_text.startswith("bad [31m text")
    assert len(error.server_text) == 500


def test_an_unknown_code_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="unknown wire error code"):
        PermanentFailure("no_such_code", "x")
