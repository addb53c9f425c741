"""The answer to an invitation, as every calendar reads it (RFC 5546, 3.2.3)."""

from datetime import date, datetime, timedelta

from relance.mime.calendar import lines
from relance.mime.calendar.reading import Event
from relance.mime.message import Address

ANSWERS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}


def reply(
    event: Event, attendee: Address, answer: str, *, at: datetime, language: str = ""
) -> bytes:
    """A METHOD:REPLY object in which `attendee` says `answer` ("accepted", "tentative" or
    "declined"). Times are written in UTC, which names the same instants. Raises KeyError for any
    other answer."""
    status = ANSWERS[answer]
    summary = f"SUMMARY{lines.language(language)}:{lines.text(event.summary)}"
    return lines.joined(
        [
            "BEGIN:VCALENDAR",
            lines.PRODUCT,
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            "METHOD:REPLY",
            "BEGIN:VEVENT",
            f"UID:{lines.text(event.uid)}",
            f"SEQUENCE:{event.sequence}",
            f"DTSTAMP:{lines.instant(at)}",
            lines.time("DTSTART", event.starts),
            lines.time("DTEND", end_of(event)),
            lines.time("RECURRENCE-ID", event.recurrence_id) if event.recurrence_id else "",
            organiser_of(event),
            lines.person("ATTENDEE", attendee, f"PARTSTAT={status}"),
            summary if event.summary else "",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )


def end_of(event: Event) -> datetime | date:
    """DTEND; of whole days it is the day after."""
    if isinstance(event.ends, datetime):
        return event.ends
    return event.ends + timedelta(days=1)


def organiser_of(event: Event) -> str:
    """The ORGANIZER line, "" when there is none."""
    if event.organiser is None or not event.organiser.address:
        return ""
    return lines.person("ORGANIZER", event.organiser)
