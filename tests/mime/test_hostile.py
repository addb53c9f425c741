"""Mail made to hurt: bounded in time, in memory and in depth, and still read."""

import resource
import time
import tracemalloc
from collections.abc import Callable

import pytest

from relance.mime.folding import fold_html
from relance.mime.names import person_name
from relance.mime.parse import parse, part_content
from relance.mime.plain import html_to_text
from relance.mime.quotes import signature_fields, split_quotes
from relance.mime.sanitise import Sanitised, document_for_frame, sanitise
from relance.mime.styles import clean_style
from relance.mime.subjects import base_subject
from relance.mime.text_html import text_to_html
from relance.mime.words import decode_words
from tests.mime.letters import HEADER, grows_linearly, headed, letter


def clean(html: str) -> Sanitised:
    return sanitise(html, cid_url=lambda _: None)


def nested(depth: int) -> bytes:
    heads = [
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'.encode()
        for n in range(depth)
    ]
    return HEADER + b"".join(heads) + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


def crowd(parts: int) -> bytes:
    part = b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n"
    return letter(part * parts + b"--b--\r\n", b'Content-Type: multipart/mixed; boundary="b"')


def same_prefix(parts: int) -> bytes:
    """Boundaries in force that almost match everywhere."""
    line = b"--" + b"a" * 69 + b"c\r\n"
    return letter(line * parts, b'Content-Type: multipart/mixed; boundary="' + b"a" * 69 + b'b"')


MAILS: dict[str, Callable[[int], bytes]] = {
    "semicolons in a content type": lambda n: letter(b"x", b"Content-Type: text/html " + b"; " * n),
    "parameters": lambda n: letter(b"x", b"Content-Type: text/html" + b"; a=b" * n),
    "open quotes in a content type": lambda n: letter(
        b"x", b"Content-Type: text/html" + b';a="' * n
    ),
    "continued parameters": lambda n: letter(
        b"x", b"Content-Type: text/html" + b"".join(b"; name*%d=x" % k for k in range(n))
    ),
    "angle brackets": lambda n: letter(b"x", b"Cc: " + b"<" * n),
    "closed brackets": lambda n: letter(b"x", b"Cc: " + b"<>" * n),
    "parentheses": lambda n: letter(b"x", b"Cc: " + b"(" * n),
    "nested comments": lambda n: letter(b"x", b"Cc: " + b"(" * n + b")" * n + b" a@b.example"),
    "escaped quotes": lambda n: letter(b"x", b"Cc: " + b'"\\' * n),
    "open quotes": lambda n: letter(b"x", b"Cc: a" + b'"' * (n * 2 + 1)),
    "groups": lambda n: letter(b"x", b"Cc: " + b"a:" * n),
    "recipients": lambda n: letter(b"x", b"Cc: " + b"Jo <jo@x.example>, " * n),
    "quoted recipients": lambda n: letter(b"x", b"Cc: " + b'"D, J" <jo@x.example>, ' * n),
    "loose names": lambda n: letter(b"x", b"Cc: " + b"jo, " * n),
    "encoded words": lambda n: letter(b"x", b"Subject: " + b"=?utf-8?q?=C3?=" * n),
    "open encoded words": lambda n: letter(b"x", b"Subject: " + b"=?utf-8?q?" * n),
    "references": lambda n: letter(b"x", b"References: " + b"<a@b> " * n),
    "open references": lambda n: letter(b"x", b"References: " + b"<" * n),
    "header lines": lambda n: letter(b"x", *[b"X-%d: y" % k for k in range(n)]),
    "lines that are no fields": lambda n: HEADER + b"nothing\r\nX: y\r\n" * n,
    "folds": lambda n: letter(b"x", b"Subject: a" + b"\r\n b" * n),
    "authentication results": lambda n: letter(
        b"x", b"Authentication-Results: " + b"dkim=pass " * n
    ),
    "nested containers": nested,
    "parts": crowd,
    "near boundaries": same_prefix,
    "dashes": lambda n: letter(b"--\r\n" * n, b'Content-Type: multipart/mixed; boundary="b"'),
    "parts without header end": lambda n: letter(
        b"--b\r\nX: y\r\n" * n, b'Content-Type: multipart/mixed; boundary="b"'
    ),
    "containers without boundary": lambda n: letter(
        b"--b\r\nContent-Type: multipart/mixed\r\n\r\n" * n,
        b'Content-Type: multipart/mixed; boundary="b"',
    ),
    "lost boundaries": lambda n: letter(
        b"--z\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n" * n,
        b'Content-Type: multipart/mixed; boundary="b"',
    ),
    "padding": lambda n: letter(b"QQ==" * n, b"Content-Transfer-Encoding: base64"),
    "equal signs": lambda n: letter(b"=" * n, b"Content-Transfer-Encoding: base64"),
    "soft breaks": lambda n: letter(b"= " * n, b"Content-Transfer-Encoding: quoted-printable"),
    "flowed quotes": lambda n: letter(b"> > \n" * n, b"Content-Type: text/plain; format=flowed"),
    "flowed markers": lambda n: letter(b">" * n, b"Content-Type: text/plain; format=flowed"),
    "open tags": lambda n: letter(b"<" * n, b"Content-Type: text/html"),
    "open comments": lambda n: letter(b"<!--" * n, b"Content-Type: text/html"),
    "open scripts": lambda n: letter(b"<script>" * n, b"Content-Type: text/html"),
    "heads": lambda n: letter(b"<head>" * n, b"Content-Type: text/html"),
    "blockquotes": lambda n: letter(b"<blockquote>" * n, b"Content-Type: text/html"),
    "content ids": lambda n: letter(b"cid:" * n, b"Content-Type: text/html"),
    "entities": lambda n: letter(b"&amp" * n, b"Content-Type: text/html"),
    "bare carriage returns": lambda n: letter(b"\r" * n),
    "nul": lambda n: letter(b"\x00" * n),
}


