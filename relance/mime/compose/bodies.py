"""The parts of a mail that leaves (RFC 2045–2047, RFC 2183, RFC 2387).

::

    mixed ── alternative ── text
          │              ├─ related ── html
          │              │          └─ inline image …
          │              └─ calendar
          └─ file …

A level that would hold one thing is left out.
"""

import binascii
import hashlib
import re
from dataclasses import dataclass

from relance.mime.compose import headers

_LONGEST_LINE = 998
_LINE_END = re.compile(r"\r\n?|\n")
_RAW_LINE_END = re.compile(rb"\r\n|\r|\n")
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_CHARSET = re.compile(r";\s*charset=\"?([A-Za-z0-9_.:-]{1,40})\"?", re.IGNORECASE)
_HIGH = bytes(range(128, 256))
_UNKNOWN = "application/octet-stream"
_BASE64_LINE = 57  # bytes: 76 characters
_MARK = "=_"  # in no Base64, and in no quoted-printable (RFC 2045, 6.7)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a mail. An inline one is an image of the HTML, which names its `content_id`
    (without brackets) as `cid:`."""

    filename: str
    content_type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A node of the tree: its header lines, each ending in CRLF, and its body."""

    head: str
    body: bytes

    def __bytes__(self) -> bytes:
        return self.head.encode("ascii") + b"\r\n" + self.body


def text_part(text: str, subtype: str = "plain", *, parameters: str = "") -> Part:
    """Text in UTF-8, in the lightest encoding that any server carries unchanged."""
    encoding, body = encoded_text(text)
    head = f'Content-Type: text/{subtype}; charset="utf-8"{parameters}\r\n'
    return Part(f"{head}Content-Transfer-Encoding: {encoding}\r\n", body)


def html_document(html: str) -> str:
    """A fragment as a whole document; what is one already stays."""
    if "<html" in html[:2_000].lower():
        return html
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n'
        f"<body>\n{html}\n</body></html>\n"
    )


def file_part(file: File) -> Part:
    """A file. Its name is given twice: as a filename, and as the old `name` some still read."""
    kind = media_type(file.content_type)
    if kind.startswith("message/"):
        kind = kind if _is_seven_bit(file.data) else _UNKNOWN  # never encoded: RFC 2046, 5.2.1
    head = f"Content-Type: {kind}{_name(file.filename)}\r\n"
    disposition = "inline" if file.is_inline else "attachment"
    named = headers.parameter("filename", file.filename) if file.filename.strip() else ""
    head += f"Content-Disposition: {disposition}{named}\r\n"
    if content_id := headers.id_of(file.content_id):
        head += f"Content-ID: {content_id}\r\n"
    if kind.startswith("message/"):
        return Part(f"{head}Content-Transfer-Encoding: 7bit\r\n", _crlf(file.data))
    return Part(f"{head}Content-Transfer-Encoding: base64\r\n", base64_lines(file.data))


def media_type(text: str) -> str:
    """A type that can be written; octets for nonsense and for containers, which a file is not."""
    kind, _, rest = text.strip().partition(";")
    kind = kind.strip().lower()
    if not _TYPE.fullmatch(kind) or kind.startswith("multipart/"):
        return _UNKNOWN
    charset = _CHARSET.search(f";{rest}") if kind.startswith("text/") else None
    return f"{kind}; charset={charset[1]}" if charset else kind


def calendar_part(data: bytes, method: str) -> Part:
    """An invitation or an answer to one (RFC 6047, 2.4)."""
    text = data.decode("utf-8", "replace")
    word = re.sub(r"[^A-Za-z-]", "", method).upper() or "PUBLISH"
    return text_part(text, "calendar", parameters=f"; method={word}")


def container(kind: str, parts: list[Part], seed: str, *, parameters: str = "") -> Part:
    """Several parts in one; one part alone is itself.

    The boundary comes from `seed`: the same mail has the same bytes whenever it is built. It
    begins with what no encoded part can hold.
    """
    if len(parts) == 1:
        return parts[0]
    boundary = f"{_MARK}{hashlib.sha256(f'{kind} {seed}'.encode()).hexdigest()[:32]}"
    opening = f"--{boundary}\r\n".encode("ascii")
    pieces: list[bytes] = []
    for part in parts:
        pieces += [opening, bytes(part), b"\r\n"]  # that line end is the boundary's
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    head = f'Content-Type: multipart/{kind}{parameters};\r\n boundary="{boundary}"\r\n'
    return Part(head, b"".join(pieces))


def encoded_text(text: str) -> tuple[str, bytes]:
    """(transfer encoding, body ending with a line end): the lightest that any server carries."""
    lines = _LINE_END.split(text.replace("\x00", ""))
    while lines and not lines[-1].strip():
        lines.pop()
    data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
    if data.isascii() and _MARK.encode() not in data and _fits(lines):
        return "7bit", data.replace(b"\n", b"\r\n")
    start = data[:4_000]
    if (len(start) - len(start.translate(None, _HIGH))) * 3 > len(start):
        return "base64", base64_lines(data.replace(b"\n", b"\r\n"))
    quoted = binascii.b2a_qp(data, istext=True)
    quoted = re.sub(rb"(?m)^From ", b"=46rom ", quoted)
    return "quoted-printable", quoted.replace(b"\n", b"\r\n")


def _fits(lines: list[str]) -> bool:
    return all(len(line) <= _LONGEST_LINE and line[:5] != "From " for line in lines)


def base64_lines(data: bytes) -> bytes:
    """Base64 in lines of 76 characters."""
    whole = binascii.b2a_base64(data, newline=False)
    width = _BASE64_LINE // 3 * 4
    lines = [whole[n : n + width] for n in range(0, len(whole), width)]
    return b"\r\n".join(lines) + b"\r\n"


def _name(filename: str) -> str:
    name = headers.one_line(filename)
    if not name:
        return ""
    if name.isascii() and "=?" not in name:
        return headers.parameter("name", name)
    return f';\r\n name="{headers.encoded_words(name, len(" name=.."))}"'


def _is_seven_bit(data: bytes) -> bool:
    if not data.isascii() or b"\x00" in data:
        return False
    return all(len(line) <= _LONGEST_LINE for line in _RAW_LINE_END.split(data))


def _crlf(data: bytes) -> bytes:
    whole = _RAW_LINE_END.sub(b"\r\n", data)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"
