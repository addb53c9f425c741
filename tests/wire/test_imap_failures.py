"""What goes wrong on the way: cuts at every boundary, silence, lies, floods."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession, RawFetched
from relance.wire.servers import Server
from tests.servers.fixtures import Mailbox
from tests.servers.relay import Relay
from tests.servers.scripted import Line, Script, Scripted, imap_script
from tests.servers.smtp import SmtpServer


def plain(port: int, security: str = "none") -> Server:
    return Server("127.0.0.1", port, security, "alice", "secret")  # type: ignore[arg-type]


def connected(server: Scripted, guard: Guard, *, timeout: float = 5) -> ImapSession:
    session = ImapSession(plain(server.port), guard, timeout=timeout)
    session.open()
    return session


def failure_of(action: Callable[[], object]) -> WireError:
    with pytest.raises(WireError) as caught:
        action()
    return caught.value


def opening(script: Script, guard: Guard, *, security: str = "none") -> WireError:
    with Scripted(script) as server:
        return failure_of(ImapSession(plain(server.port, security), guard, timeout=1).open)


@pytest.fixture
def relay(mailbox: Mailbox) -> Iterator[Relay]:
    with Relay(mailbox.dovecot.port) as between:
        yield between


def fetch_all(mailbox: Mailbox, relay: Relay, guard: Guard) -> list[RawFetched]:
    with ImapSession(mailbox.server(port=relay.port), guard, timeout=5) as session:
        session.select("INBOX")
        return list(session.fetch_raw(session.uids()))


def test_a_cut_at_every_boundary_is_a_transient_failure_and_never_a_short_mail(
    mailbox: Mailbox, relay: Relay, loopback_guard: Guard
) -> None:
    sources = [b"Subject: m%d\r\n\r\n%b\r\n" % (n, b"line\r\n" * n) for n in range(3)]
    for source in sources:
        mailbox.deliver(source)
    whole = fetch_all(mailbox, relay, loopback_guard)
    assert [one.raw for one in whole] == sources
    total = relay.bytes_down
    for cut in range(1, total + 40, 9):
        relay.cut_after = cut
        try:
            fetched = fetch_all(mailbox, relay, loopback_guard)
        except WireError as error:
            assert isinstance(error, TransientFailure), (cut, error)
            assert error.code == "disconnected"
        else:
            assert [one.raw for one in fetched] == sources, cut


def test_what_came_before_a_cut_is_yielded_whole(
    mailbox: Mailbox, relay: Relay, loopback_guard: Guard
) -> None:
    source = b"Subject: x\r\n\r\n" + b"y" * 20_000 + b"\r\n"
    for _ in range(6):
        mailbox.deliver(source)
    relay.cut_after = 65_000
    got: list[RawFetched] = []
    with ImapSession(mailbox.server(port=relay.port), loopback_guard, timeout=5) as session:
        session.select("INBOX")
        with pytest.raises(TransientFailure):
            got.extend(session.fetch_raw(session.uids()))
        with pytest.raises(TransientFailure):
            session.noop()
    assert all(one.raw == source for one in got)


def test_a_stall_in_the_middle_of_a_literal_ends_within_the_timeout(
    mailbox: Mailbox, relay: Relay, loopback_guard: Guard
) -> None:
    mailbox.deliver(b"Subject: x\r\n\r\n" + b"y" * 50_000)
    relay.stall_after = 20_000
    session = ImapSession(mailbox.server(port=relay.port), loopback_guard, timeout=1)
    session.open()
    session.select("INBOX")
    started = time.monotonic()
    error = failure_of(lambda: list(session.fetch_raw([1])))
    assert error.code == "timeout"
    assert time.monotonic() - started < 3


def test_a_mask_on_the_way_makes_a_poor_server_of_a_rich_one(
    mailbox: Mailbox, relay: Relay, loopback_guard: Guard
) -> None:
    relay.mask = [(b"CONDSTORE", b"XONDSTORE"), (b"QRESYNC", b"XRESYNC"), (b"ESEARCH", b"XSEARCH")]
    mailbox.deliver(b"Subject: x\r\n\r\n")
    with ImapSession(mailbox.server(port=relay.port), loopback_guard, timeout=5) as session:
        state = session.select("INBOX")
        assert session.uids() == [1]
        assert session.fetch_flags(changed_since=1).vanished is None
        assert state.exists == 1


def test_a_server_that_never_answers_is_a_timeout(loopback_guard: Guard) -> None:
    started = time.monotonic()
    error = opening(lambda line: line.wait(), loopback_guard)
    assert error.code == "timeout"
    assert time.monotonic() - started < 3


def test_a_server_that_drips_is_a_timeout_all_the_same(loopback_guard: Guard) -> None:
    def drip(line: Line) -> None:
        for _ in range(100):
            line.raw(b"x")
            time.sleep(0.1)

    started = time.monotonic()
    assert opening(drip, loopback_guard).code == "timeout"
    assert time.monotonic() - started < 4


def test_silence_under_tls_is_a_timeout(loopback_guard: Guard) -> None:
    assert opening(lambda line: line.wait(), loopback_guard, security="tls").code == "timeout"


def test_a_connection_closed_during_tls_is_a_tls_failure(loopback_guard: Guard) -> None:
    assert opening(lambda line: None, loopback_guard, security="tls").code == "tls_failure"


def test_an_smtp_server_is_a_wrong_port(smtp_server: SmtpServer, loopback_guard: Guard) -> None:
    for security in ("none", "starttls", "tls"):
        session = ImapSession(plain(smtp_server.port, security), loopback_guard, timeout=5)
        assert failure_of(session.open).code == "wrong_port"


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request", b"SSH-2.0-OpenSSH_9.2", b"+OK POP3 ready", b"*", b""]
)
def test_another_protocol_is_a_wrong_port(greeting: bytes, loopback_guard: Guard) -> None:
    def greet(line: Line) -> None:
        line.say(greeting)
        line.wait()

    assert opening(greet, loopback_guard).code == "wrong_port"


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        (b"* BYE too many connections from your address", "throttled"),
        (b"* BYE shutting down", "disconnected"),
    ],
)
def test_a_bye_as_greeting_says_whether_to_slow_down(
    greeting: bytes, code: str, loopback_guard: Guard
) -> None:
    assert opening(lambda line: line.say(greeting), loopback_guard).code == code


def greeted(capabilities: bytes, *answers: bytes) -> Script:
    """Greet, then answer each command with the next of ``answers`` (``T`` is its tag)."""

    def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 " + capabilities + b"] hello")
        for answer in answers:
            tag = line.read().split(b" ", 1)[0]
            line.say(*answer.replace(b"T ", tag + b" ", 1).split(b"|"))
        line.wait()

    return script


def test_a_stripped_starttls_is_refused_before_any_secret(loopback_guard: Guard) -> None:
    seen: list[bytes] = []

    def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello")
        while text := line.read():
            seen.append(text)

    error = opening(script, loopback_guard, security="starttls")
    assert error.code == "starttls_missing"
    assert not [text for text in seen if b"AUTH" in text or b"LOGIN" in text]


def test_a_preauthenticated_greeting_cannot_avoid_starttls(loopback_guard: Guard) -> None:
    def script(line: Line) -> None:
        line.say(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello")
        line.wait()

    assert opening(script, loopback_guard, security="starttls").code == "starttls_missing"


def test_plain_text_injected_before_tls_is_refused(loopback_guard: Guard) -> None:
    script = greeted(b"STARTTLS", b"T OK go|* CAPABILITY IMAP4rev1 AUTH=PLAIN")
    assert opening(script, loopback_guard, security="starttls").code == "protocol"


@pytest.mark.parametrize(
    ("capabilities", "code"),
    [
        (b"LOGINDISABLED", "login_disabled"),
        (b"LOGINDISABLED AUTH=XOAUTH2 AUTH=OAUTHBEARER", "oauth_required"),
    ],
)
def test_a_server_without_a_way_in_says_why(
    capabilities: bytes, code: str, loopback_guard: Guard
) -> None:
    assert opening(greeted(capabilities), loopback_guard).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            b"* NO [ALERT] Application-specific password required: https://x (Failure)|T NO no",
            "app_password_required",
        ),
        (b"T NO [ALERT] Application-specific password required", "app_password_required"),
        (b"T NO [AUTHENTICATIONFAILED] no", "wrong_password"),
        (b"T NO [UNAVAILABLE] later", "throttled"),
        (b"T BAD what?", "protocol"),
    ],
)
def test_a_refused_login_is_told_apart(answer: bytes, code: str, loopback_guard: Guard) -> None:
    assert opening(greeted(b"", answer), loopback_guard).code == code


def test_plain_authentication_works_with_and_without_an_initial_response(
    loopback_guard: Guard,
) -> None:
    for capabilities in (b"AUTH=PLAIN", b"AUTH=PLAIN SASL-IR"):
        secrets: list[bytes] = []

        def script(
            line: Line, capabilities: bytes = capabilities, secrets: list[bytes] = secrets
        ) -> None:
            line.say(b"* OK [CAPABILITY IMAP4rev1 " + capabilities + b"] hello")
            words = line.read().split(b" ")
            if len(words) == 3:
                line.say(b"+ ")
                words.append(line.read())
            secrets.append(words[3])
            line.say(words[0] + b" OK [CAPABILITY IMAP4rev1 IDLE] welcome")
            line.wait()

        with Scripted(script) as server:
            session = connected(server, loopback_guard)
            assert session.capabilities == {"IMAP4REV1", "IDLE"}
        assert secrets == [b"AGFsaWNlAHNlY3JldA=="]


def test_a_password_beyond_ascii_goes_as_a_counted_block(loopback_guard: Guard) -> None:
    got: list[bytes] = []

    def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1] hello")
        text = line.read()
        line.say(b"+ ready")
        got.append(text)
        got.append(line.read())
        line.say(text.split(b" ", 1)[0] + b" OK [CAPABILITY IMAP4rev1] in")
        line.wait()

    with Scripted(script) as server:
        login = Server("127.0.0.1", server.port, "none", "alice", "clé")
        ImapSession(login, loopback_guard, timeout=5).open()
    assert got[0].endswith(b'LOGIN "alice" {4}')
    assert got[1] == "clé".encode()


def fetch_script(*lines: bytes, ending: bytes = b"OK done") -> Script:
    """Answer the question for bodies with ``lines``."""

    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"UID FETCH") or b"BODY" not in command:
            return False
        for text in lines:
            line.raw(text)
        line.say(tag + b" " + ending)
        return True

    return imap_script(answer)


@pytest.mark.parametrize(
    ("lines", "raws"),
    [
        ([b"* 1 FETCH (UID 1 BODY[] {6}\r\na\0b\xff\r\n)\r\n"], [b"a\0b\xff\r\n"]),
        ([b"* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n"], [b""]),
        ([b'* 1 FETCH (UID 1 BODY[] "")\r\n'], [b""]),
        ([b"* 1 FETCH (UID 1 BODY[] NIL)\r\n"], [b""]),
        ([b"* 1 FETCH (UID 1 BODY[] ~{3}\r\nabc)\r\n"], [b"abc"]),
        ([b"* 1 FETCH (BODY[] {3+}\r\nabc UID 1)\r\n"], [b"abc"]),
        ([b"* 1 FETCH (BODY[] {3}\r\nabc FLAGS (\\Seen) UID 1)\r\n"], [b"abc"]),
        ([b"* 1 FETCH (UID 1 BODY[] {7}\r\n)\r\n* 2 )\r\n"], [b")\r\n* 2 "]),
        (
            [
                b"* 9 EXISTS\r\n* 1 EXPUNGE\r\n* OK still here {5}\r\n",
                b"* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n",
                b"* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n* 1 FETCH (UID 1 BODY[] {1}\r\ny)\r\n",
                b"* 7 FETCH (UID 77 BODY[] {1}\r\nz)\r\n",
            ],
            [b"x"],
        ),
    ],
)
def test_bodies_written_in_odd_ways_arrive_as_they_are(
    lines: list[bytes], raws: list[bytes], loopback_guard: Guard
) -> None:
    with Scripted(fetch_script(*lines)) as server:
        session = connected(server, loopback_guard)
        session.select("INBOX")
        assert [one.raw for one in session.fetch_raw([1])] == raws
        session.noop()


def test_a_gigantic_literal_is_read_away_without_being_kept(loopback_guard: Guard) -> None:
    size = 30_000_000

    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if b"BODY" not in command:
            return False
        line.raw(b"* 1 FETCH (UID 1 BODY[] {%d}\r\nSubject: x\r\n\r\n" % size)
        line.raw(b"y" * (size - 14))
        line.raw(b")\r\n")
        line.say(tag + b" OK done")
        return True

    with Scripted(imap_script(answer)) as server:
        session = connected(server, loopback_guard)
        session.select("INBOX")
        [fetched] = session.fetch_raw([1], max_size=1_000_000)
        assert (fetched.raw, fetched.is_partial) == (b"Subject: x\r\n\r\n", True)
        session.noop()


@pytest.mark.parametrize(
    "text",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999999}\r\n",
        b"* 1 FETCH (" + b"{0}\r\n" * 200,
        b"* " + b"x" * 2_000_000,
    ],
)
def test_what_passes_all_bounds_is_a_protocol_failure(text: bytes, loopback_guard: Guard) -> None:
    with Scripted(fetch_script(text)) as server:
        session = connected(server, loopback_guard)
        error = failure_of(lambda: list(session.fetch_raw([1])))
        assert isinstance(error, PermanentFailure)
        assert error.code == "protocol"


def test_a_message_that_the_server_cannot_serve_does_not_stop_the_others(
    loopback_guard: Guard,
) -> None:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if b"BODY" not in command:
            return False
        wanted = command.split(b" ")[2]
        if wanted in (b"1:3", b"2"):
            line.say(tag + b" NO [SERVERBUG] cannot read message 2")
            return True
        line.raw(b"* 1 FETCH (UID %b BODY[] {1}\r\nx)\r\n" % wanted)
        line.say(tag + b" OK done")
        return True

    with Scripted(imap_script(answer)) as server:
        session = connected(server, loopback_guard)
        session.select("INBOX")
        assert sorted(one.uid for one in session.fetch_raw([1, 2, 3])) == [1, 3]
        assert session.unfetchable == {2}
        session.noop()


@pytest.mark.parametrize(
    ("ending", "kind", "code"),
    [
        (b"NO [OVERQUOTA] mailbox is full", PermanentFailure, "quota"),
        (b"NO [THROTTLED] later", TransientFailure, "throttled"),
        (b"NO nothing doing", PermanentFailure, "rejected"),
        (b"BAD what?", PermanentFailure, "protocol"),
    ],
)
def test_a_refused_append_says_why_before_the_message_is_sent(
    ending: bytes, kind: type[WireError], code: str, loopback_guard: Guard
) -> None:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"APPEND"):
            return False
        line.say(tag + b" " + ending)
        return True

    with Scripted(imap_script(answer)) as server:
        session = connected(server, loopback_guard)
        error = failure_of(lambda: session.append("INBOX", b"Subject: x\r\n\r\n"))
        assert (type(error), error.code) == (kind, code)
        session.noop()


def test_a_bye_in_the_middle_is_a_transient_failure(loopback_guard: Guard) -> None:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        line.say(b"* BYE Autologout; idle for too long")
        return True

    with Scripted(imap_script(answer)) as server:
        session = ImapSession(plain(server.port), loopback_guard, timeout=5)
        error = failure_of(session.open)
        assert (type(error), error.code) == (TransientFailure, "disconnected")
        assert "Autologout" in error.server_text


def test_a_search_for_a_million_messages_is_read(loopback_guard: Guard) -> None:
    uids = range(1, 1_000_001)

    def plain_search(line: Line, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"UID SEARCH"):
            return False
        line.say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in uids))
        line.say(tag + b" OK done")
        return True

    def ranges(line: Line, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"UID SEARCH"):
            return False
        line.say(b'* ESEARCH (TAG "%b") UID ALL 1:1000000 MODSEQ 7' % tag, tag + b" OK done")
        return True

    for script in (
        imap_script(plain_search, exists=1_000_000),
        imap_script(ranges, capabilities=b"IMAP4rev1 ESEARCH", exists=1_000_000),
    ):
        with Scripted(script) as server:
            session = connected(server, loopback_guard, timeout=20)
            session.select("INBOX")
            found = session.uids()
            assert (len(found), found[0], found[-1]) == (1_000_000, 1, 1_000_000)


def test_a_lying_esearch_cannot_fill_the_memory(loopback_guard: Guard) -> None:
    def answer(line: Line, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"UID SEARCH"):
            return False
        line.say(b"* ESEARCH UID ALL 1:4294967295", tag + b" OK done")
        return True

    script = imap_script(answer, capabilities=b"IMAP4rev1 ESEARCH")
    with Scripted(script) as server:
        session = connected(server, loopback_guard)
        session.select("INBOX")
        assert failure_of(session.uids).code == "protocol"


def test_one_hanging_server_does_not_slow_another(mailbox: Mailbox, loopback_guard: Guard) -> None:
    with Scripted(lambda line: line.wait()) as silent:
        hanging = ImapSession(plain(silent.port), loopback_guard, timeout=3)
        thread = threading.Thread(target=lambda: failure_of(hanging.open))
        thread.start()
        started = time.monotonic()
        with ImapSession(mailbox.server(), loopback_guard, timeout=5) as session:
            session.select("INBOX")
        assert time.monotonic() - started < 2
        thread.join()
