"""Pictures for tests: sound ones, and ones that lie."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(size: tuple[int, int] = (400, 300), kind: str = "JPEG", **saving: Any) -> bytes:
    mode = saving.pop("mode", "RGB")
    out = io.BytesIO()
    Image.new(mode, size, saving.pop("colour", "red")).save(out, kind, **saving)
    return out.getvalue()


def with_exif(size: tuple[int, int] = (400, 200), *, orientation: int = 1) -> bytes:
    """A JPEG whose left half is red and whose right half is blue, with a place and a device."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"SecretComment", icc_profile=b"SecretProfile")
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large, and unfolds to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
