"""Which files may be shown in a page: told from their bytes, never from what they call themselves.

Nothing is decoded here: a picture's size is read in its head, and a PDF's streams are measured
piece by piece, so that a bomb costs its sender's wit and none of our memory.
"""

import re
import struct
import time
import zlib

MAX_IMAGE_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
MAX_PDF_BYTES = 40 * 1024 * 1024
_MAX_INFLATED = 200 * 1024 * 1024
_MAX_STREAMS = 20_000
_SECONDS = 3.0
_PIECE = 256 * 1024
_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_BIG_IMAGE = re.compile(rb"/(?:Width|Height)\s{1,5}(\d{5,12})\b")
_FILTERS_TWICE = re.compile(rb"/(?:FlateDecode|Fl)\b[^\]>]{0,80}/(?:FlateDecode|Fl|LZWDecode)\b")
_PDF_HEAD = re.compile(rb"%PDF-\d\.\d")


def image_type(data: bytes) -> str:
    """ "image/png", "image/jpeg", "image/gif" or "image/webp" when `data` is a picture that may be
    shown: known by its bytes, neither too heavy nor too large in pixels; else ""."""
    if len(data) > MAX_IMAGE_BYTES:
        return ""
    kind, size = _picture(data)
    if size is None or not all(0 < side <= MAX_SIDE for side in size):
        return ""
    return kind if size[0] * size[1] <= MAX_PIXELS else ""


def _picture(data: bytes) -> tuple[str, tuple[int, int] | None]:
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        return "image/png", struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return "image/gif", struct.unpack("<HH", data[6:10])
    if data[:2] == b"\xff\xd8":
        return "image/jpeg", _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", _webp(data)
    return "", None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    position = 2
    for _ in range(2_000):
        if position + 9 > len(data) or data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        if 0xD0 <= marker <= 0xD8 or marker == 0x01:
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def is_modest_pdf(data: bytes) -> bool:
    """Whether `data` is a PDF that a viewer opens without harm: of a sane length, its streams
    together too, no picture of absurd size, nothing packed twice. Takes seconds at most."""
    if len(data) > MAX_PDF_BYTES or not _PDF_HEAD.search(data[:1024]):
        return False
    if any(int(m[1]) > MAX_SIDE for m in _BIG_IMAGE.finditer(data)):
        return False
    return not _FILTERS_TWICE.search(data) and _inflates_modestly(data)


def _inflates_modestly(data: bytes) -> bool:
    until = time.monotonic() + _SECONDS
    room, position = _MAX_INFLATED, 0
    for _ in range(_MAX_STREAMS):
        found = _STREAM.search(data, position)
        if not found:
            return True
        end = data.find(b"endstream", found.end())
        end = len(data) if end < 0 else end
        room -= _inflated(memoryview(data)[found.end() : end], room, until)
        if room < 0 or time.monotonic() > until:
            return False
        position = end
    return False


def _inflated(packed: memoryview, room: int, until: float) -> int:
    """How long `packed` is once inflated, as far as `room`; 0 when it is not deflated."""
    inflater, length, feed = zlib.decompressobj(), 0, bytes(packed[:_PIECE])
    position = _PIECE
    try:
        while feed and length <= room and time.monotonic() < until:
            length += len(inflater.decompress(feed, _PIECE * 4))
            feed = inflater.unconsumed_tail
            if not feed and position < len(packed) and not inflater.eof:
                feed = bytes(packed[position : position + _PIECE])
                position += _PIECE
    except zlib.error:
        return length
    return length


def is_outsized_image(data: bytes) -> bool:
    """Whether `data` is a picture that would take a browser's memory to show."""
    kind, size = _picture(data)
    return bool(kind and size and (max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS))
