"""A session against a real Dovecot, rich and poor; imapclient is the independent witness."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient

from relance.wire import tls
from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from tests.servers.fixtures import Mailbox


def mail(number: int, body: bytes = b"hello\r\n") -> bytes:
    return b"Subject: m%d\r\nMessage-ID: <m%d@clarte.example>\r\n\r\n%b" % (number, number, body)


@pytest.fixture
def session(mailbox: Mailbox, loopback_guard: Guard) -> Iterator[ImapSession]:
    with ImapSession(mailbox.server(), loopback_guard, timeout=10) as opened:
        yield opened


@pytest.fixture
def poor_session(poor_mailbox: Mailbox, loopback_guard: Guard) -> Iterator[ImapSession]:
    with ImapSession(poor_mailbox.server(), loopback_guard, timeout=10) as opened:
        yield opened


def witness(mailbox: Mailbox) -> IMAPClient:
    client = IMAPClient("127.0.0.1", mailbox.dovecot.port, ssl=False)
    client.plain_login(mailbox.user, mailbox.password)
    return client


def flags_seen_by_witness(mailbox: Mailbox, folder: str = "INBOX") -> dict[int, set[str]]:
    client = witness(mailbox)
    client.select_folder(folder, readonly=True)
    found = client.fetch(client.search(), ["FLAGS"])
    client.logout()
    return {
        uid: {flag.decode() for flag in data[b"FLAGS"]} - {"\\Recent"}
        for uid, data in found.items()
    }


def test_messages_come_back_byte_for_byte_with_flags_and_date(
    mailbox: Mailbox, session: ImapSession
) -> None:
    when = datetime(2023, 5, 17, 8, 30, 1, tzinfo=UTC)
    bodies = [b"", b"x\r\n", b"no line end", b"\xe9\xff 8-bit\r\n", b")\r\nR1 OK done\r\n"]
    bodies += [b"{5}\r\n* 1 FETCH (UID 1)\r\n", b"a" * 300_000 + b"\r\n"]
    sources = [mail(number, body) for number, body in enumerate(bodies)]
    for source in sources:
        mailbox.dovecot.deliver(mailbox.user, source, flags=["\\Flagged"], date=when)
    session.select("INBOX")
    fetched = list(session.fetch_raw(session.uids()))
    assert [one.raw for one in fetched] == sources
    assert {one.internal_date for one in fetched} == {when}
    assert {one.flags for one in fetched} == {frozenset({"\\Flagged"})}
    assert [one.size for one in fetched] == [len(source) for source in sources]
    assert not any(one.is_partial for one in fetched)


def test_reading_never_sets_a_flag_even_in_a_writable_folder(
    mailbox: Mailbox, session: ImapSession
) -> None:
    for number in range(5):
        mailbox.deliver(mail(number))
    session.select("INBOX", readonly=False)
    uids = session.uids()
    assert len(list(session.fetch_raw(uids))) == 5
    assert len(list(session.fetch_raw(uids, max_size=10))) == 5
    assert len(list(session.fetch_headers(uids))) == 5
    session.fetch_flags()
    session.fetch_sizes(uids)
    assert flags_seen_by_witness(mailbox) == {uid: set() for uid in uids}


def test_several_hundred_messages_come_newest_first_batch_by_batch(
    mailbox: Mailbox, session: ImapSession
) -> None:
    mailbox.dovecot.bulk_deliver(mailbox.user, ((mail(n), (), None) for n in range(700)))
    session.select("INBOX")
    uids = session.uids()[::-1]
    fetched = [one.uid for one in session.fetch_raw(uids)]
    assert sorted(fetched) == sorted(uids)
    assert min(fetched[:80]) > max(fetched[80:])


def test_a_message_over_the_bound_comes_as_its_header_alone(
    mailbox: Mailbox, session: ImapSession
) -> None:
    mailbox.deliver(mail(1))
    mailbox.deliver(mail(2, b"y" * 200_000))
    session.select("INBOX")
    small, large = session.fetch_raw(session.uids(), max_size=10_000)
    assert (small.is_partial, small.raw) == (False, mail(1))
    assert (large.is_partial, large.raw) == (True, mail(2, b""))
    assert large.size == len(mail(2, b"y" * 200_000))


def test_messages_that_went_away_are_skipped(mailbox: Mailbox, session: ImapSession) -> None:
    mailbox.deliver(mail(1))
    session.select("INBOX")
    [uid] = session.uids()
    assert [one.uid for one in session.fetch_raw([uid, uid + 1, uid + 2])] == [uid]
    assert session.fetch_sizes([uid + 7]) == {}
    assert list(session.fetch_raw([])) == []


def test_a_fetch_left_in_the_middle_does_not_disturb_the_next_command(
    mailbox: Mailbox, session: ImapSession
) -> None:
    for number in range(400):
        mailbox.deliver(mail(number, b"z" * 5_000))
    session.select("INBOX")
    uids = session.uids()
    fetching = session.fetch_raw(uids)
    assert next(fetching).uid == uids[0]
    fetching.close()  # type: ignore[attr-defined]
    assert session.search_message_id("m7@clarte.example") == [uids[7]]
    assert [one.raw for one in session.fetch_raw(uids[-1:])] == [mail(399, b"z" * 5_000)]


def test_an_empty_folder_has_a_state_and_nothing_else(session: ImapSession) -> None:
    state = session.select("INBOX")
    assert (state.exists, session.uids(), dict(session.fetch_flags())) == (0, [], {})
    assert state.uidvalidity > 0
    assert state.uidnext == 1


def test_folders_are_listed_with_their_use(session: ImapSession) -> None:
    session.create_folder("Clients/Été & Cie")
    session.create_folder("Clients/Été & Cie")
    folders = {folder.path: folder for folder in session.list_folders()}
    assert folders["INBOX"].special_use == "inbox"
    assert folders["Sent"].special_use == "sent"
    assert folders["Junk"].special_use == "spam"
    assert folders["Clients/Été & Cie"].raw_path == b"Clients/&AMk-t&AOk- &- Cie"
    assert session.select("Clients/Été & Cie").exists == 0


def test_a_poor_server_has_its_folders_recognised_by_name(poor_session: ImapSession) -> None:
    for path in ("Éléments envoyés", "Corbeille", "Projets"):
        poor_session.create_folder(path)
    uses = {folder.path: folder.special_use for folder in poor_session.list_folders()}
    assert uses["Éléments envoyés"] == "sent"
    assert uses["Corbeille"] == "trash"
    assert uses["Projets"] == ""


def test_a_folder_that_does_not_exist_is_refused(session: ImapSession) -> None:
    with pytest.raises(PermanentFailure) as caught:
        session.select("Nowhere")
    assert caught.value.code == "rejected"
    assert session.select("INBOX").exists == 0


@pytest.mark.parametrize("path", ['"\r\nx NOOP', "a\0b", 'say "hi"', "*", "back\\slash"])
def test_a_folder_name_cannot_smuggle_a_command(session: ImapSession, path: str) -> None:
    with pytest.raises(WireError):
        session.select(path)
    session.noop()


def test_flags_are_stored_and_only_changes_are_fetched(
    mailbox: Mailbox, session: ImapSession
) -> None:
    for number in range(4):
        mailbox.deliver(mail(number))
    before = session.select("INBOX", readonly=False)
    one, two, three, four = session.uids()
    session.store_flags([one, three], add=["\\Seen", "$Suivi"])
    session.store_flags([three], remove=["\\Seen"])
    changed = session.fetch_flags(changed_since=before.highestmodseq)
    assert changed == {one: {"\\Seen", "$Suivi"}, three: {"$Suivi"}}
    assert changed.highest_modseq > before.highestmodseq > 0
    assert changed.vanished == ()
    assert session.fetch_flags(f"{two}:{two}") == {two: set()}
    assert session.fetch_flags(f"{four + 1}:*") == {}
    assert flags_seen_by_witness(mailbox)[one] == {"\\Seen", "$Suivi"}


def test_what_vanished_is_told_where_the_server_knows(
    mailbox: Mailbox, session: ImapSession
) -> None:
    for number in range(3):
        mailbox.deliver(mail(number))
    before = session.select("INBOX")
    uids = session.uids()
    client = witness(mailbox)
    client.select_folder("INBOX")
    client.delete_messages([uids[1]])
    client.expunge()
    client.logout()
    session.noop()
    changed = session.fetch_flags(changed_since=before.highestmodseq)
    assert changed.vanished is not None
    assert {uid for span in changed.vanished for uid in span} == {uids[1]}


def test_a_poor_server_gives_all_flags_and_knows_nothing_of_vanished(
    poor_mailbox: Mailbox, poor_session: ImapSession
) -> None:
    poor_mailbox.deliver(mail(1), flags=("\\Seen",))
    poor_mailbox.deliver(mail(2))
    state = poor_session.select("INBOX")
    flags = poor_session.fetch_flags(changed_since=5)
    assert state.highestmodseq == 0
    assert flags in ({1: {"\\Seen"}, 2: set()}, {2: {"\\Seen"}, 1: set()})
    assert flags.vanished is None
    assert poor_session.uids() == [1, 2]
    assert len(list(poor_session.fetch_raw([1, 2]))) == 2


@pytest.mark.parametrize("kind", ["rich", "poor"])
def test_a_move_takes_exactly_its_messages(
    kind: str, request: pytest.FixtureRequest, loopback_guard: Guard
) -> None:
    mailbox = request.getfixturevalue("mailbox" if kind == "rich" else "poor_mailbox")
    for number in range(4):
        mailbox.deliver(mail(number))
    with ImapSession(mailbox.server(), loopback_guard, timeout=10) as session:
        session.create_folder("Rangés")
        session.select("INBOX", readonly=False)
        uids = session.uids()
        moved = session.move(uids[1:3], "Rangés")
        assert session.uids() == [uids[0], uids[3]]
        session.select("Rangés")
        found = {one.uid: one.raw for one in session.fetch_raw(session.uids())}
        assert list(found.values()) == [mail(1), mail(2)]
        # Dovecot says COPYUID whether or not it announces UIDPLUS.
        assert moved == dict(zip(uids[1:3], found, strict=True))


def test_without_uidplus_a_move_never_expunges_what_others_deleted(
    poor_mailbox: Mailbox, poor_session: ImapSession
) -> None:
    for number in range(3):
        poor_mailbox.deliver(mail(number))
    poor_session.create_folder("Trash")
    poor_session.select("INBOX", readonly=False)
    uids = poor_session.uids()
    poor_session.store_flags([uids[0]], add=["\\Deleted"])
    poor_session.move([uids[1]], "Trash")
    assert poor_session.uids() == uids
    assert poor_session.fetch_flags()[uids[1]] == {"\\Deleted"}
    assert poor_session.select("Trash").exists == 1


def test_a_move_to_a_folder_that_is_missing_changes_nothing(
    mailbox: Mailbox, session: ImapSession
) -> None:
    mailbox.deliver(mail(1))
    session.select("INBOX", readonly=False)
    with pytest.raises(PermanentFailure):
        session.move(session.uids(), "Nowhere")
    assert len(session.uids()) == 1


def test_an_appended_message_is_found_again_byte_for_byte(session: ImapSession) -> None:
    raw = mail(1, b"\xc3\xa9t\xc3\xa9 {3}\r\n")
    when = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    uid = session.append("Sent", raw, ["\\Seen"], when)
    session.select("Sent")
    assert session.search_message_id("m1@clarte.example") == [uid]
    assert uid is not None
    [fetched] = session.fetch_raw([uid])
    assert (fetched.raw, fetched.flags, fetched.internal_date) == (raw, {"\\Seen"}, when)


def test_a_poor_server_takes_an_append_without_telling_its_uid(
    poor_mailbox: Mailbox, poor_session: ImapSession
) -> None:
    poor_session.append("INBOX", mail(9))
    poor_session.select("INBOX")
    assert len(poor_session.search_message_id("m9@clarte.example")) == 1


@pytest.mark.parametrize("message_id", ["", "a\r\nb", 'x" OR ALL', "é@x", "a b"])
def test_an_odd_message_id_finds_nothing_and_breaks_nothing(
    mailbox: Mailbox, session: ImapSession, message_id: str
) -> None:
    mailbox.deliver(mail(1))
    session.select("INBOX")
    assert session.search_message_id(message_id) == []
    session.noop()


def test_sets_of_fifty_thousand_uids_are_taken(mailbox: Mailbox, session: ImapSession) -> None:
    mailbox.deliver(mail(1))
    session.select("INBOX", readonly=False)
    scattered = list(range(1, 100_000, 2))
    assert session.fetch_sizes(scattered) == {1: len(mail(1))}
    session.store_flags(scattered, add=["\\Seen"])
    assert session.fetch_flags() == {1: {"\\Seen"}}


def test_the_witness_still_needs_care_with_open_ranges(mailbox: Mailbox) -> None:
    """Why ranges such as ``1:*`` never go through imapclient: see the session's own commands."""
    mailbox.deliver(mail(1))
    client = witness(mailbox)
    client.select_folder("INBOX", readonly=True)
    with pytest.raises(ValueError, match="invalid literal"):
        client.fetch("1:*", ["FLAGS"])
    client.logout()


