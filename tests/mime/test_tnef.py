"""winmail.dat: packed here as Outlook does, opened by the product."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.rtf import MAX_RTF, decompress, html_or_text
from relance.mime.tnef import MAX_FILES, unpack

HEAD = struct.pack("<IH", 0x223E9F78, 1)


def attribute(tag: int, value: bytes, level: int = 1) -> bytes:
    return struct.pack("<BII", level, tag, len(value)) + value + b"\0\0"


def properties(*rows: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(rows))
    for kind, name, value in rows:
        out += struct.pack("<HH", kind, name)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<II", 1, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
        else:
            out += value
    return out


def attached(title: str, data: bytes, *more: tuple[int, int, bytes]) -> bytes:
    return (
        attribute(0x9002, b"\0" * 14, 2)
        + attribute(0x8010, title.encode("cp1252") + b"\0", 2)
        + attribute(0x800F, data, 2)
        + (attribute(0x9005, properties(*more), 2) if more else b"")
    )


def unicode(name: int, text: str) -> tuple[int, int, bytes]:
    return 0x1F, name, text.encode("utf-16-le") + b"\0\0"


def test_files_come_out_with_their_long_names() -> None:
    pack = unpack(
        HEAD
        + attached("PLAN~1.PDF", b"%PDF-1.4", unicode(0x3707, "plan été.pdf"))
        + attached("devis.txt", b"48 000", unicode(0x370E, "text/plain"))
    )
    assert pack
    assert [(f.filename, f.content_type, f.data) for f in pack.files] == [
        ("plan été.pdf", "", b"%PDF-1.4"),
        ("devis.txt", "text/plain", b"48 000"),
    ]


def test_names_within_are_made_safe() -> None:
    pack = unpack(HEAD + attached("x", b"1", unicode(0x3707, "..\\..\\a/évil\u202egnp.exe")))
    assert pack and pack.files[0].filename == "évilgnp.exe"
    pack = unpack(HEAD + attached("", b"1"))
    assert pack and pack.files[0].filename == "file-1"


def test_properties_of_every_kind_are_stepped_over() -> None:
    rows = properties((0x03, 0x3705, b"\1\0\0\0"), (0x40, 0x3007, b"\0" * 8))
    named = struct.pack("<HH", 0x1F, 0x8001) + b"g" * 16 + struct.pack("<II", 1, 4) + b"n\0m\0"
    named += struct.pack("<II", 1, 4) + b"v\0\0\0"
    number = struct.pack("<HH", 0x0B, 0x8002) + b"g" * 16 + struct.pack("<II", 0, 7) + b"\1\0\0\0"
    many = struct.pack("<HHI", 0x1003, 0x6001, 2) + b"\0" * 8
    last = properties(unicode(0x1000, "Bonjour"))[4:]
    value = struct.pack("<I", 6) + rows[4:] + named + number + many + last
    pack = unpack(HEAD + attribute(0x9003, value))
    assert pack and pack.text == "Bonjour"


def test_html_is_preferred_and_text_kept() -> None:
    value = properties(unicode(0x1000, "Bonjour"), (0x102, 0x1013, b"<p>Bonjour</p>\0"))
    pack = unpack(HEAD + attribute(0x9003, value))
    assert pack and pack.html == "<p>Bonjour</p>" and pack.text == "Bonjour"
    pack = unpack(
        HEAD + attribute(0x9007, struct.pack("<II", 1252, 0)) + attribute(0x800C, b"\xe9t\xe9\0")
    )
    assert pack and pack.text == "été"


def uncompressed(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_the_compressed_text_of_the_specification_is_expanded() -> None:
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompress(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_rtf_gives_its_text() -> None:
    rtf = (
        b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}"
        b"Bonjour \\'e9lo\\u239?se\\par {\\b Merci}\\{ok\\}\\tab fin}"
    )
    value = properties((0x102, 0x1009, uncompressed(rtf)))
    pack = unpack(HEAD + attribute(0x9003, value))
    assert pack and pack.text == "Bonjour éloïse\nMerci{ok}\tfin" and not pack.html


def test_html_wrapped_into_rtf_comes_out_as_html() -> None:
    rtf = (
        b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\fonttbl{\\f0 Arial;}}"
        b"{\\*\\htmltag19 <html>}{\\*\\htmltag64 <p class=x>}\\htmlrtf {\\b \\htmlrtf0 Bonjour "
        b"\\'e9t\\'e9\\htmlrtf }\\htmlrtf0 {\\*\\mhtmltag64 <p class=y>}{\\*\\htmltag72 </p>}}"
    )
    html, text = html_or_text(rtf)
    assert html == "<html><p class=x>Bonjour été</p>" and text == ""


@pytest.mark.parametrize("data", [b"", b"\x78\x9f\x3e\x22", b"PK\x03\x04" * 10])
def test_what_is_no_pack_is_none(data: bytes) -> None:
    assert unpack(data) is None


@pytest.mark.parametrize(
    "data",
    [
        HEAD + attribute(0x9002, b"", 2) * 100_000,
        HEAD + struct.pack("<BII", 1, 0x9003, 0xFFFFFFFF) + struct.pack("<I", 0xFFFFFFFF) * 100,
        HEAD
        + attribute(
            0x9003, struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x101F, 1, 0xFFFFFFFF)
        ),
        HEAD
        + attribute(0x9003, struct.pack("<I", 5_000) + struct.pack("<HHI", 0x1003, 1, 0xFFFFFFFF)),
        HEAD
        + attribute(
            0x9003, properties((0x102, 0x1009, uncompressed(b"{\\rtf1" + b"{" * 3_000_000)))
        ),
        HEAD
        + attribute(
            0x9003, properties((0x102, 0x1009, uncompressed(b"{\\rtf1" + b"\\'e9" * 900_000)))
        ),
        HEAD
        + attribute(
            0x9003,
            properties(
                (
                    0x102,
                    0x1009,
                    struct.pack("<IIII", 9, 0xFFFFFFFF, 0x75465A4C, 0) + b"\xff\x00\x0f" * 200_000,
                )
            ),
        ),
    ],
)
def test_hostile_packs_are_read_within_a_bound(data: bytes) -> None:
    before = time.process_time()
    pack = unpack(data)
    assert time.process_time() - before < 4
    assert pack and len(pack.files) <= MAX_FILES


def test_a_small_file_does_not_expand_without_end() -> None:
    head = struct.pack("<IIII", 9, 0xFFFFFFFF, 0x75465A4C, 0)
    assert len(decompress(head + b"\xff" + b"\x00\x1f" * 8 * 500_000)) <= MAX_RTF


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(data: bytes) -> None:
    unpack(HEAD + data)
    unpack(HEAD + attribute(0x9003, data) + attribute(0x9002, b"", 2) + attribute(0x9005, data, 2))
    decompress(struct.pack("<IIII", 0, 400, 0x75465A4C, 0) + data)
    html_or_text(b"{\\rtf1" + data)
