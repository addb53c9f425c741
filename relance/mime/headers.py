"""Headers read from bytes: unfolding, encoded words, addresses, parameters, ids, dates.

Everything here is linear in the length of its input, and bounded: a header is somebody else's
text, and a hostile one must cost no more than a long one.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from relance.lib import clock
from relance.mime.charsets import decode
from relance.mime.message import Address

MAX_BLOCK = 8_000_000  # bytes of headers: fifty thousand recipients fit
MAX_STRUCTURED = 8_192  # characters of a header with parameters
MAX_ADDRESSES = 50_000
MAX_IDS = 1_000
Headers = dict[str, list[bytes]]

_FOLD = re.compile(rb"\r?\n(?=[ \t])|\r(?=[ \t])")
_LINE = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_SPACES = re.compile(r"\s+")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ID = re.compile(r"[^<>\s,;\"]+@[^<>\s,;\"]+")
_ADDRESS_TOKEN = re.compile(r'<[^<>]*>?|[(),;:"]|[^<>(),;:"]+|>')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_EXTENDED = re.compile(r"^([^*]+)\*(\d{1,3})?(\*)?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def split_block(block: bytes) -> Headers:
    """Header fields by lower-case name, each name's values in order; lines that are none are left
    out. Unfolds as RFC 5322, section 2.2.3."""
    found: Headers = {}
    for line in _LINE.split(_FOLD.sub(b"", block[:MAX_BLOCK])):
        name, colon, value = line.partition(b":")
        name = name.strip()
        if colon and name and b" " not in name and len(name) < 200:
            key = name.decode("ascii", "replace").lower()
            found.setdefault(key, []).append(value.strip())
    return found


def raw_text(headers: Headers, name: str, *, limit: int = MAX_STRUCTURED) -> str:
    """The first value of that header as text, encoded words left as they are."""
    values = headers.get(name)
    return decode(values[0][:limit]) if values else ""


def readable(headers: Headers, name: str, *, limit: int = 20_000) -> str:
    """The first value of that header as a person reads it: decoded, on one line."""
    return one_line(decode_words(raw_text(headers, name, limit=limit)))


def one_line(text: str) -> str:
    return _SPACES.sub(" ", _CONTROL.sub(" ", text)).strip()


def decode_words(text: str) -> str:
    """Decode RFC 2047 encoded words, also a character split between two of them."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    charset, end = "", 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        joined = bool(pending) and not between.strip()
        word_charset = match[1].partition("*")[0]
        if pending and not (joined and word_charset.lower() == charset.lower()):
            out.append(decode(b"".join(pending), charset))
            pending = []
        if not joined:
            out.append(between)
        charset, end = word_charset, match.end()
        pending.append(_word_bytes(match[2], match[3]))
    out.append(decode(b"".join(pending), charset))
    return "".join(out) + text[end:]


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 (RFC 2045, section 6.8), as far as it can be: bad characters are skipped, a
    missing end is made up."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        if len(kept) % 4 == 1:
            kept = kept[:-1]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    """All addresses of that header, whatever its many lines (RFC 5322, section 3.4)."""
    values = headers.get(name)
    if not values:
        return ()
    return parse_addresses(", ".join(decode(v) for v in values))


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Addresses of a list: groups are opened, comments become the name where there is none,
    nonsense is left out. One pass, at most 50,000 addresses."""
    found: list[Address] = []
    for phrase, comment, angle in _mailboxes(text):
        made = _address(phrase, comment, angle)
        if made:
            found.append(made)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def _mailboxes(text: str) -> Iterator[tuple[str, str, str | None]]:
    """(phrase, comment, address in angle brackets or None) of each element of a list."""
    phrase: list[str] = []
    comment: list[str] = []
    angle: str | None = None
    depth, position, quotes_left = 0, 0, True
    while match := _ADDRESS_TOKEN.match(text, position):
        token, position = match[0], match.end()
        if token == '"' and quotes_left and not depth:
            quoted = _QUOTED.match(text, position - 1)
            if quoted:
                phrase.append(quoted[1].replace('\\"', '"').replace("\\\\", "\\"))
                position = quoted.end()
            quotes_left = quoted is not None
        elif token == "(":
            depth += 1
        elif token == ")":
            depth = max(0, depth - 1)
        elif depth:
            comment.append(token)
        elif token in ",;":
            yield "".join(phrase), "".join(comment), angle
            phrase, comment, angle = [], [], None
        elif token == ":" and angle is None:
            phrase = []  # a group's name
        elif token[0] == "<":
            angle = token.strip("<>") if angle is None else angle
        elif token != '"':
            phrase.append(token)
    yield "".join(phrase), "".join(comment), angle


def _address(phrase: str, comment: str, angle: str | None) -> Address | None:
    phrase = phrase.strip()
    if angle is None:
        words = phrase.split()
        angle = next((w for w in reversed(words) if "@" in w), "")
        name = " ".join(w for w in words if w != angle)
    else:
        name = phrase
    address = _clean_address(angle)
    name = one_line(decode_words(name or comment)).strip("'\" ")
    if not address and not name:
        return None
    return Address(name[:255], address)


def _clean_address(text: str) -> str:
    text = one_line(decode_words(text) if "=?" in text else text).replace(" ", "")
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # an obsolete route (RFC 5322, section 4.4)
    text = text.removeprefix("mailto:").strip("'\"<>")
    local, at, domain = text.rpartition("@")
    return text if at and local and domain and len(text) <= 320 else ""


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A header's main value (lower-case) and its parameters, RFC 2231 ones put together."""
    value = value[:MAX_STRUCTURED]
    main = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(value):
        name, text = match[1].lower(), match[2].strip()
        if text[:1] == '"':
            text = re.sub(r"\\(.)", r"\1", text[1:-1] if text.endswith('"') else text[1:])
        extended = _EXTENDED.match(name)
        if extended:
            order, encoded = int(extended[2] or 0), bool(extended[3]) or extended[2] is None
            pieces.setdefault(extended[1], []).append((order, encoded, text))
        else:
            plain.setdefault(name, one_line(decode_words(text)))
    for name, some in pieces.items():
        plain[name] = _join_pieces(some)
    return main, plain


def _join_pieces(pieces: list[tuple[int, bool, str]]) -> str:
    pieces.sort()
    charset, data = "", b""
    for position, (_order, encoded, text) in enumerate(pieces):
        if position == 0 and encoded and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        data += _PERCENT.sub(lambda m: bytes([int(m[1], 16)]), raw) if encoded else raw
    return one_line(decode(data, charset))


def message_ids(text: str) -> tuple[str, ...]:
    """The Message-IDs of a header, without brackets, in order, each once (RFC 5322, 3.6.4)."""
    found = _ID.findall(text) or _BARE_ID.findall(text)
    return tuple(dict.fromkeys(found[:MAX_IDS]))


def date_of(text: str) -> datetime | None:
    """A Date header as an aware instant in UTC within 1970–2100, or None when it says nothing."""
    try:
        parsed = parsedate_tz(text[:100])
        if parsed is None:
            return None
        zone = timezone(timedelta(seconds=max(-86_000, min(86_000, parsed[9] or 0))))
        year = min(max(parsed[0], 1), 9999)
        local = datetime(year, *parsed[1:6], tzinfo=zone)
        if not clock.EARLIEST.year <= year <= clock.LATEST.year:
            return clock.clamp(local.replace(tzinfo=UTC))
        return clock.clamp(local.astimezone(UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
