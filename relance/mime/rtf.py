"""RTF as winmail.dat carries it: decompressed ([MS-OXRTFCP]), its text read, or the HTML that
Outlook wrapped into it ([MS-OXRTFEX]). Bounded, never raising."""

import re
import struct
from dataclasses import dataclass

MAX_RTF = 4_000_000
_HEAD = struct.Struct("<IIII")
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])"
    r"|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_SKIPPED = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer"),
    *("generator", "themedata", "datastore", "listtable", "listoverridetable", "rsidtbl"),
    *("latentstyles", "xmlnstbl", "fldinst", "pntext", "objdata", "filetbl", "revtbl"),
}
_WORDS = {
    "par": "\n", "line": "\n", "tab": "\t", "cell": "\t", "row": "\n", "sect": "\n", "page": "\n",
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
_DEEPEST = 200


def decompress(data: bytes) -> bytes:
    """The RTF in a PR_RTF_COMPRESSED; as much of it as `MAX_RTF`, b"" when it is none."""
    if len(data) < _HEAD.size:
        return b""
    _, size, magic, _ = _HEAD.unpack_from(data)
    if magic == _PLAIN:
        return data[_HEAD.size : _HEAD.size + min(size, MAX_RTF)]
    return _expand(data[_HEAD.size :], min(size, MAX_RTF)) if magic == _COMPRESSED else b""


def _expand(data: bytes, size: int) -> bytes:
    window = bytearray(_START.ljust(_WINDOW, b" "))
    at = len(_START)
    out = bytearray()
    position = 0
    while position < len(data) and len(out) < size:
        flags = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data):
                break
            if not flags >> bit & 1:
                run = data[position : position + 1]
                position += 1
            else:
                pair = int.from_bytes(data[position : position + 2], "big")
                position += 2
                offset, length = pair >> 4, (pair & 0xF) + 2
                if offset == at:
                    return bytes(out[:size])  # the end, said so
                run = _copied(window, offset, length, at)
            for byte in run:
                window[at] = byte
                at = (at + 1) % _WINDOW
            out += run
    return bytes(out[:size])


def _copied(window: bytearray, offset: int, length: int, at: int) -> bytes:
    """A run of the window, which may reach into what it is itself writing."""
    run = bytearray()
    distance = (at - offset) % _WINDOW or _WINDOW
    for number in range(length):
        run.append(
            run[number - distance] if number >= distance else window[(offset + number) % _WINDOW]
        )
    return bytes(run)


@dataclass(slots=True)
class _Group:
    """What holds until the closing brace."""

    is_skipped: bool = False
    is_tag: bool = False  # \*\htmltag: HTML as it was
    hides: bool = False  # \htmlrtf: RTF that only RTF readers want
    unicode_skip: int = 1


class _RtfReader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._group = _Group()
        self._stack: list[_Group] = []
        self._out: list[str] = []
        self._codec = "cp1252"
        self._bytes = bytearray()
        self._swallow = 0
        self._starred = False
        self.is_html = False

    def text(self) -> str:
        for match in _TOKEN.finditer(self._source):
            word, number, code, symbol, brace, plain = match.groups()
            if code is not None:
                self._byte(int(code, 16))
                continue
            self._flush()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == "*":
                self._starred = True
            elif symbol:
                self._write(_SYMBOLS.get(symbol, ""))
            elif plain:
                self._plain(plain)
        self._flush()
        return "".join(self._out)

    def _brace(self, brace: str) -> None:
        self._swallow = 0
        self._starred = False
        if brace == "{":
            if len(self._stack) < _DEEPEST:
                group = self._group
                self._stack.append(group)
                self._group = _Group(
                    group.is_skipped, group.is_tag, group.hides, group.unicode_skip
                )
        elif self._stack:
            self._group = self._stack.pop()

    def _byte(self, value: int) -> None:
        if self._swallow:
            self._swallow -= 1
        else:
            self._bytes.append(value)

    def _flush(self) -> None:
        if self._bytes:
            text = bytes(self._bytes).decode(self._codec, "replace")
            self._bytes.clear()
            self._write(text)

    def _plain(self, text: str) -> None:
        if self._swallow:
            text, self._swallow = text[self._swallow :], max(self._swallow - len(text), 0)
        self._write(text)

    def _write(self, text: str) -> None:
        group = self._group
        if not group.is_skipped and not group.hides:
            self._out.append(text)

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        group = self._group
        if word == "htmltag":
            group.is_tag, group.is_skipped = True, False
        elif word in _SKIPPED or starred:
            group.is_skipped = True
        elif word == "fromhtml":
            self.is_html = True
        elif word == "htmlrtf":
            group.hides = number != 0
        elif word == "ansicpg" and number:
            self._codec = _codec(number)
        elif word == "uc":
            group.unicode_skip = min(max(number or 0, 0), 8)
        elif word == "u" and number is not None:
            self._write(_character(number % 65_536))
            self._swallow = group.unicode_skip
        elif word in _WORDS:
            mark = _WORDS[word]
            self._write("\r\n" if mark == "\n" and self.is_html else mark)


def _codec(page: int) -> str:
    name = f"cp{page}" if page != 65_001 else "utf-8"
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name


def _character(code: int) -> str:
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def html_or_text(rtf: bytes) -> tuple[str, str]:
    """(HTML, "") when the RTF wraps HTML, else ("", its text)."""
    source = rtf[:MAX_RTF].decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        return "", ""
    reader = _RtfReader(source)
    text = reader.text()
    return (text, "") if reader.is_html else ("", text.strip())
