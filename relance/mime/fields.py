"""The header block (RFC 5322, 2.2) as bytes: found, unfolded and split in linear time."""

import re
from typing import NamedTuple

MAX_BLOCK = 16 * 1024 * 1024
"""The longest header block looked at; 50,000 recipients take about 3 MB."""

MAX_FIELDS = 20_000
_NEAR = 4096
_COMMON = frozenset(
    b"from to cc bcc sender reply-to subject date message-id in-reply-to references received "
    b"return-path delivered-to mime-version content-type content-transfer-encoding content-id "
    b"content-disposition content-language content-description dkim-signature list-id "
    b"list-unsubscribe authentication-results received-spf x-mailer user-agent x-priority".split()
)
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")
_NAME_BYTES = frozenset(range(33, 127)) - {ord(":")}


class Header(NamedTuple):
    """Unfolded values by lower-case name, in order; `body` is the offset where the body starts."""

    fields: dict[bytes, list[bytes]]
    body: int
    defects: tuple[str, ...]

    def first(self, name: bytes) -> bytes:
        """The first value of a field, b"" when absent."""
        values = self.fields.get(name)
        return values[0] if values else b""


def read_header(raw: bytes, start: int, end: int) -> Header:
    """The header block of `raw[start:end]`. Lines that are no field are skipped when a field
    follows them, and otherwise begin the body, as when the empty line was lost."""
    stop, body = _block_end(raw, start, min(end, start + MAX_BLOCK))
    return _read_block(raw, start, stop, body)


def read_part_header(raw: bytes, start: int, end: int) -> Header:
    """The header block of a part, which never reaches past the next line of two dashes."""
    near = min(end, start + _NEAR)
    stop, body = _block_end(raw, start, near)
    if body == near and near < end:
        dashes = raw.find(b"\n--", start, end)
        return read_header(raw, start, dashes + 1 if dashes >= 0 else end)
    return _read_block(raw, start, stop, body)


def _read_block(raw: bytes, start: int, stop: int, body: int) -> Header:
    block = raw[start:stop]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = block.replace(b"\n ", b" ").replace(b"\n\t", b"\t").split(b"\n", MAX_FIELDS)
    fields: dict[bytes, list[bytes]] = {}
    bad = 0
    if len(lines) > MAX_FIELDS:
        lines.pop()
        bad = 1
    for number, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        name = name.rstrip().lower() if colon else b""
        if name in fields:
            fields[name].append(value.strip())
        elif name in _COMMON or _is_name(name):
            fields[name] = [value.strip()]
        elif line and not (number == 0 and line[:5] in (b"From ", b">From")):
            bad += 1
            if not _field_follows(lines, number):
                offset = _offset_of(raw, start, stop, number)
                return Header(fields, offset, ("header-cut-short",))
    return Header(fields, body, ("header-line-unreadable",) if bad else ())


def _block_end(raw: bytes, start: int, limit: int) -> tuple[int, int]:
    """Where the header block stops, and where the body after its empty line begins."""
    if raw[start : start + 1] == b"\n":
        return start, start + 1
    if raw[start : start + 2] == b"\r\n":
        return start, start + 2
    first = raw.find(b"\n", start, limit)
    if first > start and raw[first - 1] == 13:
        crlf = raw.find(b"\n\r\n", first, limit)
        plain = raw.find(b"\n\n", first, crlf if crlf >= 0 else limit)
    else:
        plain = raw.find(b"\n\n", max(first, start), limit)
        crlf = raw.find(b"\n\r\n", max(first, start), plain if plain >= 0 else limit)
    if plain >= 0:
        return plain, plain + 2
    if crlf >= 0:
        return crlf, crlf + 3
    return limit, limit


def _is_name(name: bytes) -> bool:
    if not name or len(name) > 200 or name.startswith(b"--"):
        return False
    return _NAME_BYTES.issuperset(name)


def _field_follows(lines: list[bytes], number: int) -> bool:
    following = lines[number + 1] if number + 1 < len(lines) else b""
    name, colon, _ = following.partition(b":")
    return bool(colon) and not lines[number].startswith(b"--") and _is_name(name.rstrip(b" \t"))


def _offset_of(raw: bytes, start: int, stop: int, number: int) -> int:
    """The offset of the logical line `number` of `raw[start:stop]`, counted as it was unfolded."""
    for match in _LINE.finditer(raw, start, stop):
        if match[0][:1] not in (b" ", b"\t") or match.start() == start:
            if number == 0:
                return match.start()
            number -= 1
    return stop
