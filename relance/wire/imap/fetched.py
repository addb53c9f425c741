"""FETCH responses, read fast and leniently."""

from __future__ import annotations

import functools
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from relance.wire.imap.dialogue import Line, Literal

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_FETCH = re.compile(rb"\* \d+ FETCH \(", re.IGNORECASE)
_TOKEN = re.compile(rb'\0(\d{1,3})\0|"((?:[^"\\]|\\.)*)"|([()])|([^\s()"\0]+)')
_FLAGS_ONLY = re.compile(
    rb"\* \d+ FETCH \((?:UID (\d{1,10}) )?FLAGS \(([^()]*)\)"
    rb"(?: UID (\d{1,10}))?(?: MODSEQ \((\d{1,19})\))?\)$"
)
_DATE = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}


@dataclass(frozen=True, slots=True)
class RawFetched:
    """One message as the server holds it.

    ``raw`` is the whole source, or only the header when ``is_partial``. ``size`` is in bytes, as
    the server counts (RFC822.SIZE). ``internal_date`` is in UTC, 1970 when the server's is
    unreadable.
    """

    uid: int
    flags: frozenset[str]
    internal_date: datetime
    size: int
    raw: bytes = field(repr=False)
    is_partial: bool = False


class FetchItem(NamedTuple):
    """What one FETCH response told; ``None`` where it told nothing."""

    uid: int
    flags: frozenset[str] | None
    internal_date: bytes | None
    size: int | None
    modseq: int | None
    body: Literal | None


class FetchedFlags(dict[int, frozenset[str]]):
    """Flags by UID, with the highest MODSEQ seen and, where the server tells, what vanished.

    ``vanished`` is None when the server cannot tell (no QRESYNC): compare UIDs instead.
    """

    highest_modseq: int = 0
    vanished: tuple[range, ...] | None = None


def read_fetch(line: Line) -> FetchItem | None:
    """Read a FETCH response, or return None for any other line, or one without UID."""
    start = _FETCH.match(line.text)
    if start is None:
        return None
    values = _values(line, start.end())
    uid = _number(values.get(b"UID"))
    if not uid:
        return None
    flags = values.get(b"FLAGS")
    date = values.get(b"INTERNALDATE")
    return FetchItem(
        uid=uid,
        flags=read_flags(flags) if isinstance(flags, bytes) else None,
        internal_date=date if isinstance(date, bytes) else None,
        size=_number(values.get(b"RFC822.SIZE")),
        modseq=_number(values.get(b"MODSEQ")),
        body=_body(values),
    )


def _values(line: Line, at: int) -> dict[bytes, bytes | Literal]:
    values: dict[bytes, bytes | Literal] = {}
    text = line.text
    key = b""
    while token := _next(text, at):
        at = token.end()
        if token[3] == b")":
            break
        if not key:
            key = token[0].upper()
            continue
        if token[3] == b"(":
            inner, at = _parenthesised(text, at)
            values[key] = inner
        else:
            values[key] = _value(token, line)
        key = b""
    return values


def _next(text: bytes, at: int) -> re.Match[bytes] | None:
    return _TOKEN.search(text, at)


def _value(token: re.Match[bytes], line: Line) -> bytes | Literal:
    if token[1] is not None and int(token[1]) < len(line.literals):
        return line.literals[int(token[1])]
    if token[2] is not None:
        return re.sub(rb"\\(.)", rb"\1", token[2], flags=re.DOTALL)
    return token[0]


def _parenthesised(text: bytes, at: int) -> tuple[bytes, int]:
    start, depth = at, 1
    while token := _next(text, at):
        at = token.end()
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        if not depth:
            return text[start : token.start()], at
    return text[start:], len(text)


def _number(value: bytes | Literal | None) -> int | None:
    if isinstance(value, bytes) and value.isdigit() and len(value) < 20:
        return int(value)
    return None


def _body(values: dict[bytes, bytes | Literal]) -> Literal | None:
    for key, value in values.items():
        if key.startswith((b"BODY[", b"RFC822")) and key != b"RFC822.SIZE":
            if isinstance(value, Literal):
                return value
            data = b"" if value.upper() == b"NIL" else value
            return Literal(data, len(data))
    return None


def read_flag_line(line: Line) -> tuple[int, frozenset[str], int] | None:
    """Read (uid, flags, modseq) from a FETCH response that carries flags."""
    match = _FLAGS_ONLY.match(line.text)
    if match and (match[1] or match[3]):
        return int(match[1] or match[3]), read_flags(match[2]), int(match[4] or 0)
    item = read_fetch(line)
    if item is None or item.flags is None:
        return None
    return item.uid, item.flags, item.modseq or 0


@functools.lru_cache(maxsize=4096)
def read_flags(text: bytes) -> frozenset[str]:
    """Read the inside of a flag list. System flags come in their usual spelling.

    ``\\Recent`` is left out: it tells of this connection, not of the message.
    """
    words = text.decode("utf-8", "backslashreplace").split()
    return frozenset(sys.intern(_flag(word)) for word in words) - {"\\Recent"}


def _flag(word: str) -> str:
    return "\\" + word[1:].capitalize() if word.startswith("\\") else word


def read_internal_date(text: bytes | None) -> datetime:
    """Read INTERNALDATE as UTC, 1970 when there is none to read."""
    match = _DATE.match(text or b"")
    if match is None:
        return EPOCH
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    if match[7] == b"-":
        offset = -offset
    year, day, hour, minute, second = (int(match[n]) for n in (3, 1, 4, 5, 6))
    try:
        month = _MONTHS[match[2].lower()]
        zone = timezone(offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return EPOCH


def raw_fetched(item: FetchItem, *, max_size: int, header_only: bool = False) -> RawFetched:
    """Turn an item with a body into what callers get: beyond ``max_size`` its header alone."""
    body = item.body or Literal(b"", 0)
    cut = body.size > max_size or len(body.data) < body.size
    return RawFetched(
        uid=item.uid,
        flags=item.flags or frozenset(),
        internal_date=read_internal_date(item.internal_date),
        size=item.size if item.size is not None else body.size,
        raw=header_of(body.data) if cut else body.data,
        is_partial=cut or header_only,
    )


def header_of(data: bytes) -> bytes:
    """Return the header block of a source, with the empty line that ends it when there."""
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    return data[: min(ends)] if ends else data
