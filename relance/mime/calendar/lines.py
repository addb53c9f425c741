"""Content lines of iCalendar objects (RFC 5545, 3.1), and the values in them."""

import re
from datetime import UTC, date, datetime

from relance.mime.message import Address

PRODUCT = "PRODID:-//Relance//Relance//EN"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE = 75  # octets (RFC 5545, 3.1)


def person(name: str, who: Address, *parameters: str) -> str:
    """An ORGANIZER or ATTENDEE line."""
    common = (f"CN={quoted(who.name)}",) if who.name else ()
    given = "".join(f";{one}" for one in (*parameters, *common))
    return f"{name}{given}:mailto:{address(who.address)}"


def time(name: str, at: datetime | date) -> str:
    """An instant in UTC, or a day."""
    if isinstance(at, datetime):
        return f"{name}:{instant(at)}"
    return f"{name};VALUE=DATE:{at:%Y%m%d}"


def instant(at: datetime) -> str:
    """A moment in UTC."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def language(code: str) -> str:
    """The LANGUAGE parameter of a text."""
    return f";LANGUAGE={code}" if code.isascii() and code.isalpha() else ""


def text(value: str) -> str:
    """A TEXT value, escaped (RFC 5545, 3.3.11)."""
    value = _CONTROLS.sub("", value.replace("\r\n", "\n"))
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return value.replace("\n", "\\n").replace("\r", "")


def quoted(value: str) -> str:
    """A parameter's value between quotes."""
    inner = re.sub(r"[\x00-\x1f\x7f\"]", "", value)
    return f'"{inner}"'


def address(value: str) -> str:
    """An address, fit for a mailto URI on one line."""
    return re.sub(r"[\x00-\x20\x7f<>\"]", "", value)


def folded(line: str) -> bytes:
    """One content line, cut every 75 octets, never inside a character."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        data = character.encode("utf-8", "replace")
        if len(piece) + len(data) > _LINE:
            pieces.append(piece)
            piece = b" "
        piece += data
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def joined(lines: list[str]) -> bytes:
    """The object; empty lines are left out."""
    return b"".join(folded(line) for line in lines if line)
