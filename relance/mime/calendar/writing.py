"""Meetings of our own as iCalendar objects: an invitation, its cancellation, a calendar to follow.

Times are written in UTC, which names the same instants in every calendar; whole days as days.
"""

from collections.abc import Iterable
from datetime import datetime

from relance.mime.calendar import lines
from relance.mime.calendar.answering import ANSWERS, end_of, organiser_of
from relance.mime.calendar.reading import Attendee, Event
from relance.mime.message import Address


def request(event: Event, *, at: datetime, language: str = "") -> bytes:
    """An invitation, or a new version of it (RFC 5546, 3.2.2)."""
    return _calendar("REQUEST", [event], at=at, language=language)


def cancel(event: Event, *, at: datetime, language: str = "") -> bytes:
    """The meeting is off (RFC 5546, 3.2.5)."""
    return _calendar("CANCEL", [event], at=at, language=language)


def feed(events: Iterable[Event], *, name: str, at: datetime) -> bytes:
    """A calendar that other programs fetch again and again (RFC 5546, 3.2.1; RFC 7986, 5.1). Nobody
    is named in it: those programs would answer them."""
    return _calendar("PUBLISH", events, at=at, name=name)


def _calendar(
    method: str, events: Iterable[Event], *, at: datetime, language: str = "", name: str = ""
) -> bytes:
    said = lines.language(language)
    written = [
        "BEGIN:VCALENDAR",
        lines.PRODUCT,
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        f"NAME:{lines.text(name)}" if name else "",
        f"X-WR-CALNAME:{lines.text(name)}" if name else "",
        "REFRESH-INTERVAL;VALUE=DURATION:PT30M" if name else "",
    ]
    for event in events:
        written += _event(event, at, said, has_people=method != "PUBLISH")
    return lines.joined([*written, "END:VCALENDAR"])


def _event(event: Event, at: datetime, language: str, *, has_people: bool) -> list[str]:
    people = [organiser_of(event), *map(_attendee, event.attendees)] if has_people else []
    texts = (
        ("SUMMARY", event.summary),
        ("LOCATION", event.location),
        ("DESCRIPTION", event.description),
    )
    return [
        "BEGIN:VEVENT",
        f"UID:{lines.text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{lines.instant(at)}",
        lines.time("DTSTART", event.starts),
        lines.time("DTEND", end_of(event)),
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        *people,
        *(f"{key}{language}:{lines.text(value)}" for key, value in texts if value),
        f"URL:{lines.text(event.link)}" if event.link else "",
        "END:VEVENT",
    ]


def _attendee(one: Attendee) -> str:
    status = ANSWERS.get(one.answer, "NEEDS-ACTION")
    return lines.person(
        "ATTENDEE",
        Address(one.name, one.address),
        "ROLE=REQ-PARTICIPANT",
        f"PARTSTAT={status}",
        "RSVP=TRUE",
    )