@pytest.mark.parametrize("name", MAILS)
def test_the_cost_of_a_mail_grows_with_its_length_and_no_faster(name: str) -> None:
    make = MAILS[name]

    def work(size: int) -> Callable[[], object]:
        raw = make(size)
        return lambda: parse(raw)

    assert grows_linearly(work, 4_000)


TEXTS: dict[str, Callable[[int], str]] = {
    "attributions": lambda n: "Le 3 nov. 2026 à 10:02, X a écrit :\n" * n,
    "half attributions": lambda n: "On Monday\n" * n + "wrote:\n",
    "colons": lambda n: ":\n" * n,
    "separators": lambda n: "-----Message d’origine\n" * n,
    "rules": lambda n: "____________________\n" * n,
    "header lines": lambda n: "De : x\nDe : y\n" * n,
    "markers": lambda n: ">" * n + "\n>" * n,
    "signatures": lambda n: "-- \nx\n" * n,
    "dashes": lambda n: "-" * n,
    "one line": lambda n: "Le " + "a écrit " * n + ":",
    "spaces": lambda n: " " * n + "x",
    "blank lines": lambda n: "\n" * n + "x",
    "phones": lambda n: "0 1 2 3 " * n,
    "links": lambda n: "http://a " * n,
    "addresses": lambda n: "a@" * n,
    "dots": lambda n: "a." * n + "@" + "b." * n,
    "brackets": lambda n: "http://a" + "(" * n + ")" * n,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_cost_of_a_text_grows_with_its_length_and_no_faster(name: str) -> None:
    make = TEXTS[name]

    def work(size: int) -> Callable[[], object]:
        text = make(size)
        return lambda: (split_quotes(text), signature_fields(text), text_to_html(text))

    assert grows_linearly(work, 2_000)


@pytest.mark.parametrize(
    "text",
    ["Re: " * 50_000, "[a]" * 50_000, "[" * 100_000, "Re" + " " * 100_000 + ":", "(fwd)" * 50_000],
)
def test_subjects_and_names_are_read_within_bounds(text: str) -> None:
    start = time.process_time()
    base, _ = base_subject(text)
    person_name(text, text)
    decode_words(text)
    assert time.process_time() - start < 1
    assert len(base) <= 255


PAGES: dict[str, Callable[[int], str]] = {
    "divisions": lambda n: "<div>" * n,
    "fonts reopened": lambda n: "<p>" + "".join(f"<font size={k}>" for k in range(n)) + "<p>x" * n,
    "tables": lambda n: "<table><tr><td>" * n,
    "attributes": lambda n: "<p " + " ".join(f"a{k}=1" for k in range(n * 5)) + ">x",
    "quoted attributes": lambda n: "<p " + " ".join(f"a{k}='<'" for k in range(n * 5)) + ">x",
    "anchors": lambda n: "<a href=x><b>" * n,
    "gmail quotes": lambda n: '<div class="gmail_quote">x' * min(n, 1_400),
    "ruled divisions": lambda n: '<div style="border-top:solid">' * min(n, 1_400) + "De : x",
    "rules": lambda n: "<hr>De : x" * n,
    "blockquotes": lambda n: "<blockquote>a</blockquote>" * n,
    "style attributes": lambda n: "".join(f'<p style="color:rgb({k},(0)">' for k in range(n)),
    "open style": lambda n: "<style>" * n,
    "sheets": lambda n: "<style>p{color:red}</style><p>x" * n,
    "long declarations": lambda n: "<style>*{font-family:" + "a" * n * 4 + "}</style>" + "<p>x" * n,
    "selectors": lambda n: "<style>" + "div p," * n + "b{color:red}</style>" + "<p>x</p>" * n,
    "open tags": lambda n: "<p <" * n,
    "open quotes": lambda n: '<p a="' * n,
    "bodies": lambda n: "<body bgcolor=" * n,
    "images": lambda n: "<img src=http://t/x>" * n,
    "entities": lambda n: "&#x41;" * n,
}


@pytest.mark.parametrize("name", PAGES)
def test_the_cost_of_a_page_grows_with_its_length_and_no_faster(name: str) -> None:
    make = PAGES[name]

    def work(size: int) -> Callable[[], object]:
        page = make(size)
        return lambda: (document_for_frame(clean(page)), fold_html(page), html_to_text(page))

    assert grows_linearly(work, 2_000)


@pytest.mark.parametrize("name", PAGES)
def test_the_largest_page_is_done_in_seconds(name: str) -> None:
    page = PAGES[name](100_000)[:2_000_000]
    start = time.process_time()
    document_for_frame(clean(page))
    assert time.process_time() - start < 10


def test_styles_nested_without_end_are_left_out() -> None:
    assert clean_style("color:" + "(" * 4_900) == ""
    assert clean_style("color:" + "a(" * 2_000) == ""


def test_a_container_nested_ten_thousand_times_is_read_to_its_bound() -> None:
    message = parse(nested(10_000))
    assert "nested-too-deep" in message.defects
    assert max(len(part.index.split(".")) for part in message.parts) <= 100


def test_of_a_hundred_thousand_parts_ten_thousand_are_kept() -> None:
    message = parse(crowd(100_000))
    assert len(message.parts) == 10_000
    assert "too-many-parts" in message.defects
    assert part_content(crowd(100_000), "10000") == b"x"


def test_fifty_thousand_recipients_are_read() -> None:
    people = b",\r\n ".join(b"Person %d <p%d@x.example>" % (n, n) for n in range(50_000))
    start = time.process_time()
    message = parse(letter(b"x", b"Cc: " + people))
    assert time.process_time() - start < 5
    assert len(message.cc) == 50_000
    assert message.cc[-1].address == "p49999@x.example"


def test_a_forty_kilobyte_content_type_is_still_html() -> None:
    message = parse(letter(b"<p>oui</p>", b"Content-Type: text/html " + b"; " * 20_000))
    assert message.html == "<p>oui</p>"
    assert message.text == "oui"


def test_a_thousand_brackets_leave_the_other_recipients_alone() -> None:
    message = parse(headed(b"To: " + b"<" * 1_000 + b", a@b.example"))
    assert "a@b.example" in [a.address for a in message.to]


@pytest.mark.parametrize("year", [1969, 1970, 2038, 9999])
def test_any_year_is_a_date_that_can_be_stored(year: int) -> None:
    message = parse(headed(b"Date: Thu, 1 Jan %d 00:00:00 +0000" % year))
    assert message.date is not None
    assert 1970 <= message.date.year <= 2100


def test_a_large_mail_takes_a_few_times_its_size() -> None:
    line = b"QUJD" * 19 + b"\r\n"
    raw = letter(line * 260_000, b"Content-Transfer-Encoding: base64", b"Content-Type: image/png")
    tracemalloc.start()
    message = parse(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message.parts[0].size == 260_000 * 57
    assert peak < 3 * len(raw)


def test_a_header_of_millions_of_lines_is_cut_within_bounds() -> None:
    raw = b"a:b\n" * 4_000_000 + b"\nbody"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    message = parse(raw)
    assert time.process_time() - start < 5
    assert message.size == len(raw)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000
