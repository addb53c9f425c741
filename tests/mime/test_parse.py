"""Whole mails: structure, roles of the parts, and every oddity by name."""

import base64
import hashlib
import pickle
from dataclasses import fields

import pytest

from relance.mime.message import Address, ParsedMessage
from relance.mime.parse import parse, part_content
from tests.mime.letters import HEADER, entity, headed, letter, multipart, whole

PLAIN = entity("text/plain; charset=utf-8", "Bonjour à tous".encode())
HTML = entity("text/html; charset=utf-8", "<p>Bonjour <b>à</b> tous</p>".encode())
PDF = entity(
    "application/pdf",
    base64.encodebytes(b"%PDF-1.4 content"),
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="devis.pdf"',
)
LOGO = entity(
    "image/png",
    base64.encodebytes(b"\x89PNG"),
    "Content-Transfer-Encoding: base64",
    "Content-ID: <logo@x>",
    "Content-Disposition: inline; filename=logo.png",
)


def roles(message: ParsedMessage) -> list[tuple[str, str, bool, bool]]:
    return [(p.index, p.content_type, p.is_attachment, p.is_inline) for p in message.parts]


def test_a_plain_mail_is_read_whole() -> None:
    message = parse(letter())
    assert message.from_ == (Address("Camille Laurent", "camille@clarte.example"),)
    assert message.to == (Address("Eloise Garnier", "eloise@belle-rive.example"),)
    assert (message.subject, message.message_id) == ("Devis", "devis-1@clarte.example")
    assert message.date is not None
    assert message.date.isoformat() == "2026-11-17T16:26:00+00:00"
    assert (message.text, message.html, message.snippet) == ("Bonjour", "", "Bonjour")
    assert message.defects == ()
    assert message.size == len(letter())


def test_an_alternative_gives_its_text_and_its_html() -> None:
    message = parse(whole(multipart("alternative", PLAIN, HTML)))
    assert message.text == "Bonjour à tous"
    assert message.html == "<p>Bonjour <b>à</b> tous</p>"
    assert roles(message) == [("1", "text/plain", False, False), ("2", "text/html", False, False)]


def test_html_alone_gives_a_text_too() -> None:
    message = parse(whole(HTML))
    assert message.text == "Bonjour à tous"
    assert message.html.startswith("<p>")


def test_an_empty_plain_version_is_replaced_by_the_text_of_the_html() -> None:
    message = parse(whole(multipart("alternative", entity("text/plain", b" \r\n"), HTML)))
    assert message.text == "Bonjour à tous"


def test_attachments_are_named_measured_and_digested() -> None:
    message = parse(whole(multipart("mixed", PLAIN, PDF)))
    part = message.parts[1]
    assert (part.index, part.filename, part.size) == ("2", "devis.pdf", 16)
    assert part.sha256 == hashlib.sha256(b"%PDF-1.4 content").hexdigest()
    assert part.is_attachment
    assert not part.is_inline
    assert message.text == "Bonjour à tous"


def test_an_image_the_html_shows_is_inline_and_another_is_attached() -> None:
    shown = entity("text/html", b'<img src="cid:logo@x">')
    message = parse(whole(multipart("related", shown, LOGO)))
    assert roles(message)[1] == ("2", "image/png", False, True)
    message = parse(whole(multipart("related", HTML, LOGO)))
    assert roles(message)[1] == ("2", "image/png", True, False)


def test_a_content_id_is_found_escaped_or_in_another_case() -> None:
    shown = entity("text/html", b"<img src=cid:LOGO%40x>")
    assert parse(whole(multipart("related", shown, LOGO))).parts[1].is_inline


def test_a_document_named_by_the_html_stays_an_attachment() -> None:
    pdf = entity("application/pdf", b"x", "Content-ID: <doc>")
    shown = entity("text/html", b'<a href="cid:doc">x</a>')
    assert parse(whole(multipart("related", shown, pdf))).parts[1].is_attachment


def test_nested_containers_number_their_parts_like_imap() -> None:
    inner = multipart(
        "alternative", PLAIN, multipart("related", HTML, LOGO, boundary="b3"), boundary="b2"
    )
    raw = whole(multipart("mixed", inner, PDF))
    assert [p.index for p in parse(raw).parts] == ["1.1", "1.2.1", "1.2.2", "2"]
    assert part_content(raw, "2") == b"%PDF-1.4 content"
    assert part_content(raw, "1.2.2") == b"\x89PNG"


