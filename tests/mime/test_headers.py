"""Header fields: unfolding, encoded words, addresses, dates, parameters."""

from datetime import UTC, datetime

import pytest

from relance.mime.addresses import MAX_ADDRESSES, addresses
from relance.mime.dates import read_date
from relance.mime.fields import read_header, read_part_header
from relance.mime.message import Address
from relance.mime.parameters import parameter, read_structured, safe_filename
from relance.mime.parse import message_ids, parse
from relance.mime.words import decode_words
from tests.mime.letters import headed, letter


def test_folded_lines_are_one_value() -> None:
    header = read_header(b"Subject: a\r\n b\r\n\tc\r\nTo: x@y\r\n\r\nbody", 0, 34)
    assert header.first(b"subject") == b"a b\tc"
    assert header.first(b"to") == b"x@y"


def test_the_body_starts_after_the_first_empty_line() -> None:
    raw = b"A: 1\n\nB: 2\n\nrest"
    header = read_header(raw, 0, len(raw))
    assert raw[header.body :] == b"B: 2\n\nrest"
    assert b"b" not in header.fields


def test_a_line_that_is_no_field_is_skipped_when_a_field_follows() -> None:
    raw = b"A: 1\nthis is lost folding\nB: 2\n\nrest"
    header = read_header(raw, 0, len(raw))
    assert header.first(b"b") == b"2"
    assert header.defects == ("header-line-unreadable",)


def test_a_lost_empty_line_does_not_lose_the_body() -> None:
    message = parse(b"From: a@b.example\r\nSubject: x\r\nBonjour Camille,\r\nvoici le devis.\r\n")
    assert message.text == "Bonjour Camille,\nvoici le devis."
    assert message.subject == "x"
    assert "header-cut-short" in message.defects


def test_a_mailbox_separator_line_before_the_header_is_no_harm() -> None:
    message = parse(b"From a@b.example Thu Aug 22 12:36:23 2002\nFrom: c@d.example\n\nx")
    assert [a.address for a in message.from_] == ["c@d.example"]
    assert not any(defect.startswith("header") for defect in message.defects)


