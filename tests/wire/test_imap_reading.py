"""Reading what servers write: sets, names, folders, FETCH answers."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.wire.errors import PermanentFailure
from relance.wire.imap.dialogue import Answer, Block, Line, Literal, astring
from relance.wire.imap.failures import goodbye, refusal
from relance.wire.imap.fetched import (
    EPOCH,
    header_of,
    raw_fetched,
    read_fetch,
    read_flag_line,
    read_internal_date,
)
from relance.wire.imap.folders import read_folders
from relance.wire.imap.moving import copied_uids, flag_list
from relance.wire.imap.names import USE_BY_NAME, decode_name, encode_name
from relance.wire.imap.uids import batches, compact, line_sets, read_ranges, read_set

UIDS = st.lists(st.integers(min_value=1, max_value=2**32 - 1), max_size=300)


@given(UIDS)
def test_a_set_of_uids_survives_writing_and_reading(uids: list[int]) -> None:
    assert read_set(compact(uids)) == sorted(set(uids))


@given(UIDS)
def test_sets_on_several_lines_hold_every_uid_once(uids: list[int]) -> None:
    lines = list(line_sets(uids, limit=40))
    assert [uid for line in lines for uid in read_set(line)] == sorted(set(uids))
    assert all(len(line) <= 40 for line in lines)


def test_runs_of_uids_are_written_as_ranges() -> None:
    assert compact([7, 1, 2, 3, 9, 10]) == b"1:3,7,9:10"


def test_fifty_thousand_scattered_uids_make_only_short_lines() -> None:
    uids = random.Random(1).sample(range(1, 4_000_000_000), 50_000)
    lines = list(line_sets(uids))
    assert max(map(len, lines)) <= 900
    assert sum(len(read_set(line)) for line in lines) == 50_000


def test_batches_keep_the_order_given() -> None:
    assert list(batches([5, 4, 3, 2, 1], 2)) == [(5, 4), (3, 2), (1,)]


@pytest.mark.parametrize("text", [b"1:", b"a", b"1;2", b"1,,2", b"-1", b"99999999999"])
def test_a_malformed_set_is_a_protocol_failure(text: bytes) -> None:
    with pytest.raises(PermanentFailure) as caught:
        read_set(text)
    assert caught.value.code == "protocol"


def test_a_set_larger_than_any_folder_is_refused_without_being_built() -> None:
    with pytest.raises(PermanentFailure):
        read_set(b"1:4294967295")
    assert len(read_ranges(b"1:4294967295")) == 1


@given(st.text(max_size=60))
def test_a_folder_name_survives_modified_utf7(name: str) -> None:
    safe = name.encode("utf-8", "ignore").decode()
    encoded = encode_name(safe)
    assert decode_name(encoded) == safe
    assert all(0x20 <= octet < 0x7F for octet in encoded)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"&AMk-l&AOk-ments envoy&AOk-s", "Éléments envoyés"),
        (b"R&-D", "R&D"),
        (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
        (b"&Jjo!", "&Jjo!"),
        (b"&2D0-", "&2D0-"),
        ("Envoyés".encode(), "Envoyés"),
        (b"Envoy\xe9s", "Envoy\\xe9s"),
    ],
)
def test_folder_names_good_and_bad_decode(raw: bytes, name: str) -> None:
    assert decode_name(raw) == name


def line(text: bytes, *literals: bytes) -> Line:
    return Line(b"*", text, tuple(Literal(data, len(data)) for data in literals))


def test_special_use_wins_over_names_and_each_use_goes_to_one_folder() -> None:
    folders = read_folders(
        [
            line(rb'* LIST (\HasNoChildren) "/" INBOX'),
            line(rb'* LIST (\HasNoChildren \Sent) "/" "Expedies"'),
            line(rb'* LIST (\HasNoChildren) "/" "Sent"'),
            line(rb'* LIST (\HasNoChildren) "/" "Corbeille"'),
            line(rb'* LIST (\HasNoChildren) "/" "Trash"'),
        ]
    )
    uses = {folder.path: folder.special_use for folder in folders}
    assert uses == {
        "INBOX": "inbox",
        "Expedies": "sent",
        "Sent": "",
        "Corbeille": "trash",
        "Trash": "",
    }


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("Éléments envoyés", "sent"),
        ("Gesendete Elemente", "sent"),
        ("Elementos enviados", "sent"),
        ("Posta inviata", "sent"),
        ("Verzonden items", "sent"),
        ("Itens Enviados", "sent"),
        ("Elementy wysłane", "sent"),
        ("Skickade objekt", "sent"),
        ("Odeslaná pošta", "sent"),
        ("Brouillons", "drafts"),
        ("Entwürfe", "drafts"),
        ("Bozze", "drafts"),
        ("Kladder", "drafts"),
        ("Courrier indésirable", "spam"),
        ("Junk E-Mail", "spam"),
        ("Skräppost", "spam"),
        ("Corbeille", "trash"),
        ("Papierkorb", "trash"),
        ("Deleted Items", "trash"),
        ("Papirkurv", "trash"),
        ("Archives", "archive"),
        ("Archiwum", "archive"),
    ],
)
def test_a_folder_is_known_by_its_name_in_many_languages(name: str, use: str) -> None:
    for text in (encode_name(name), b"INBOX." + encode_name(name)):
        [folder] = read_folders([line(b'* LIST () "." "' + text + b'"')])
        assert folder.special_use == use


def test_a_decomposed_name_is_known_too() -> None:
    [folder] = read_folders([line(b'* LIST () "/" "' + encode_name("Envoye\u0301s") + b'"')])
    assert folder.special_use == "sent"


def test_no_name_has_two_uses() -> None:
    assert len(USE_BY_NAME) > 200
    assert set(USE_BY_NAME.values()) == {"sent", "drafts", "archive", "spam", "trash"}


def test_a_folder_deep_in_a_tree_is_not_taken_for_a_special_one() -> None:
    [folder] = read_folders([line(b'* LIST () "/" "Clients/2024/Archive"')])
    assert folder.special_use == ""


GMAIL = [
    line(rb'* LIST (\HasNoChildren) "/" "INBOX"'),
    line(rb'* LIST (\HasChildren \Noselect) "/" "[Gmail]"'),
    line(rb'* LIST (\All \HasNoChildren) "/" "[Gmail]/Tous les messages"'),
    line(rb'* LIST (\HasNoChildren \Junk) "/" "[Gmail]/Spam"'),
]


def test_all_mail_is_the_archive_at_gmail_only() -> None:
    at_gmail = {folder.path: folder for folder in read_folders(GMAIL, gmail=True)}
    assert at_gmail["[Gmail]/Tous les messages"].special_use == "archive"
    assert not at_gmail["[Gmail]"].selectable
    elsewhere = {folder.path: folder.special_use for folder in read_folders(GMAIL)}
    assert elsewhere["[Gmail]/Tous les messages"] == ""


@pytest.mark.parametrize(
    ("text", "literals", "path", "delimiter"),
    [
        (rb'* LIST () "/" "a \"b\" \\ c"', (), 'a "b" \\ c', "/"),
        (rb'* LIST () "\\" "a\\b"', (), "a\\b", "\\"),
        (b'* LIST () "/" \x000\x00', (b"odd {name}",), "odd {name}", "/"),
        (b"* LIST () NIL 2024", (), "2024", ""),
        (b'* LIST () "/" inbox', (), "INBOX", "/"),
        (b"* LSUB nonsense", (), None, None),
    ],
)
def test_folders_written_in_odd_ways_are_read(
    text: bytes, literals: tuple[bytes, ...], path: str | None, delimiter: str | None
) -> None:
    folders = read_folders([line(text, *literals)])
    assert [(folder.path, folder.delimiter) for folder in folders] == (
        [] if path is None else [(path, delimiter)]
    )


def test_a_fetch_answer_is_read_in_any_order() -> None:
    item = read_fetch(
        line(
            b"* 5 FETCH (BODY[] \x000\x00 RFC822.SIZE 11 MODSEQ (77) FLAGS (\\seen $Later) "
            b'INTERNALDATE " 7-Jul-2024 02:44:25 -0700" UID 42)',
            b"Hello world",
        )
    )
    assert item is not None
    fetched = raw_fetched(item, max_size=1000)
    assert fetched.uid == 42
    assert fetched.flags == {"\\Seen", "$Later"}
    assert fetched.internal_date == datetime(2024, 7, 7, 9, 44, 25, tzinfo=UTC)
    assert (fetched.size, fetched.raw, fetched.is_partial) == (11, b"Hello world", False)
    assert item.modseq == 77


@pytest.mark.parametrize(
    ("body", "raw"),
    [(b'""', b""), (b"NIL", b""), (rb'"a \"quoted\" body"', b'a "quoted" body')],
)
def test_a_body_without_literal_is_read(body: bytes, raw: bytes) -> None:
    item = read_fetch(line(b"* 1 FETCH (UID 3 BODY[] " + body + b")"))
    assert item is not None
    assert raw_fetched(item, max_size=1000).raw == raw


def test_a_header_fetch_with_a_list_of_fields_keeps_its_place() -> None:
    item = read_fetch(line(b"* 1 FETCH (FLAGS () BODY[HEADER] \x000\x00 UID 3)", b"A: b\r\n\r\n"))
    assert item is not None
    assert (item.uid, item.body) == (3, Literal(b"A: b\r\n\r\n", 8))


def test_a_body_one_octet_over_its_bound_is_cut_whatever_size_is_announced() -> None:
    item = read_fetch(line(b"* 1 FETCH (UID 3 RFC822.SIZE 5 BODY[]<0> \x000\x00)", b"A: b\n\nxyz"))
    assert item is not None
    assert raw_fetched(item, max_size=9).is_partial is False
    assert raw_fetched(item, max_size=8).raw == b"A: b\n\n"


def test_a_body_cut_at_its_limit_keeps_its_header_and_says_so() -> None:
    head = b"Subject: x\r\n\r\nbegin"
    text = b"* 1 FETCH (UID 3 BODY[] \x000\x00)"
    item = read_fetch(Line(b"*", text, (Literal(head, 10**9),)))
    assert item is not None
    fetched = raw_fetched(item, max_size=1000)
    assert (fetched.raw, fetched.is_partial, fetched.size) == (b"Subject: x\r\n\r\n", True, 10**9)


@pytest.mark.parametrize(
    "text",
    [
        b"* 1 FETCH (FLAGS ())",
        b"* 1 FETCH (",
        b"* 1 FETCH (UID",
        b"* 1 FETCH (UID x)",
        b"* 1 FETCH ((((((",
        b"* OK [ALERT] hello",
        b"+ idling",
        b"",
    ],
)
def test_what_is_no_whole_answer_is_ignored(text: bytes) -> None:
    assert read_fetch(line(text)) is None


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(noise: bytes) -> None:
    read_fetch(line(b"* 1 FETCH (" + noise, b"literal"))
    read_flag_line(line(b"* 1 FETCH (" + noise))
    read_folders([line(b"* LIST (" + noise)])


@pytest.mark.parametrize(
    "text",
    [b"", b"soon", b"31-Feb-2024 00:00:00 +0000", b"01-Jan-0000 00:00:00 +0000",
     b"01-Jan-0001 00:00:00 +1400", b"01-Foo-2024 00:00:00 +0000", b"01-Jan-2024 25:00:00 +0000"],
)  # fmt: skip
def test_an_unreadable_date_becomes_the_epoch(text: bytes) -> None:
    assert read_internal_date(text) == EPOCH


def test_flags_leave_recent_out() -> None:
    assert read_flag_line(line(rb"* 1 FETCH (UID 9 FLAGS (\Recent \ANSWERED))")) == (
        9,
        frozenset({"\\Answered"}),
        0,
    )


def test_flags_with_modseq_are_read_in_both_orders() -> None:
    first = read_flag_line(line(b"* 1 FETCH (UID 9 FLAGS () MODSEQ (12))"))
    second = read_flag_line(line(b"* 1 FETCH (MODSEQ (12) FLAGS () UID 9)"))
    assert first == second == (9, frozenset(), 12)


@pytest.mark.parametrize("flag", ["a b", "\\", "", "(x)", "a\r\n", 'a"', "é", "%", "{3}"])
def test_what_is_no_flag_is_never_written(flag: str) -> None:
    with pytest.raises(ValueError, match="not an IMAP flag"):
        flag_list([flag])


def test_arguments_are_quoted_or_counted_and_never_smuggle() -> None:
    assert astring(b'a "b" \\') == b'"a \\"b\\" \\\\"'
    assert astring(b"a\r\nb") == Block(b"a\r\nb")
    assert astring("é".encode()) == Block("é".encode())


def test_copyuid_pairs_old_and_new_uids_wherever_it_stands() -> None:
    tagged = Answer("OK", "[COPYUID 1 4,7:8 20:22] done", ())
    untagged = Answer("OK", "done", (Line(b"*", b"* OK [COPYUID 1 4,7:8 20:22] moved"),))
    assert copied_uids(tagged) == copied_uids(untagged) == {4: 20, 7: 21, 8: 22}
    assert copied_uids(Answer("OK", "[COPYUID 1 4:5 20] odd", ())) == {}
    assert copied_uids(Answer("OK", "done", ())) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "wrong_password"),
        ("[ALERT] Application-specific password required", "app_password_required"),
        ("LOGIN failed. Please use an app password", "app_password_required"),
        ("[UNAVAILABLE] Temporary authentication failure", "throttled"),
        ("Too many simultaneous connections", "throttled"),
        ("AUTHENTICATE failed: BasicAuthBlocked", "oauth_required"),
        ("[PRIVACYREQUIRED] use TLS", "login_disabled"),
        ("LOGIN failed.", "wrong_password"),
    ],
)
def test_a_refused_login_says_why(text: str, code: str) -> None:
    assert refusal(text, at_login=True).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[OVERQUOTA] Quota exceeded", "quota"),
        ("Mailbox is full", "quota"),
        ("[TRYCREATE] no such folder", "rejected"),
        ("[INUSE] locked", "rejected"),
        ("No.", "rejected"),
    ],
)
def test_a_refused_command_says_why(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_a_goodbye_says_whether_to_slow_down() -> None:
    assert goodbye(" Too many connections").code == "throttled"
    assert goodbye(" Logging out for inactivity").code == "disconnected"


def test_a_header_ends_at_its_first_empty_line() -> None:
    assert header_of(b"A: b\r\n\r\nbody\n\n") == b"A: b\r\n\r\n"
    assert header_of(b"A: b\n\nbody\r\n\r\n") == b"A: b\n\n"
    assert header_of(b"A: b") == b"A: b"