@pytest.mark.parametrize("index", ["", "0", "1", "3", "1.9", "x", "2.1"])
def test_a_part_that_is_not_there_is_a_key_error(index: str) -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="b2")
    with pytest.raises(KeyError):
        part_content(whole(multipart("mixed", inner, PDF)), index)


def test_a_single_part_has_index_one() -> None:
    assert part_content(letter(b"abc"), "1") == b"abc"
    assert parse(letter(b"abc")).parts[0].index == "1"


def test_several_texts_are_read_one_after_the_other() -> None:
    message = parse(whole(multipart("mixed", PLAIN, PDF, entity("text/plain", b"footer"))))
    assert message.text == "Bonjour à tous\n\nfooter"
    message = parse(whole(multipart("mixed", HTML, entity("text/plain", b"a <footer>"))))
    assert "<p>Bonjour" in message.html
    assert "a &lt;footer&gt;" in message.html


def test_a_text_with_a_name_is_a_file() -> None:
    notes = entity("text/plain", b"notes", 'Content-Disposition: inline; filename="notes.txt"')
    message = parse(whole(multipart("mixed", PLAIN, notes)))
    assert message.text == "Bonjour à tous"
    assert message.parts[1].is_attachment


def test_a_nested_mail_is_a_file_named_after_its_subject() -> None:
    nested = entity("message/rfc822", headed(b"Subject: =?utf-8?q?D=C3=A9vis?= a/b"))
    message = parse(whole(multipart("mixed", PLAIN, nested)))
    assert message.parts[1].filename == "Dévis a-b.eml"
    assert message.parts[1].is_attachment
    assert "Subject" not in message.text


def test_a_digest_holds_mails_by_default() -> None:
    message = parse(whole(multipart("digest", b"\r\n" + headed(b"Subject: one"))))
    assert message.parts[0].content_type == "message/rfc822"
    assert message.parts[0].filename == "one.eml"


def test_invitations_and_winmail_are_listed() -> None:
    invitation = entity("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
    message = parse(whole(multipart("alternative", PLAIN, HTML, invitation)))
    assert (message.parts[2].filename, message.parts[2].is_attachment) == ("invite.ics", True)
    tnef = entity("application/ms-tnef", b"\x78\x9f\x3e\x22")
    message = parse(whole(multipart("mixed", PLAIN, tnef)))
    assert (message.parts[1].filename, message.parts[1].is_attachment) == ("winmail.dat", True)


def test_other_versions_of_the_text_are_no_attachments() -> None:
    amp = entity("text/x-amp-html", b"<html amp4email>")
    message = parse(whole(multipart("alternative", PLAIN, amp, HTML)))
    assert not any(part.is_attachment for part in message.parts)
    assert "amp" not in message.html


def test_an_image_alone_is_an_attachment() -> None:
    message = parse(HEADER + LOGO)
    assert message.parts[0].is_attachment
    assert message.text == message.html == ""


def test_flowed_text_is_joined() -> None:
    raw = letter(
        b"Une longue ligne \r\ncoup\xc3\xa9e.\r\n> cit\xc3\xa9 \r\n> encore\r\n-- \r\nCamille\r\n",
        b"Content-Type: text/plain; charset=utf-8; format=flowed",
    )
    assert parse(raw).text == "Une longue ligne coupée.\n> cité encore\n-- \nCamille"
    raw = letter(b"abc \r\ndef\r\n", b"Content-Type: text/plain; format=flowed; delsp=yes")
    assert parse(raw).text == "abcdef"
    raw = letter(b" >not a quote\r\n From here\r\n", b"Content-Type: text/plain; format=flowed")
    assert parse(raw).text == ">not a quote\nFrom here"


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (b"Qm9uam91cg==", "Bonjour"),
        (b"Qm9uam91cg", "Bonjour"),
        (b"Qm9u\r\nam91\r\ncg==\r\n", "Bonjour"),
        (b"Qm9u!am91%cg==", "Bonjour"),
        (b"Qm9uam9=\r\n1cg==", "Bonjo"),
        (b"Qm9uam91cg==\r\nIHRvdXM=\r\n", "Bonjour tous"),
        (b"Qm9uam91cg==\r\n_____\r\nlist footer in clear\r\n", "Bonjour"),
        (b"Q", ""),
        (b"", ""),
    ],
)
def test_base64_is_decoded_as_far_as_it_goes(encoded: bytes, decoded: str) -> None:
    text = parse(letter(encoded, b"Content-Transfer-Encoding: base64")).text
    assert text.startswith(decoded[:5])
    if encoded[7:8] != b"=":
        assert text == decoded


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (b"D=C3=A9vis", "Dévis"),
        (b"D=c3=a9vis", "Dévis"),
        (b"long=\r\n line", "long line"),
        (b"soft= \r\nbreak", "softbreak"),
        (b"100=% =ZZ =", "100=% =ZZ "),
        (b"a=", "a"),
    ],
)
def test_quoted_printable_is_decoded_as_far_as_it_goes(encoded: bytes, decoded: str) -> None:
    raw = letter(
        encoded, b"Content-Transfer-Encoding: quoted-printable", b"Content-Type: text/plain"
    )
    assert parse(raw).text.rstrip("=") == decoded.rstrip("=")


