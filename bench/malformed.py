"""Eighteen kinds of malformed mail, each as it is met."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from bench.letters import head, ordinary

Kind = Callable[[int, random.Random, datetime], bytes]


def no_date(n: int, chance: random.Random, at: datetime) -> bytes:
    return ordinary(n, chance, at).replace(b"\r\nDate:", b"\r\nX-Date:", 1)


def no_message_id(n: int, chance: random.Random, at: datetime) -> bytes:
    return ordinary(n, chance, at).replace(b"Message-ID:", b"X-Was-ID:", 1)


def no_sender(n: int, chance: random.Random, at: datetime) -> bytes:
    return ordinary(n, chance, at).replace(b"From: Personne", b"X-From: Personne", 1)


def sender_without_domain(n: int, _chance: random.Random, at: datetime) -> bytes:
    spoiled = head(n, at).replace("From: Personne", "From: foo@\r\nX-From: Personne")
    return spoiled.encode() + b"\r\nfoo\r\n"


def group_not_closed(n: int, _chance: random.Random, at: datetime) -> bytes:
    return head(n, at).replace("To: Camille", "To: Equipe: Camille").encode() + b"\r\ngroup\r\n"


def unknown_charset(n: int, _chance: random.Random, at: datetime) -> bytes:
    first = head(n, at, extra="Content-Type: text/plain; charset=x-inconnu\r\n")
    return first.encode() + b"\r\n\xe9t\xe9 et hiver, for\xeat et c\x9cur\r\n"


def charset_that_is_no_text(n: int, _chance: random.Random, at: datetime) -> bytes:
    first = head(n, at, extra="Content-Type: text/plain; charset=hex\r\n")
    return first.encode() + b"\r\nzz not hexadecimal\r\n"


def broken_base64(n: int, _chance: random.Random, at: datetime) -> bytes:
    coded = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
    return head(n, at, extra=coded).encode() + b"\r\nQm9uam91ciE*c2E!bHV0*\r\n"


def boundary_of_another(n: int, chance: random.Random, at: datetime) -> bytes:
    return _in_parts(n, chance, at).replace(b"--alt", b"--autre")


def boundary_missing(n: int, _chance: random.Random, at: datetime) -> bytes:
    first = head(n, at, extra="Content-Type: multipart/mixed\r\n")
    return first.encode() + b"\r\n--x\r\n\r\ntext\r\n--x--\r\n"


def parts_not_closed(n: int, chance: random.Random, at: datetime) -> bytes:
    return _in_parts(n, chance, at).rpartition(b"--\r\n")[0][:-20]


def null_bytes(n: int, _chance: random.Random, at: datetime) -> bytes:
    return head(n, at).encode() + b"\r\nnul \x00\x00 bytes\x00\r\n"


def eight_bit_header(n: int, _chance: random.Random, at: datetime) -> bytes:
    mixed = b"Subject: \xe9t\xe9 \xc3\xa9t\xc3\xa9 "
    return head(n, at).encode().replace(b"Subject: ", mixed) + b"\r\n8-bit\r\n"


def split_encoded_words(n: int, _chance: random.Random, at: datetime) -> bytes:
    """One letter shared by two encoded words, which RFC 2047 forbids and mailers write."""
    subject = "=?utf-8?b?w4lj?=\r\n =?utf-8?b?bGFpcmFn?= =?utf-8?b?ZSDD?= =?utf-8?b?qQ==?="
    return head(n, at, subject=subject).encode() + b"\r\nsplit\r\n"


def header_of_semicolons(n: int, _chance: random.Random, at: datetime) -> bytes:
    long = "Content-Type: text/html " + "; " * 20_000 + "\r\n"
    return head(n, at, extra=long).encode() + b"\r\n<p>x</p>\r\n"


def bare_line_feeds(n: int, chance: random.Random, at: datetime) -> bytes:
    return ordinary(n, chance, at).replace(b"\r\n", b"\n")


def no_body(n: int, _chance: random.Random, at: datetime) -> bytes:
    return head(n, at).encode() + b"\r\n"


def nothing_at_all(_n: int, _chance: random.Random, _at: datetime) -> bytes:
    return b"\r\n"


KINDS: tuple[Kind, ...] = (
    *(no_date, no_message_id, no_sender, sender_without_domain, group_not_closed),
    *(unknown_charset, charset_that_is_no_text, broken_base64, boundary_of_another),
    *(boundary_missing, parts_not_closed, null_bytes, eight_bit_header, split_encoded_words),
    *(header_of_semicolons, bare_line_feeds, no_body, nothing_at_all),
)


def _in_parts(n: int, chance: random.Random, at: datetime) -> bytes:
    """An ordinary mail of an odd number is in two parts, unless it is a fifth one."""
    raw = ordinary(n, chance, at)
    assert b"--alt" in raw, n
    return raw