def test_the_header_of_a_part_does_not_reach_into_the_next_part() -> None:
    raw = b"Content-Type: text/plain\n--b\nContent-Type: image/png\n\nxx"
    header = read_part_header(raw, 0, len(raw))
    assert header.fields[b"content-type"] == [b"text/plain"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("=?utf-8?B?RMOpdmlz?=", "Dévis"),
        ("=?UTF-8?Q?D=C3=A9vis_urgent?=", "Dévis urgent"),
        ("=?iso-8859-1?q?D=E9vis?= pour vous", "Dévis pour vous"),
        ("Re: =?utf-8?q?D=C3=A9?= =?utf-8?q?vis?=", "Re: Dévis"),
        ("=?utf-8?q?a?=\t=?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        # cut in the middle of a character, in both encodings
        ("=?utf-8?Q?D=C3?= =?utf-8?Q?=A9vis?=", "Dévis"),
        ("=?UTF-8?B?RMM=?= =?utf-8?B?qXZpcw==?=", "Dévis"),
        # a language tag (RFC 2231), spaces inside, missing padding, an unknown charset
        ("=?utf-8*fr?q?D=C3=A9vis?=", "Dévis"),
        ("=?utf-8?q?avec espaces?=", "avec espaces"),
        ("=?utf-8?B?RMOpdmlzIQ?=", "Dévis!"),
        ("=?x-martian?q?D=C3=A9vis?=", "Dévis"),
        ("=?windows-1252?q?l=92h=F4tel_=96_80_=80?=", "l’hôtel – 80 €"),
        ("=?iso-8859-15?q?80_=A4?=", "80 €"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        ("=?unicode_escape?q?=5Cx41?=", "\\x41"),
    ],
)
def test_encoded_words_are_decoded(written: str, read: str) -> None:
    assert decode_words(written) == read


def test_raw_eight_bit_headers_are_read_as_utf_8_then_western() -> None:
    assert parse(headed("Subject: Devis hôtel".encode())).subject == "Devis hôtel"
    assert parse(headed("Subject: Devis hôtel à l’étage".encode("cp1252"))).subject == (
        "Devis hôtel à l’étage"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a@b.example", [("", "a@b.example")]),
        ("Jean Dupont <j@d.example>", [("Jean Dupont", "j@d.example")]),
        ('"Dupont, Jean" <j@d.example>', [("Dupont, Jean", "j@d.example")]),
        ("Dupont, Jean <j@d.example>", [("Dupont, Jean", "j@d.example")]),
        ("a@b.example, c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("j@d.example (Jean Dupont)", [("Jean Dupont", "j@d.example")]),
        ("Team: a@b.example, c@d.example;", [("", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("Undisclosed recipients: ;", []),
        ('"a\\"b" <x@y.example>', [('a"b', "x@y.example")]),
        ("'Jean' <j@d.example>", [("Jean", "j@d.example")]),
        ("<j@d.example>", [("", "j@d.example")]),
        ("<mailto:j@d.example>", [("", "j@d.example")]),
        ("Jean <@relay.example:j@d.example>", [("Jean", "j@d.example")]),
        ("=?utf-8?q?=C3=89lo=C3=AFse?= <e@x.example>", [("Éloïse", "e@x.example")]),
        ("=?utf-8?q?Dupont=2C_Jean?= <j@d.example>", [("Dupont, Jean", "j@d.example")]),
        (
            "a <a@x.example>\r\n =?utf-8?q?=2C?= c@d.example",
            [("a", "a@x.example"), ("", "c@d.example")],
        ),
        ("Jean j@d.example", [("Jean", "j@d.example")]),
        ("j@d.example <j@d.example>", [("j@d.example", "j@d.example")]),
        ("Jean <>", [("Jean", "")]),
        ("foo@", [("", "foo@")]),
        ("Camille Laurent", [("Camille Laurent", "")]),
        (",,, ,", []),
        ('"unterminated <x@y.example>', [("unterminated", "x@y.example")]),
        ("Jean (c <x@y.example>", [("Jean (c", "x@y.example")]),
        ("Jean\u202e <x@y.example>", [("Jean", "x@y.example")]),
        ('"very.odd"@d.example', [("", "very.odd@d.example")]),
    ],
)
def test_addresses_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert addresses(text) == tuple(Address(*pair) for pair in expected)


def test_several_fields_of_one_name_are_one_list() -> None:
    message = parse(headed(b"To: a@b.example", b"To: c@d.example"))
    assert [a.address for a in message.to] == ["a@b.example", "c@d.example"]


def test_recipients_are_kept_up_to_fifty_thousand() -> None:
    text = ", ".join(f"p{n}@x.example" for n in range(MAX_ADDRESSES + 5))
    assert len(addresses(text)) == MAX_ADDRESSES
    named = ", ".join(f'"P, {n}" <p{n}@x.example>' for n in range(MAX_ADDRESSES + 5))
    assert len(addresses(named)) == MAX_ADDRESSES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 17 Nov 2026 17:26:00 +0100", (2026, 11, 17, 16, 26)),
        ("17 Nov 2026 17:26 GMT", (2026, 11, 17, 17, 26)),
        ("Tue, 17 Nov 2026 17:26:00", (2026, 11, 17, 17, 26)),
        ("Tue, 17 Nov 2026 17:26:00 -0500 (EST)", (2026, 11, 17, 22, 26)),
        ("Tue, 17 Nov 2026 17:26:00 EST", (2026, 11, 17, 22, 26)),
        ("Tue, 17 Nov 26 17:26:00 +0000", (2026, 11, 17, 17, 26)),
        ("Tue, 17 Nov 99 17:26:00 +0000", (1999, 11, 17, 17, 26)),
        ("Thu, 22 Aug 0102 12:07:35 +0000", (2002, 8, 22, 12, 7)),
        ("Tue Nov 17 17:26:00 2026", (2026, 11, 17, 17, 26)),
        ("Tue Nov 17 17:26:00 CET 2026", (2026, 11, 17, 16, 26)),
        ("2026-11-17T17:26:00+01:00", (2026, 11, 17, 16, 26)),
        ("2002/09/14 Sat 02:29:32 CDT", (2002, 9, 14, 7, 29)),
        ("mar., 17 nov. 2026 17:26:00 +0100", (2026, 11, 17, 16, 26)),
        ("17 févr. 2026 17:26:00 +0100", (2026, 2, 17, 16, 26)),
        ("Tue, 17 Nov 2026 5:26:00 PM +0000", (2026, 11, 17, 17, 26)),
        ("Tue, 17 Nov 2026 23:59:60 +0000", (2026, 11, 17, 23, 59)),
        ("Thu, 1 Jan 1970 00:00:00 +0000", (1970, 1, 1, 0, 0)),
        ("Thu, 1 Jan 1903 00:00:00 +0000", (1970, 1, 1, 0, 0)),
        ("Tue, 19 Jan 2038 03:14:08 +0000", (2038, 1, 19, 3, 14)),
        ("Fri, 31 Dec 9999 23:59:59 +0000", (2100, 1, 1, 0, 0)),
        ("Fri, 31 Dec 99999 23:59:59 +0000", (2100, 1, 1, 0, 0)),
    ],
)
def test_dates_are_read_in_utc_and_within_bounds(text: str, expected: tuple[int, ...]) -> None:
    found = read_date(text)
    assert found is not None
    assert found.tzinfo is UTC
    year, month, day, hour, minute = expected
    assert found.replace(second=0) == datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "31 Feb 2026 10:00:00 +0000", "99:99", "\x00"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_ids_are_read_without_brackets_case_kept() -> None:
    assert message_ids("<A.b@C> <d@e>\r\n\t<A.b@C>") == ("A.b@C", "d@e")
    assert message_ids("Your message of Tue <x@y>") == ("x@y",)
    assert message_ids("bare@id") == ("bare@id",)
    assert message_ids("< spaced @id >") == ("spaced@id",)
    assert message_ids("<unclosed@id") == ("unclosed@id",)
    assert message_ids("") == ()


def test_of_many_references_the_first_and_the_last_are_kept() -> None:
    found = message_ids(" ".join(f"<{n}@x>" for n in range(2_000)))
    assert len(found) == 500
    assert found[0] == "0@x"
    assert found[-1] == "1999@x"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('attachment; filename="devis.pdf"', "filename", "devis.pdf"),
        ("attachment; filename=devis.pdf", "filename", "devis.pdf"),
        ("attachment; filename=mon devis.pdf; size=3", "filename", "mon devis.pdf"),
        ("attachment; filename*=utf-8''d%C3%A9vis.pdf", "filename", "dévis.pdf"),
        ("attachment; filename*=iso-8859-1'fr'd%E9vis.pdf", "filename", "dévis.pdf"),
        (
            "attachment; filename*0*=utf-8''d%C3%A9; filename*1*=vis%20; filename*2=\"no.pdf\"",
            "filename",
            "dévis no.pdf",
        ),
        ('attachment; filename*0="long "; filename*1="name.pdf"', "filename", "long name.pdf"),
        ('attachment; filename="=?utf-8?q?d=C3=A9vis.pdf?="', "filename", "dévis.pdf"),
        ('attachment; filename="a\\"b.pdf"', "filename", 'a"b.pdf'),
        ('attachment; filename="unclosed.pdf', "filename", "unclosed.pdf"),
        ("text/html charset=utf-8", "charset", "utf-8"),
        ("text/plain; CHARSET = UTF-8 ; x", "charset", "UTF-8"),
        ("text/plain;;;; charset=utf-8", "charset", "utf-8"),
        ("text/plain", "charset", ""),
        ("text/plain; filename*9=x", "filename", ""),
    ],
)
def test_parameters_are_read(text: str, name: str, value: str) -> None:
    assert parameter(read_structured(text), name) == value


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("devis.pdf", "devis.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\devis.pdf", "devis.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("..", ""),
        ("a\r\nb.pdf", "ab.pdf"),
        ("", ""),
    ],
)
def test_file_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


def test_a_long_file_name_keeps_its_extension() -> None:
    found = safe_filename("x" * 300 + ".pdf")
    assert len(found) == 200
    assert found.endswith(".pdf")


def test_other_headers_are_kept_by_lower_case_name() -> None:
    found = parse(letter(b"x", b"List-Unsubscribe: <https://x.example/u>", b"X-Other: no")).headers
    assert found == {"list-unsubscribe": "<https://x.example/u>"}
