"""Submission: every stage, every way to fail, and nothing injected."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.wire.errors import PermanentFailure, TransientFailure, UncertainOutcome, WireError
from relance.wire.guard import Guard
from relance.wire.servers import Security, Server
from relance.wire.smtp import SmtpSession, Submitted, submit
from relance.wire.smtp.session import canonical, wire_address
from tests.servers.scripted import Line, Scripted
from tests.servers.smtp import DROP, STAGES, STALL, SmtpServer, smtp_sink

MAIL = b"From: alice@clarte.example\r\nSubject: x\r\n\r\nhello\r\n"
ALICE = "alice@clarte.example"
BOB = "bob@client.example"


def login(
    server: SmtpServer,
    security: Security = "none",
    *,
    password: str = "secret",
    verify: bool = True,
) -> Server:
    return Server("127.0.0.1", server.port, security, "alice", password, verify)


def send(
    server: SmtpServer,
    guard: Guard,
    *,
    data: bytes = MAIL,
    rcpt_to: tuple[str, ...] = (BOB,),
    mail_from: str = ALICE,
) -> Submitted:
    with SmtpSession(login(server), guard, timeout=2) as session:
        return session.submit(mail_from=mail_from, rcpt_to=rcpt_to, data=data)


def test_a_message_arrives_with_its_envelope(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    outcome = send(smtp_server, loopback_guard, rcpt_to=(BOB, "carol@client.example", BOB))
    [got] = smtp_server.received
    assert outcome.accepted == (BOB, "carol@client.example")
    assert outcome.refused == {}
    assert outcome.server_text == "250 2.0.0 queued as 1"
    assert (got.mail_from, got.rcpt_to, got.data) == (ALICE, [BOB, "carol@client.example"], MAIL)
    assert (got.user, got.parameters) == ("alice", f" SIZE={len(MAIL)}")


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (b"A: b\r\n\r\n.\r\n..\r\n.x\r\n", b"A: b\r\n\r\n.\r\n..\r\n.x\r\n"),
        (b".first\r\n", b".first\r\n"),
        (b"A: b\n\nbare\rboth\n\rend", b"A: b\r\n\r\nbare\r\nboth\r\n\r\nend\r\n"),
        (b"A: b\r\n\r\n\r\n.\r\nQUIT\r\n", b"A: b\r\n\r\n\r\n.\r\nQUIT\r\n"),
        (b"A: b\n.\nMAIL FROM:<x@y>\n", b"A: b\r\n.\r\nMAIL FROM:<x@y>\r\n"),
        (b"A: b\r\n\r\n" + b"x" * 998 + b"\r\n", b"A: b\r\n\r\n" + b"x" * 998 + b"\r\n"),
        (b"A: b\r\n\r\n\0\xff\r\n", b"A: b\r\n\r\n\0\xff\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_dots_and_line_ends_arrive_as_meant(
    data: bytes, taken: bytes, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    send(smtp_server, loopback_guard, data=data)
    assert smtp_server.received[0].data == taken
    assert not [command for command in smtp_server.commands if "x@y" in command]


@given(st.binary(max_size=300))
def test_a_canonical_message_has_no_bare_line_end(data: bytes) -> None:
    text = canonical(data)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", text)
    assert text.endswith(b"\r\n")
    assert canonical(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "bob@client.example>\r\nRCPT TO:<eve@evil.example",
        "bob@client.example\nDATA",
        "bob @client.example",
        "<bob@client.example>",
        "bob",
        "@client.example",
        "a@b@c",
        "bob@client.example SIZE=1",
        "bob\0@client.example",
        '"a b"@client.example',
        "bob@",
        "",
        "a," + BOB,
        "x" * 65 + "@client.example",
    ],
)
def test_an_address_that_could_smuggle_is_refused_and_never_written(
    address: str, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    outcome = send(smtp_server, loopback_guard, rcpt_to=(address, BOB))
    assert outcome.accepted == (BOB,)
    assert (outcome.refused[address].code, outcome.refused[address].is_transient) == (553, False)
    assert smtp_server.received[0].rcpt_to == [BOB]
    if address:
        with pytest.raises(PermanentFailure) as caught:
            send(smtp_server, loopback_guard, mail_from=address)
        assert caught.value.stage == "mail"
    assert not [command for command in smtp_server.commands if "evil" in command]


def test_the_null_sender_may_be_used(smtp_server: SmtpServer, loopback_guard: Guard) -> None:
    send(smtp_server, loopback_guard, mail_from="")
    assert [one for one in smtp_server.commands if one.startswith("MAIL FROM:<>")]


def test_a_domain_in_another_script_goes_out_in_ascii() -> None:
    assert wire_address("jean@société.example") == "jean@xn--socit-esab.example"
    assert wire_address("rené@société.example") == "rené@société.example"


def test_refused_recipients_do_not_keep_the_others_from_the_message(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    smtp_server.at_rcpt = {
        "gone@client.example": "550 5.1.1 no such user",
        "full@client.example": "452 4.2.2 mailbox full",
    }
    rcpt_to = ("gone@client.example", BOB, "full@client.example")
    outcome = send(smtp_server, loopback_guard, rcpt_to=rcpt_to)
    assert outcome.accepted == (BOB,)
    gone, full = (outcome.refused[one] for one in (rcpt_to[0], rcpt_to[2]))
    assert (gone.code, gone.enhanced, gone.text) == (550, "5.1.1", "no such user")
    assert (full.code, full.is_transient) == (452, True)
    assert smtp_server.received[0].rcpt_to == [BOB]


def test_without_any_recipient_nothing_is_sent_and_the_session_stays_usable(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    smtp_server.at_rcpt = {BOB: "550 5.1.1 no such user"}
    with SmtpSession(login(smtp_server), loopback_guard, timeout=2) as session:
        outcome = session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
        assert (outcome.accepted, smtp_server.received) == ((), [])
        again = session.submit(mail_from=ALICE, rcpt_to=["carol@client.example"], data=MAIL)
    assert again.accepted == ("carol@client.example",)
    assert smtp_server.connections == 1


#: Where a failure at each step is seen: (stage, the action is possible there).
SEEN_AT = {
    "connect": "greeting",
    "banner": "greeting",
    "ehlo": "greeting",
    "starttls": "tls",
    "auth": "auth",
    "mail": "mail",
    "rcpt": "rcpt",
    "data": "data",
    "body": "body",
    "final": "final",
}
REPLIES = {"4xx": "451 4.3.0 later", "5xx": "554 5.6.0 never", "421": "421 4.3.2 closing"}


@pytest.fixture(scope="module")
def tls_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "quit"])
@pytest.mark.parametrize("action", ["4xx", "5xx", "421", DROP, STALL])
def test_each_failure_at_each_stage_says_what_may_be_done_next(
    stage: str, action: str, tls_server: SmtpServer, loopback_guard: Guard
) -> None:
    tls_server.reset()
    tls_server.at[stage] = REPLIES.get(action, action)
    session = SmtpSession(login(tls_server, "starttls", verify=False), loopback_guard, timeout=0.3)
    data = MAIL + b"x" * 20_000_000 if stage == "body" else MAIL
    if stage == "rcpt" and action in ("4xx", "5xx"):
        outcome = session.submit(mail_from=ALICE, rcpt_to=[BOB], data=data)
        assert outcome.accepted == ()
        assert outcome.refused[BOB].is_transient == (action == "4xx")
        return
    with pytest.raises(WireError) as caught:
        session.submit(mail_from=ALICE, rcpt_to=[BOB], data=data)
    error = caught.value
    assert error.stage == SEEN_AT[stage], error
    if stage == "final" and action in (DROP, STALL):
        assert isinstance(error, UncertainOutcome)
        assert len(tls_server.received) == 1
    elif action == "5xx":
        assert isinstance(error, PermanentFailure), error
        assert (error.smtp_code, error.enhanced_status) == (554, "5.6.0")
    else:
        assert isinstance(error, TransientFailure), error
        assert not tls_server.received
    session.close()


@pytest.mark.parametrize("action", ["451 4.3.0 x", "554 5.6.0 x", DROP, STALL, "421 4.3.2 x"])
def test_a_failure_at_quit_changes_nothing(
    action: str, tls_server: SmtpServer, loopback_guard: Guard
) -> None:
    tls_server.reset()
    tls_server.at["quit"] = action
    server = login(tls_server, "starttls", verify=False)
    with SmtpSession(server, loopback_guard, timeout=1) as session:
        assert session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL).accepted == (BOB,)


def test_many_messages_share_a_connection(smtp_server: SmtpServer, loopback_guard: Guard) -> None:
    with SmtpSession(login(smtp_server), loopback_guard, timeout=2) as session:
        for _ in range(20):
            session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
    assert (len(smtp_server.received), smtp_server.connections) == (20, 1)


@pytest.mark.parametrize("action", [DROP, "421 4.3.2 idle too long"])
def test_a_connection_that_died_between_two_messages_is_replaced_without_doubling(
    action: str, smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    with SmtpSession(login(smtp_server), loopback_guard, timeout=2) as session:
        session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
        smtp_server.at["mail"], smtp_server.once = action, True
        session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
    assert (len(smtp_server.received), smtp_server.connections) == (2, 2)


def test_a_throttled_server_is_not_asked_twice_on_a_fresh_connection(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    smtp_server.at["mail"] = "421 4.7.0 too many messages"
    with pytest.raises(TransientFailure) as caught:
        send(smtp_server, loopback_guard)
    assert (caught.value.code, smtp_server.connections) == ("throttled", 1)


@pytest.mark.parametrize(
    ("features", "data", "rcpt_to", "needs"),
    [
        (("SMTPUTF8",), MAIL + b"\xe9", (BOB,), "8BITMIME"),
        (("8BITMIME",), "Subject: é\r\n\r\n".encode(), (BOB,), "SMTPUTF8"),
        (("8BITMIME",), MAIL, ("rené@client.example",), "SMTPUTF8"),
        (("SIZE 100",), MAIL + b"x" * 200, (BOB,), "at most 100 bytes"),
    ],
)
def test_what_a_server_cannot_take_is_refused_before_sending(
    features: tuple[str, ...],
    data: bytes,
    rcpt_to: tuple[str, ...],
    needs: str,
    loopback_guard: Guard,
) -> None:
    with SmtpServer(features=features) as server:
        with pytest.raises(PermanentFailure) as caught:
            send(server, loopback_guard, data=data, rcpt_to=rcpt_to)
        assert needs in caught.value.detail
        assert caught.value.code in ("unsupported", "too_large")
        assert not [command for command in server.commands if command.startswith("MAIL")]


def test_extensions_are_used_where_they_are_needed(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    send(smtp_server, loopback_guard, data=MAIL + b"\xc3\xa9\r\n")
    send(smtp_server, loopback_guard, rcpt_to=("rené@client.example",))
    first, second = smtp_server.received
    assert "BODY=8BITMIME" in first.parameters
    assert "SMTPUTF8" not in first.parameters
    assert "SMTPUTF8" in second.parameters
    assert second.rcpt_to == ["rené@client.example"]


def test_a_server_without_extensions_is_greeted_the_old_way(loopback_guard: Guard) -> None:
    with SmtpServer() as server:
        server.at["ehlo"] = "502 5.5.1 unknown"
        plain = Server("127.0.0.1", server.port, "none", "", "")
        assert submit(plain, loopback_guard, mail_from=ALICE, rcpt_to=[BOB], data=MAIL).accepted
        assert server.commands[1].startswith("HELO [127.0.0.1]")


def test_login_by_questions_works(loopback_guard: Guard) -> None:
    with SmtpServer(mechanisms="LOGIN", features=("8BITMIME",)) as server:
        assert send(server, loopback_guard).accepted == (BOB,)
        assert server.received[0].user == "alice"


@pytest.mark.parametrize(
    ("mechanisms", "reply", "code"),
    [
        ("PLAIN", "", "wrong_password"),
        ("LOGIN", "", "wrong_password"),
        ("PLAIN", "534 5.7.9 Application-specific password required", "app_password_required"),
        ("PLAIN", "535 5.7.139 Authentication unsuccessful, basic auth", "oauth_required"),
        ("PLAIN", "454 4.7.0 Temporary authentication failure", "throttled"),
        ("PLAIN", "538 5.7.11 Encryption required", "starttls_missing"),
        ("PLAIN", "504 5.5.4 Unrecognized", "login_disabled"),
        ("XOAUTH2 OAUTHBEARER", "", "oauth_required"),
        ("", "", "login_disabled"),
    ],
)
def test_a_refused_login_is_told_apart(
    mechanisms: str, reply: str, code: str, loopback_guard: Guard
) -> None:
    with SmtpServer(mechanisms=mechanisms, features=("8BITMIME",)) as server:
        if reply:
            server.at["auth"] = reply
        session = SmtpSession(login(server, password="wrong"), loopback_guard, timeout=2)
        with pytest.raises(WireError) as caught:
            session.open()
        assert (caught.value.code, caught.value.stage) == (code, "auth")


def test_tls_from_the_first_byte_and_starttls_both_send(loopback_guard: Guard) -> None:
    with SmtpServer(implicit_tls=True) as implicit, SmtpServer() as upgraded:
        cases: list[tuple[SmtpServer, Security]] = [(implicit, "tls"), (upgraded, "starttls")]
        for server, security in cases:
            with SmtpSession(login(server, security, verify=False), loopback_guard) as session:
                session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
            assert server.received[0].data == MAIL


def test_a_self_signed_certificate_is_refused(loopback_guard: Guard) -> None:
    with SmtpServer(implicit_tls=True) as implicit, SmtpServer() as upgraded:
        cases: list[tuple[SmtpServer, Security]] = [(implicit, "tls"), (upgraded, "starttls")]
        for server, security in cases:
            with pytest.raises(PermanentFailure) as caught:
                SmtpSession(login(server, security), loopback_guard, timeout=2).open()
            assert (caught.value.code, caught.value.stage) == ("certificate", "tls")


def test_a_stripped_starttls_is_refused_before_any_secret(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    with pytest.raises(PermanentFailure) as caught:
        SmtpSession(login(smtp_server, "starttls"), loopback_guard, timeout=2).open()
    assert caught.value.code == "starttls_missing"
    assert "AUTH" not in smtp_server.commands


def test_replies_injected_before_tls_are_refused(loopback_guard: Guard) -> None:
    def script(line: Line) -> None:
        line.say(b"220 hi")
        line.read()
        line.say(b"250-hi", b"250 STARTTLS")
        line.read()
        line.say(b"220 go", b"250 AUTH PLAIN")
        line.wait()

    with Scripted(script) as server:
        target = Server("127.0.0.1", server.port, "starttls", "alice", "secret")
        with pytest.raises(PermanentFailure) as caught:
            SmtpSession(target, loopback_guard, timeout=2).open()
    assert caught.value.code == "protocol"


@pytest.mark.parametrize("greeting", [b"* OK IMAP ready", b"HTTP/1.1 400 no", b"", b"+OK pop"])
def test_another_protocol_is_a_wrong_port(greeting: bytes, loopback_guard: Guard) -> None:
    def script(line: Line) -> None:
        line.say(greeting)
        line.wait()

    with Scripted(script) as server:
        target = Server("127.0.0.1", server.port, "none", "alice", "secret")
        with pytest.raises(PermanentFailure) as caught:
            SmtpSession(target, loopback_guard, timeout=2).open()
    assert caught.value.code == "wrong_port"


def test_a_reply_without_end_is_cut_off(loopback_guard: Guard) -> None:
    with Scripted(lambda line: line.raw(b"220-x\r\n" * 100_000)) as server:
        target = Server("127.0.0.1", server.port, "none", "alice", "secret")
        with pytest.raises(PermanentFailure):
            SmtpSession(target, loopback_guard, timeout=2).open()


def test_a_refusal_in_the_middle_of_a_body_is_found(loopback_guard: Guard) -> None:
    with SmtpServer(features=()) as server:
        server.at["body"] = "552 5.3.4 message too big"
        server.mechanisms = "PLAIN"
        with pytest.raises(WireError) as caught:
            send(server, loopback_guard, data=MAIL + b"x" * 30_000_000)
    assert caught.value.stage == "body"


def test_postfix_takes_what_we_send(loopback_guard: Guard) -> None:
    with smtp_sink() as port:
        server = Server("127.0.0.1", port, "none", "", "")
        with SmtpSession(server, loopback_guard, timeout=5) as session:
            for _ in range(50):
                outcome = session.submit(mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
                assert outcome.accepted == (BOB,)


@pytest.mark.parametrize(
    ("option", "stage"), [("mail", "mail"), ("data", "data"), (".", "final"), ("ehlo", "greeting")]
)
def test_postfix_disconnecting_is_seen_at_its_stage(
    option: str, stage: str, loopback_guard: Guard
) -> None:
    with smtp_sink("-q", option) as port:
        server = Server("127.0.0.1", port, "none", "", "")
        with pytest.raises(WireError) as caught:
            submit(server, loopback_guard, mail_from=ALICE, rcpt_to=[BOB], data=MAIL)
    assert caught.value.stage == stage
    assert isinstance(caught.value, UncertainOutcome if stage == "final" else TransientFailure)


def test_four_threads_with_their_own_sessions_lose_nothing(
    smtp_server: SmtpServer, loopback_guard: Guard
) -> None:
    def work(number: int) -> None:
        with SmtpSession(login(smtp_server), loopback_guard, timeout=5) as session:
            for count in range(10):
                session.submit(
                    mail_from=ALICE, rcpt_to=[f"r{number}.{count}@client.example"], data=MAIL
                )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({got.rcpt_to[0] for got in smtp_server.received}) == 40


@pytest.fixture(scope="module")
def pipelining_server() -> Iterator[SmtpServer]:
    with SmtpServer(features=("PIPELINING", "SIZE 50000000"), mechanisms="") as server:
        yield server


class TestPipelining:
    """The envelope in one go (RFC 2920): the answers are told apart all the same."""

    @pytest.fixture
    def session(
        self, pipelining_server: SmtpServer, loopback_guard: Guard
    ) -> Iterator[SmtpSession]:
        pipelining_server.reset()
        server = Server("127.0.0.1", pipelining_server.port, "none", "", "")
        with SmtpSession(server, loopback_guard, timeout=5) as session:
            yield session

    def test_each_recipient_has_its_own_answer(
        self, session: SmtpSession, pipelining_server: SmtpServer
    ) -> None:
        people = [f"p{n}@client.example" for n in range(120)]
        pipelining_server.at_rcpt[people[7]] = "550 5.1.1 no"
        pipelining_server.at_rcpt[people[70]] = "450 4.2.1 later"
        sent = session.submit(mail_from="a@b.example", rcpt_to=people, data=b"x: y\r\n\r\nz\r\n")
        assert {a: r.code for a, r in sent.refused.items()} == {people[7]: 550, people[70]: 450}
        expected = [p for n, p in enumerate(people) if n not in (7, 70)]
        assert list(sent.accepted) == expected
        (received,) = pipelining_server.received
        assert received.rcpt_to == expected

    def test_a_refused_sender_is_not_taken_for_a_refused_recipient(
        self, session: SmtpSession, pipelining_server: SmtpServer
    ) -> None:
        pipelining_server.at["mail"] = "451 4.3.0 later"
        with pytest.raises(TransientFailure) as failure:
            session.submit(mail_from="a@b.example", rcpt_to=["c@d.example"], data=b"x: y\r\n\r\nz")
        assert failure.value.stage == "mail"
        pipelining_server.at.clear()
        session.submit(mail_from="a@b.example", rcpt_to=["c@d.example"], data=b"x: y\r\n\r\nz")
        assert len(pipelining_server.received) == 1

    def test_nobody_accepted_sends_nothing_and_the_next_message_is_clean(
        self, session: SmtpSession, pipelining_server: SmtpServer
    ) -> None:
        pipelining_server.at_rcpt["no@d.example"] = "550 5.1.1 no"
        nobody = session.submit(
            mail_from="a@b.example", rcpt_to=["no@d.example"], data=b"x: y\r\n\r\nz"
        )
        assert nobody.accepted == ()
        session.submit(mail_from="a@b.example", rcpt_to=["c@d.example"], data=b"x: y\r\n\r\nz")
        (received,) = pipelining_server.received
        assert received.rcpt_to == ["c@d.example"]
        assert pipelining_server.connections == 1

    def test_the_size_a_server_takes_is_known_once_it_is_open(self, session: SmtpSession) -> None:
        assert session.size_limit == 0
        session.open()
        assert session.size_limit == 50_000_000
