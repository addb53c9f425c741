"""Mails of several parts, read back by the standard library and by ourselves."""

import email
import email.policy
import hashlib
import re
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.compose import Composition, File, build, text_of
from relance.mime.message import Address
from relance.mime.parse import parse

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
LOGO = File("logo.png", "image/png", PIXEL, content_id="logo@clarte.example", is_inline=True)
QUOTE = File("Devis été 2026.pdf", "application/pdf", b"%PDF-1.7\n" + PIXEL * 20)
HTML = '<p>Bonjour Éloïse, <img src="cid:logo@clarte.example" alt=""></p>'


def composition(**changes: object) -> Composition:
    values: dict[str, object] = {
        "from_": Address("Camille", "camille@clarte.example"),
        "to": (Address("Éloïse", "eloise@belle-rive.example"),),
        "subject": "Devis",
        "text": "Bonjour Éloïse",
        "message_id": "0123456789abcdef@clarte.example",
        "date": datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    }
    return Composition(**(values | changes))  # type: ignore[arg-type]


def read(**changes: object) -> tuple[EmailMessage, bytes]:
    """As the standard library reads it: no defect anywhere."""
    raw = build(composition(**changes))
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        assert part.defects == []
    return message, raw


def shape(message: EmailMessage) -> object:
    """The tree of types: "text/plain", or ("mixed", [...])."""
    if not message.is_multipart():
        return message.get_content_type()
    parts = [shape(cast(EmailMessage, part)) for part in message.iter_parts()]
    return (message.get_content_subtype(), parts)


TEXT, PAGE = "text/plain", "text/html"
SHAPES: list[tuple[dict[str, object], object]] = [
    ({}, TEXT),
    ({"html": "<p>x</p>"}, ("alternative", [TEXT, PAGE])),
    (
        {"html": HTML, "files": (LOGO,)},
        ("alternative", [TEXT, ("related", [PAGE, "image/png"])]),
    ),
    ({"files": (QUOTE,)}, ("mixed", [TEXT, "application/pdf"])),
    ({"files": (LOGO,)}, ("mixed", [TEXT, "image/png"])),
    (
        {"html": HTML, "files": (QUOTE, LOGO, QUOTE)},
        (
            "mixed",
            [
                ("alternative", [TEXT, ("related", [PAGE, "image/png"])]),
                "application/pdf",
                "application/pdf",
            ],
        ),
    ),
    (
        {"html": "<p>x</p>", "calendar": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
        ("alternative", [TEXT, PAGE, "text/calendar"]),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), SHAPES)
def test_a_mail_has_the_levels_it_needs_and_no_more(
    changes: dict[str, object], expected: object
) -> None:
    message, _ = read(**changes)
    assert shape(message) == expected


def test_both_parsers_find_every_part_unchanged() -> None:
    message, raw = read(html=HTML, files=(LOGO, QUOTE))
    body, page = message.get_body(["plain"]), message.get_body(["html"])
    assert body is not None
    assert page is not None
    assert body.get_content().strip() == "Bonjour Éloïse"
    assert HTML in page.get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == QUOTE.filename
    assert attached.get_content() == QUOTE.data

    ours = parse(raw)
    assert ours.defects == ()
    assert ours.text == "Bonjour Éloïse"
    assert HTML in ours.html
    logo, quote = (p for p in ours.parts if p.is_inline or p.is_attachment)
    assert (logo.content_id, logo.is_inline) == (LOGO.content_id, True)
    assert logo.sha256 == hashlib.sha256(LOGO.data).hexdigest()
    assert (quote.filename, quote.content_type) == (QUOTE.filename, "application/pdf")
    assert quote.sha256 == hashlib.sha256(QUOTE.data).hexdigest()


def test_the_same_mail_has_the_same_bytes_and_another_has_other_boundaries() -> None:
    one = composition(html=HTML, files=(LOGO, QUOTE))
    assert build(one) == build(composition(html=HTML, files=(LOGO, QUOTE)))
    boundary = re.compile(rb'boundary="([^"]+)"')
    other = build(composition(html=HTML, files=(LOGO, QUOTE), message_id="other@x.example"))
    mine = boundary.findall(build(one))
    assert len(set(mine)) == 3
    assert not set(mine) & set(boundary.findall(other))


def test_base64_has_lines_of_76_characters() -> None:
    _, raw = read(files=(QUOTE,))
    encoded = raw.split(b"base64\r\n\r\n")[1].split(b"\r\n\r\n--")[0].split(b"\r\n")
    assert {len(line) for line in encoded[:-1]} == {76}
    assert 0 < len(encoded[-1]) <= 76


def test_an_empty_file_arrives_empty() -> None:
    message, _ = read(files=(File("vide.bin", "application/octet-stream", b""),))
    (attached,) = message.iter_attachments()
    assert attached.get_content() == b""


@given(
    name=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=250),
    data=st.binary(max_size=400),
)
@settings(max_examples=150, deadline=None)
def test_any_name_and_any_bytes_come_through(name: str, data: bytes) -> None:
    message, raw = read(files=(File(name, "application/x-thing", data),))
    (attached,) = message.iter_attachments()
    assert attached.get_content() == data
    (part,) = (p for p in parse(raw).parts if p.is_attachment)
    assert part.sha256 == hashlib.sha256(data).hexdigest()
    if name == name.strip() and "/" not in name and "\\" not in name and '"' not in name:
        found = attached.get_filename() or ""
        assert " ".join(found.split()) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    ["Été à l’hôtel.pdf", "日本語" * 60 + ".pdf", "a" * 250 + ".pdf", 'say "hi".txt', "a=?b?=.c"],
)
def test_our_own_reader_gives_the_name_back(name: str) -> None:
    (part,) = (p for p in parse(read(files=(File(name, "a/b", b"x"),))[1]).parts if p.is_attachment)
    assert part.filename.replace("'", '"') in (
        name,
        name.replace('"', "_"),
        name[-len(part.filename) :],
    )