@pytest.mark.parametrize("name", ["", "8bit", "binary", "x-unknown", ";", "7bit; odd"])
def test_other_transfer_encodings_are_none(name: str) -> None:
    raw = letter(b"a=41", b"Content-Transfer-Encoding: " + name.encode())
    assert parse(raw).text == "a=41"


def test_uuencoded_content_is_decoded() -> None:
    body = b"begin 644 a.txt\n#86)C\n`\nend\n"
    assert parse(letter(body, b"Content-Transfer-Encoding: x-uuencode")).text == "abc"


def test_a_missing_closing_boundary_loses_nothing() -> None:
    raw = whole(multipart("mixed", PLAIN, PDF))
    message = parse(raw[: raw.rindex(b"--b1--")])
    assert message.text == "Bonjour à tous"
    assert message.parts[1].size == 16
    assert "boundary-unclosed" in message.defects


def test_a_boundary_that_never_comes_is_guessed() -> None:
    raw = whole(multipart("mixed", PLAIN, PDF)).replace(b'boundary="b1"', b'boundary="other"')
    message = parse(raw)
    assert message.text == "Bonjour à tous"
    assert [p.filename for p in message.parts] == ["", "devis.pdf"]
    assert "boundary-missing" in message.defects
    assert part_content(raw, "2") == b"%PDF-1.4 content"


def test_no_boundary_parameter_is_guessed_too() -> None:
    raw = whole(multipart("mixed", PLAIN, PDF)).replace(b'; boundary="b1"', b"")
    assert parse(raw).text == "Bonjour à tous"


def test_a_container_that_holds_nothing_is_shown_as_text() -> None:
    raw = letter(b"just words\r\n", b'Content-Type: multipart/mixed; boundary="zz"')
    assert parse(raw).text == "just words"


def test_an_inner_container_left_open_ends_with_its_parent() -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="b2").replace(b"--b2--\r\n", b"")
    message = parse(whole(multipart("mixed", inner, PDF)))
    assert [p.index for p in message.parts] == ["1.1", "1.2", "2"]
    assert message.html == "<p>Bonjour <b>à</b> tous</p>"


def test_one_boundary_used_on_two_levels_still_ends() -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="b1")
    message = parse(whole(multipart("mixed", inner, PDF)))
    assert message.text.startswith("Bonjour")


def test_boundaries_may_hold_dashes_and_spaces_behind() -> None:
    raw = whole(multipart("mixed", PLAIN, PDF, boundary="--=_a:b'(c)--"))
    raw = raw.replace(b"c)--\r\nContent-Type: app", b"c)-- \t\r\nContent-Type: app")
    assert [p.filename for p in parse(raw).parts] == ["", "devis.pdf"]


def test_a_line_of_dashes_in_a_text_is_no_boundary() -> None:
    text = entity("text/plain", b"a\r\n--\r\nb1\r\n--b10\r\n----b1\r\nend")
    message = parse(whole(multipart("mixed", text, PDF)))
    assert message.text == "a\n--\nb1\n--b10\n----b1\nend"


def test_the_preamble_and_the_epilogue_are_not_read() -> None:
    raw = whole(multipart("mixed", PLAIN))
    raw = raw.replace(b"\r\n\r\n--b1", b"\r\n\r\npreamble\r\n--b1", 1) + b"epilogue"
    assert parse(raw).text == "Bonjour à tous"


