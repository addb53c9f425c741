"""Sound mails broken at random, through everything that reads mail: nothing is ever raised."""

import base64
import random
import time

import pytest

from relance.mime.folding import fold_html
from relance.mime.parse import parse, part_content
from relance.mime.quotes import signature_fields, split_quotes
from relance.mime.sanitise import document_for_frame, sanitise
from relance.mime.subjects import base_subject
from relance.mime.text_html import text_to_html
from tests.mime.letters import entity, letter, multipart, whole

PLAIN = entity(
    "text/plain; charset=utf-8; format=flowed",
    "Bonjour, \r\n> cité\r\n-- \r\nÉloïse\r\nDirectrice, Belle-Rive\r\n04 00 00 00 77".encode(),
)
HTML = entity(
    "text/html; charset=iso-8859-1",
    b'<html><head><style>p{color:red}</style></head><body bgcolor="#fff"><p>a=E9 <b>b</b></p>'
    b'<img src="cid:logo@x"><blockquote type="cite">q</blockquote></body></html>',
    "Content-Transfer-Encoding: quoted-printable",
)
FILE = entity(
    "application/pdf",
    base64.encodebytes(bytes(range(256))),
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment; filename*0*=utf-8''d%C3%A9; filename*1=vis.pdf",
)
NESTED = entity("message/rfc822", letter())
SEEDS = [
    letter(),
    letter(
        b"=?=",
        b"Subject: =?utf-8?q?D=C3?= =?utf-8?q?=A9vis?=",
        b'Cc: "a, b" <c@d.example>, (x) e@f',
    ),
    whole(multipart("alternative", PLAIN, HTML)),
    whole(multipart("mixed", multipart("related", HTML, FILE, boundary="b2"), NESTED, FILE)),
    whole(multipart("report", PLAIN, entity("message/delivery-status", b"Status: 5.1.1"))),
]
PIECES = [
    *(b"\r\n", b"\n", b"\r", b"\x00", b"--b1", b"--b1--", b"--", b"=?utf-8?q?", b"?=", b'"'),
    *(b"<", b">", b"(", b";", b":", b"=", b"\xff", b"\xc3", b"\xe9", b"<div>", b"<!--", b"\\"),
    *(b"> ", b"Content-Type: ", b"multipart/mixed; boundary=b1", b"base64", b"boundary="),
    *(b"charset=utf-7", b"\x1b$B"),
]


def mutated(chance: random.Random) -> bytes:
    """A seed with a few bytes replaced, removed, repeated, or pieces put in."""
    raw = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(raw) + 1), chance.randint(0, 30)
        action = chance.randrange(5)
        if action == 0:
            raw[at : at + 1] = bytes([chance.randrange(256)])
        elif action == 1:
            del raw[at : at + length]
        elif action == 2:
            raw[at:at] = chance.choice(PIECES) * chance.choice([1, 1, 2, 50])
        elif action == 3:
            raw[at:at] = raw[at : at + length] * chance.randint(1, 20)
        else:
            del raw[at + chance.randrange(len(raw) + 1) :]
    return bytes(raw)


def read_whole(raw: bytes) -> None:
    """Everything the product does with a mail."""
    message = parse(raw)
    assert message.size == len(raw)
    base_subject(message.subject)
    blocks = split_quotes(message.text)
    assert "".join(block.text for block in blocks) == message.text
    signature_fields(message.text)
    text_to_html(message.text)
    safe = sanitise(message.html, cid_url=lambda _: None)
    document_for_frame(safe)
    fold_html(message.html)
    for part in message.parts:
        assert len(part_content(raw, part.index)) == part.size
    for value in (message.subject, message.text, message.html, message.snippet):
        assert "\x00" not in value
        value.encode("utf-8")


def read_mutations(first: int, count: int) -> None:
    for seed in range(first, first + count):
        raw = mutated(random.Random(seed))
        start = time.process_time()
        read_whole(raw)
        assert time.process_time() - start < 2, f"seed {seed}"


def test_broken_mails_are_read_without_an_error() -> None:
    read_mutations(0, 400)


@pytest.mark.slow
def test_ten_thousand_broken_mails_are_read_without_an_error() -> None:
    read_mutations(1_000, 10_000)


def test_mails_cut_anywhere_are_read_without_an_error() -> None:
    raw = SEEDS[3]
    for length in range(0, len(raw), 7):
        read_whole(raw[:length])