@pytest.mark.parametrize(
    ("given_type", "written"),
    [
        ("text/csv; charset=iso-8859-1", 'text/csv; charset="iso-8859-1"'),
        ("IMAGE/PNG", "image/png"),
        ("image/png\r\nBcc: x@evil.example", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("multipart/mixed; boundary=x", "application/octet-stream"),
        ("text/html; charset=utf-8; name=x\r\n", 'text/html; charset="utf-8"'),
    ],
)
def test_a_type_that_cannot_be_written_is_octets(given_type: str, written: str) -> None:
    message, raw = read(files=(File("x", given_type, b"abc"),))
    (attached,) = message.iter_attachments()
    assert attached["content-type"].replace('; name="x"', "").startswith(written)
    assert parse(raw).bcc == ()


def test_a_mail_attached_as_a_mail_stays_readable() -> None:
    inner = build(composition(subject="Dedans"))
    message, _ = read(files=(File("mail.eml", "message/rfc822", inner),))
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "message/rfc822"
    assert attached["content-transfer-encoding"] == "7bit"
    assert attached.get_content()["subject"] == "Dedans"


def test_a_mail_of_eight_bits_is_attached_as_octets() -> None:
    inner = "Subject: x\r\n\r\nété\r\n".encode("latin-1")
    message, _ = read(files=(File("mail.eml", "message/rfc822", inner),))
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_content() == inner


def test_an_answer_to_an_invitation_names_its_method() -> None:
    event = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nSUMMARY:Réunion\r\nEND:VCALENDAR\r\n"
    message, _ = read(html="<p>Oui</p>", calendar=event.encode(), calendar_method="reply")
    part = list(message.iter_parts())[-1]
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "REPLY"
    assert part.get_content().replace("\r\n", "\n") == event.replace("\r\n", "\n")


def test_further_headers_are_written_and_none_is_doubled_or_injected() -> None:
    message, _ = read(
        headers=(("Auto-Submitted", "auto-replied"), ("X-Note", "été\r\nBcc: x@evil.example"))
    )
    assert message["auto-submitted"] == "auto-replied"
    assert "été" in message["x-note"]
    assert message["bcc"] is None
    for name in ("From", "bcc", "Content-Type", "X Y", "X:Y", "", "Sender"):
        with pytest.raises(ValueError, match="header"):
            read(headers=((name, "x"),))


def test_blind_copies_are_in_the_sender_s_own_copy_alone() -> None:
    mail = composition(bcc=(Address("Secret", "secret@x.example"),))
    assert parse(build(mail)).bcc == ()
    kept = parse(build(mail, with_bcc=True))
    assert kept.bcc == (Address("Secret", "secret@x.example"),)
    assert kept.digest == parse(build(mail)).digest, "still the same message"


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_subject_is_read_back_by_both(text: str) -> None:
    message, raw = read(subject=text)
    assert parse(raw).subject == " ".join(text.split())
    assert " ".join(str(message["subject"]).split()) == " ".join(text.split())
    for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if b"=?utf-8" in line:
            assert len(line) <= 76


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Bonjour</p><p>À demain</p>", "Bonjour\n\nÀ demain"),
        (
            '<p>Voici <a href="https://x.example/a?b=1&amp;c=2">le devis</a>.</p>',
            "Voici le devis <https://x.example/a?b=1&c=2>.",
        ),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<p><img src="cid:1" alt="Le plan"></p>', "[Le plan]"),
        ("<ul><li>un</li><li>deux</li></ul>", "- un\n- deux"),
        ("<p>Oui.</p><blockquote><p>Non ?</p></blockquote>", "Oui.\n\n> Non ?"),
        (
            '<p>Oui</p><div class="signature" data-marker="signature">Camille</div>',
            "Oui\n\n-- \nCamille",
        ),
    ],
)
def test_the_plain_alternative_holds_what_the_page_says(html: str, text: str) -> None:
    assert text_of(html) == text


def test_four_kilobytes_are_composed_in_half_a_millisecond() -> None:
    line = "Bonjour Éloïse, voici le devis : 80 € pour la salle."
    mail = composition(text=f"{line}\n" * 35, html=f"<p>{line}</p>\n" * 35)
    best = min(_seconds(mail) for _ in range(5))
    assert best < 0.000_5


def _seconds(mail: Composition) -> float:
    start = time.perf_counter()
    for _ in range(50):
        build(mail)
    return (time.perf_counter() - start) / 50