@pytest.mark.parametrize("ending", [b"\n", b"\r"])
def test_line_ends_of_other_systems_are_read(ending: bytes) -> None:
    raw = whole(multipart("mixed", PLAIN, PDF)).replace(b"\r\n", b"\n")
    raw = raw.replace(b"\n", ending)
    message = parse(raw)
    assert (message.subject, message.text) == ("Devis", "Bonjour à tous")
    assert message.parts[1].size == 16
    assert part_content(raw, "2") == b"%PDF-1.4 content"


def test_mixed_line_ends_are_one_kind_in_the_text() -> None:
    assert parse(letter(b"a\r\nb\nc\rd")).text == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\r\n\r\n",
        b"\x00",
        b"\x00" * 50,
        b":",
        b": x",
        b"Subject",
        b"\xff\xfe",
        b"--",
        b"\r",
    ],
)
def test_nothing_at_all_is_still_a_mail(raw: bytes) -> None:
    message = parse(raw)
    assert message.size == len(raw)
    assert message.date is None
    assert {"no-from", "no-date", "no-message-id"} <= set(message.defects)


def test_nul_never_reaches_any_field() -> None:
    raw = letter(b"a\x00b", b"Cc: \x00x\x00 <c\x00@d.example>", b"In-Reply-To: <a\x00@b>")
    message = parse(raw.replace(b"Devis", b"De\x00vis"))
    for field in fields(message):
        assert "\\x00" not in repr(getattr(message, field.name))
    assert message.text == "ab"


def test_texts_are_cut_at_their_bounds_and_it_is_said() -> None:
    message = parse(letter(b"a" * 3_000_000))
    assert len(message.text) == 1_000_000
    assert "text-cut-short" in message.defects
    message = parse(letter(b"<p>" + b"a" * 3_000_000, b"Content-Type: text/html"))
    assert len(message.html) == 2_000_000
    assert "html-cut-short" in message.defects


def test_the_snippet_is_the_sender_s_own_words() -> None:
    body = "Oui, d’accord.\n\nLe mar. 17 nov. 2026 à 17:26, X <x@y.example> a écrit :\n> vieux\n"
    assert parse(letter(body.encode())).snippet == "Oui, d’accord."
    long = parse(letter(b"mot " * 200)).snippet
    assert len(long) <= 200
    assert long.endswith("…")


# --- the digest (what every recipient's copy has in common)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"camille@", b"camilla@"),
        (b"eloise@", b"elise@"),
        (b"Subject: Devis", b"Subject: Devi"),
        (b"17:26:00", b"17:26:01"),
        (b"Bonjour", b"Bonsoir"),
        (b"<b>", b"<i>"),
        (b"devis.pdf", b"devis2.pdf"),
        (base64.b64encode(b"%PDF-1.4 content"), base64.b64encode(b"%PDF-1.5 content")),
        (b"MIME-Version", b"Cc: x@y.example\r\nMIME-Version"),
        (b"MIME-Version", b"Reply-To: x@y.example\r\nMIME-Version"),
    ],
)
def test_the_digest_changes_with_what_is_shared(old: bytes, new: bytes) -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="b2")
    raw = whole(multipart("mixed", inner, PDF))
    assert old in raw
    assert parse(raw).digest != parse(raw.replace(old, new, 1)).digest


def test_the_digest_ignores_what_is_one_copy_s_own() -> None:
    raw = whole(multipart("mixed", PLAIN, PDF))
    other = b"Received: from x\r\nDelivered-To: me@x.example\r\nBcc: me@x.example\r\n" + raw
    other = other.replace(b"devis-1@", b"devis-2@")
    assert parse(raw).digest == parse(other).digest


def test_the_digest_ignores_how_the_content_was_carried() -> None:
    one = whole(entity("text/plain; charset=utf-8", "à demain".encode()))
    two = whole(
        entity(
            "text/plain; charset=iso-8859-1",
            b"=E0 demain\r\n",
            "Content-Transfer-Encoding: quoted-printable",
        )
    )
    assert parse(one).digest == parse(two).digest


def test_what_was_cut_still_counts_in_the_digest() -> None:
    body = b"a" * 2_000_000
    assert parse(letter(body + b"x")).digest != parse(letter(body + b"y")).digest


def test_a_parsed_mail_survives_pickling() -> None:
    message = parse(whole(multipart("mixed", PLAIN, PDF)))
    assert pickle.loads(pickle.dumps(message)) == message
