"""Files that may be shown, and bombs that may not (promise X4)."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
import zlib

import pytest

from relance.mime.previews import MAX_IMAGE_BYTES, image_type, is_modest_pdf


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


def jpeg(width: int, height: int) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    return (
        b"\xff\xd8" + app + b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\0" * 9
    )


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + rest


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(800, 600), "image/png"),
        (jpeg(800, 600), "image/jpeg"),
        (b"GIF89a" + struct.pack("<HH", 3, 4), "image/gif"),
        (webp(b"VP8X", b"\0\0\0\0" + b"\xff\1\0" + b"\xff\1\0"), "image/webp"),
        (webp(b"VP8L", b"\x2f" + struct.pack("<I", 99 | 49 << 14)), "image/webp"),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 10, 10)), "image/webp"),
    ],
)
def test_pictures_are_known_by_their_bytes(data: bytes, kind: str) -> None:
    assert image_type(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html>",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 100_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 100_000,
        png(60_000, 60_000),
        png(0, 10),
        png(10_000, 10_000),
        jpeg(65_000, 65_000),
        b"GIF89a" + struct.pack("<HH", 65_535, 65_535),
        png(10, 10) + b"\0" * MAX_IMAGE_BYTES,
    ],
)
def test_what_is_no_picture_and_what_is_a_bomb_is_not_shown(data: bytes) -> None:
    assert image_type(data) == ""


def pdf(*streams: bytes, extra: bytes = b"") -> bytes:
    objects = b"".join(
        b"%d 0 obj <</Length %d /Filter /FlateDecode%b>> stream\n%b\nendstream endobj\n"
        % (n, len(s), extra, s)
        for n, s in enumerate(streams, start=1)
    )
    return b"%PDF-1.7\n" + objects + b"%%EOF"


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(megabytes)) + packer.flush()


def test_an_ordinary_pdf_is_shown() -> None:
    assert is_modest_pdf(pdf(zlib.compress(b"BT (Bonjour) Tj ET" * 500)))
    assert is_modest_pdf(b"%PDF-1.4\n1 0 obj << >> stream\nplain\nendstream\n%%EOF")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>%PDF",
        pdf(bomb(300)),
        pdf(*([bomb(30)] * 10)),
        pdf(zlib.compress(bomb(20)), extra=b" /Filter [/FlateDecode /FlateDecode]"),
        pdf(zlib.compress(b"x"), extra=b" /Width 900000 /Height 900000"),
        b"%PDF-1.7\n" + b"stream\nendstream\n" * 1_000_000,
    ],
    ids=["empty", "page", "bomb", "bombs", "twice", "wide", "streams"],
)
def test_bombs_are_refused_in_time(data: bytes) -> None:
    before = time.monotonic()
    assert not is_modest_pdf(data)
    assert time.monotonic() - before < 5


def test_a_bomb_is_refused_within_256_megabytes() -> None:
    code = (
        "from tests.mime.test_previews import bomb, pdf\n"
        "from relance.mime.previews import is_modest_pdf\n"
        "assert not is_modest_pdf(pdf(bomb(600)))\n"
        # not ru_maxrss, in which a process inherits the peak of the one that started it
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 256 * 1024