def test_a_wrong_password_is_named(mailbox: Mailbox, loopback_guard: Guard) -> None:
    server = Server("127.0.0.1", mailbox.dovecot.port, "none", mailbox.user, "wrong")
    with pytest.raises(PermanentFailure) as caught:
        ImapSession(server, loopback_guard, timeout=10).open()
    assert caught.value.code == "wrong_password"
    assert "Authentication failed" in caught.value.server_text


def test_a_self_signed_certificate_is_refused_with_tls_and_starttls(
    mailbox: Mailbox, loopback_guard: Guard
) -> None:
    for security, port in (("tls", mailbox.dovecot.tls_port), ("starttls", mailbox.dovecot.port)):
        server = mailbox.server(security=security, port=port)  # type: ignore[arg-type]
        with pytest.raises(PermanentFailure) as caught:
            ImapSession(server, loopback_guard, timeout=10).open()
        assert caught.value.code == "certificate"


def test_a_listed_host_may_have_any_certificate(mailbox: Mailbox, loopback_guard: Guard) -> None:
    mailbox.deliver(mail(1))
    for security, port in (("tls", mailbox.dovecot.tls_port), ("starttls", mailbox.dovecot.port)):
        server = mailbox.server(security=security, port=port, verify=False)  # type: ignore[arg-type]
        with ImapSession(server, loopback_guard, timeout=10) as session:
            session.select("INBOX")
            assert [one.raw for one in session.fetch_raw(session.uids())] == [mail(1)]


