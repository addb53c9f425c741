"""winmail.dat opened: what Outlook packs into one file for Exchange ([MS-OXTNEF]).

Read with bounds and never raising; what is cut short gives what came before.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from relance.mime.charsets import clean, decode
from relance.mime.parameters import media_type, safe_filename
from relance.mime.rtf import decompress, html_or_text

MAX_BYTES = 48 * 1024 * 1024
MAX_FILES = 500
_SIGNATURE = 0x223E9F78
_MOST_ATTRIBUTES = 20_000
_MOST_PROPERTIES = 5_000
_MOST_TEXT = 2_000_000
_ATTRIBUTE = struct.Struct("<BII")
_LONG = struct.Struct("<I")
# attributes
_BODY, _TITLE, _DATA, _RENDERING = 0x800C, 0x8010, 0x800F, 0x9002
_MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODE_PAGE = 0x9003, 0x9005, 0x9007
# MAPI properties
_P_BODY, _P_RTF, _P_HTML, _P_CHARSET = 0x1000, 0x1009, 0x1013, 0x3FDE
_P_DATA, _P_NAME, _P_LONG_NAME, _P_TYPE, _P_CID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_FIXED = {
    **dict.fromkeys((0x02, 0x03, 0x04, 0x0A, 0x0B), 4),
    **dict.fromkeys((0x05, 0x06, 0x07, 0x14, 0x40), 8),
    0x48: 16,
}
_VARIABLE = {0x1E, 0x1F, 0x102, 0x0D}
_OBJECT = 0x0D
_UNICODE = 0x1F
_NAMED = 0x8000
_MULTIPLE = 0x1000


@dataclass(slots=True)
class PackedFile:
    """A file within; `content_type` is "" when the pack does not say."""

    filename: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Pack:
    """What is within: the text, its HTML when there is some (unsanitised), and the files."""

    text: str = ""
    html: str = ""
    files: list[PackedFile] = field(default_factory=list)


def unpack(data: bytes) -> Pack | None:
    """The content of a winmail.dat; None when `data` is none."""
    if len(data) < 6 or len(data) > MAX_BYTES or _LONG.unpack_from(data)[0] != _SIGNATURE:
        return None
    reader = _Reader()
    for tag, value in _attributes(data):
        reader.take(tag, value)
    return reader.pack()


def _attributes(data: bytes) -> Iterator[tuple[int, memoryview]]:
    view, position = memoryview(data), 6
    for _ in range(_MOST_ATTRIBUTES):
        if position + _ATTRIBUTE.size > len(data):
            return
        _, tag, length = _ATTRIBUTE.unpack_from(data, position)
        position += _ATTRIBUTE.size
        yield tag & 0xFFFF, view[position : position + length]
        position += length + 2  # the checksum


class _Reader:
    """Gathers the attributes of one pack."""

    def __init__(self) -> None:
        self._files: list[PackedFile] = []
        self._charset = "cp1252"
        self._plain = b""
        self._properties: dict[int, bytes | str] = {}

    def take(self, tag: int, value: memoryview) -> None:
        if tag == _RENDERING:
            if len(self._files) < MAX_FILES:
                self._files.append(PackedFile())
        elif tag == _CODE_PAGE and len(value) >= 4:
            self._charset = f"cp{_LONG.unpack_from(value)[0]}"
        elif tag == _BODY:
            self._plain = bytes(value[:_MOST_TEXT])
        elif tag == _MESSAGE_PROPERTIES:
            self._properties = dict(_properties(value, self._charset))
        elif self._files:
            self._take_file(tag, value)

    def _take_file(self, tag: int, value: memoryview) -> None:
        file = self._files[-1]
        if tag == _TITLE:
            file.filename = file.filename or decode(bytes(value[:600]).rstrip(b"\0"), self._charset)
        elif tag == _DATA:
            file.data = bytes(value)
        elif tag == _FILE_PROPERTIES:
            found = dict(_properties(value, self._charset))
            name = found.get(_P_LONG_NAME) or found.get(_P_NAME)
            file.filename = name if isinstance(name, str) and name else file.filename
            file.content_type = media_type(str(found.get(_P_TYPE, "")))
            file.content_id = str(found.get(_P_CID, ""))[:255]
            whole = found.get(_P_DATA)
            file.data = file.data or (whole if isinstance(whole, bytes) else b"")

    def pack(self) -> Pack:
        for number, file in enumerate(self._files, start=1):
            file.filename = safe_filename(clean(file.filename)) or f"file-{number}"
        html, text = self._text()
        return Pack(clean(text), clean(html), [f for f in self._files if f.data])

    def _text(self) -> tuple[str, str]:
        """(HTML, text), from the richest form there is."""
        text = self._properties.get(_P_BODY) or decode(self._plain, self._charset).rstrip("\0")
        text = text if isinstance(text, str) else decode(text, self._charset)
        html = self._properties.get(_P_HTML, "")
        if isinstance(html, bytes):
            html = decode(html[:_MOST_TEXT], "")
        rtf = self._properties.get(_P_RTF)
        if not html.strip() and isinstance(rtf, bytes):
            html, drawn = html_or_text(decompress(rtf))
            text = text if text.strip() else drawn
        return html.rstrip("\0"), text


def _properties(value: memoryview, charset: str) -> Iterator[tuple[int, bytes | str]]:
    """(property id, its first value) for those of text and bytes."""
    reader = _Cursor(value)
    for _ in range(min(reader.number(), _MOST_PROPERTIES)):
        kind, name = reader.pair()
        if name >= _NAMED:
            reader.skip_name()
        base = kind & ~_MULTIPLE
        if base in _FIXED:
            count = reader.number() if kind & _MULTIPLE else 1
            reader.skip(count * _FIXED[base])
        elif base in _VARIABLE:
            count = reader.number()
            first = b""
            for number in range(min(count, 1_000)):
                found = reader.block()
                first = found if number == 0 else first
            yield name, _value(base, first, charset)
        else:
            return  # unknown: how long it is cannot be told
        if reader.is_over:
            return


def _value(kind: int, data: bytes, charset: str) -> bytes | str:
    if kind == _UNICODE:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    if kind == _OBJECT:
        return data[16:]  # after the interface's identifier
    return decode(data.rstrip(b"\0"), charset) if kind == 0x1E else data


class _Cursor:
    """Reads on; past the end everything is zero."""

    def __init__(self, value: memoryview) -> None:
        self._value = value
        self._at = 0

    @property
    def is_over(self) -> bool:
        return self._at >= len(self._value)

    def skip(self, length: int) -> None:
        self._at += length

    def number(self) -> int:
        piece = self._value[self._at : self._at + 4]
        self._at += 4
        return int(_LONG.unpack(piece)[0]) if len(piece) == 4 else 0

    def pair(self) -> tuple[int, int]:
        number = self.number()
        return number & 0xFFFF, number >> 16

    def block(self) -> bytes:
        length = self.number()
        found = bytes(self._value[self._at : self._at + length])
        self._at += (length + 3) & ~3
        return found

    def skip_name(self) -> None:
        """A named property: its set, then a number or a name."""
        self.skip(16)
        if self.number() == 0:
            self.skip(4)
        else:
            self.block()
