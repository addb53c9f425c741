"""The answer to an invitation, as every calendar reads it (RFC 5546, 3.2.3)."""

import re
from datetime import UTC, date, datetime, timedelta

from relance.mime.calendar.reading import Event
from relance.mime.message import Address

ANSWERS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE = 75  # octets (RFC 5545, 3.1)


def reply(
    event: Event, attendee: Address, answer: str, *, at: datetime, language: str = ""
) -> bytes:
    """A METHOD:REPLY object in which `attendee` says `answer` ("accepted", "tentative" or
    "declined"). Times are written in UTC, which names the same instants. Raises KeyError for any
    other answer."""
    status = ANSWERS[answer]
    name = f";CN={_quoted(attendee.name)}" if attendee.name else ""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Relance//Relance//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_instant(at)}",
        _time("DTSTART", event.starts),
        _time("DTEND", _end(event)),
        _time("RECURRENCE-ID", event.recurrence_id) if event.recurrence_id else "",
        _organiser(event),
        f"ATTENDEE;PARTSTAT={status}{name}:mailto:{_address(attendee.address)}",
        f"SUMMARY{_language(language)}:{_text(event.summary)}" if event.summary else "",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines if line)


def _end(event: Event) -> datetime | date:
    if isinstance(event.ends, datetime):
        return event.ends
    return event.ends + timedelta(days=1)  # an all-day end is the day after


def _organiser(event: Event) -> str:
    if event.organiser is None or not event.organiser.address:
        return ""
    name = f";CN={_quoted(event.organiser.name)}" if event.organiser.name else ""
    return f"ORGANIZER{name}:mailto:{_address(event.organiser.address)}"


def _time(name: str, at: datetime | date) -> str:
    if isinstance(at, datetime):
        return f"{name}:{_instant(at)}"
    return f"{name};VALUE=DATE:{at:%Y%m%d}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _language(code: str) -> str:
    return f";LANGUAGE={code}" if code.isascii() and code.isalpha() else ""


def _text(text: str) -> str:
    text = _CONTROLS.sub("", text.replace("\r\n", "\n"))
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n").replace("\r", "")


def _quoted(text: str) -> str:
    inner = re.sub(r"[\x00-\x1f\x7f\"]", "", text)
    return f'"{inner}"'


def _address(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f<>\"]", "", text)


def _folded(line: str) -> bytes:
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