def test_a_trusted_certificate_is_accepted_for_its_name_only(
    mailbox: Mailbox, loopback_guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = tls.client_context.__wrapped__(verify=True)
    context.load_verify_locations(mailbox.dovecot.certificate.cert)
    monkeypatch.setattr(tls, "client_context", lambda *, verify=True: context)
    with ImapSession(mailbox.server(security="tls"), loopback_guard, timeout=10) as session:
        assert session.select("INBOX").exists == 0
    monkeypatch.setattr("socket.getaddrinfo", _loopback)
    stranger = Server("mail.example", mailbox.dovecot.tls_port, "tls", "x", "y")
    with pytest.raises(PermanentFailure) as caught:
        ImapSession(stranger, Guard(frozenset({"mail.example"})), timeout=10).open()
    assert caught.value.code == "certificate"


def _loopback(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
    return [(2, 1, 6, "", ("127.0.0.1", port))]


def test_tls_spoken_to_a_plain_port_is_a_wrong_port(
    mailbox: Mailbox, loopback_guard: Guard
) -> None:
    server = mailbox.server(security="tls", port=mailbox.dovecot.port, verify=False)
    with pytest.raises(PermanentFailure) as caught:
        ImapSession(server, loopback_guard, timeout=10).open()
    assert caught.value.code == "wrong_port"


def test_a_session_that_is_not_open_says_so(mailbox: Mailbox, loopback_guard: Guard) -> None:
    session = ImapSession(mailbox.server(), loopback_guard)
    with pytest.raises(TransientFailure) as caught:
        session.noop()
    assert caught.value.code == "disconnected"
    session.close()


def test_closing_from_another_thread_ends_a_wait(mailbox: Mailbox, loopback_guard: Guard) -> None:
    import threading

    session = ImapSession(mailbox.server(), loopback_guard, timeout=30)
    session.open()
    threading.Timer(0.2, session.abort).start()
    started = time.monotonic()
    with pytest.raises(TransientFailure):
        session.dialogue.read()
    assert time.monotonic() - started < 5
