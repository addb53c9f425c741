"""Content-Transfer-Encoding undone (RFC 2045, 6), decoding what can be."""

import binascii
import re

from relance.mime.words import lenient_base64

_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
_AFTER_PADDING = re.compile(rb"=[=\s]*[A-Za-z0-9+/]")
_SOFT_BREAK_SPACES = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, str]:
    """`data` decoded, and the name of a defect ("" if sound). Unknown encodings count as none."""
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return _quoted_printable(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(data)
    return data, ""


def _base64(data: bytes) -> tuple[bytes, str]:
    padding = data.find(b"=")
    if padding >= 0 and _AFTER_PADDING.match(data, padding):
        return _joined_base64(data), "base64-broken"
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return lenient_base64(data), "base64-broken"
    # A sound body has 4 characters for 3 bytes, and a line end at most every few dozen.
    sound = len(decoded) * 4 >= len(data) * 3 * 0.85 or not _FOREIGN.search(data)
    return decoded, "" if sound else "base64-broken"


def _joined_base64(data: bytes) -> bytes:
    """Several base64 texts one after the other, each with its own padding."""
    pieces = re.split(rb"=[=\s]*+", data)
    # A footer that a mailing list added in clear is not base64 and is left out.
    return b"".join(lenient_base64(p) for p in pieces if p and not _FOREIGN.search(p) and _dense(p))


def _dense(piece: bytes) -> bool:
    return b" " not in piece.strip()


def _quoted_printable(data: bytes) -> tuple[bytes, str]:
    if b"=" not in data:
        return data, ""
    if b"= " in data or b"=\t" in data:
        data = _SOFT_BREAK_SPACES.sub(b"=", data)
    return binascii.a2b_qp(data), ""


def _uuencoded(data: bytes) -> tuple[bytes, str]:
    pieces: list[bytes] = []
    defect = ""
    inside = False
    for ended in data.split(b"\n"):
        line = ended.rstrip(b"\r")
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() in (b"end", b"`", b""):
            inside = line.strip() != b"end"
        else:
            try:
                pieces.append(binascii.a2b_uu(line))
            except binascii.Error:
                defect = "uuencode-broken"
    return b"".join(pieces), defect
