"""What an invitation says. Pure, bounded, and never raising."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from relance.lib.text import squeeze
from relance.mime.calendar.zones import MOST_ZONES, Zones, without_zones
from relance.mime.message import Address

MAX_BYTES = 256 * 1024
"""Of an iCalendar object: longer ones stay files."""

_MOST_EVENTS = 20
_MOST_ATTENDEES = 300
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_METHODS = {"REQUEST", "CANCEL", "PUBLISH", "REPLY", "ADD", "COUNTER", "REFRESH", "DECLINECOUNTER"}
_ANSWERS = {
    "ACCEPTED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "delegated",
}
_VENDOR = re.compile(r"(;TZID=\"?)/[^/:;\"\r\n]{1,100}/", re.IGNORECASE)
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_WEEKDAY = re.compile(r"([+-]?\d{0,2})(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited; `answer` is "accepted", "tentative", "declined", "delegated" or ""."""

    name: str
    address: str
    answer: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How an event comes back. `weekdays` are (which of the month, 0 for each; Monday = 0);
    `is_plain` is False when there is more to the rule than these fields say."""

    frequency: str  # "daily", "weekly", "monthly" or "yearly"
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    count: int = 0
    until: date | None = None
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting. `starts` and `ends` are aware, or dates when `is_all_day` (the last day counts);
    `zone` is what the organiser called her time zone."""

    uid: str
    sequence: int
    summary: str
    location: str
    description: str
    starts: datetime | date
    ends: datetime | date
    is_all_day: bool
    is_cancelled: bool
    organiser: Address | None
    attendees: tuple[Attendee, ...]
    recurrence: Recurrence | None
    recurrence_id: datetime | date | None
    zone: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What came: `method` is "request", "cancel", "reply", "publish" …; the first event leads."""

    method: str
    events: tuple[Event, ...]

    @property
    def event(self) -> Event:
        return self.events[0]


def read(data: bytes) -> Invitation | None:
    """The invitation in `data`, or None when there is none that can be read."""
    if len(data) > MAX_BYTES:
        return None
    text = _CONTROLS.sub("", data.decode("utf-8", "replace").lstrip("\ufeff"))
    unfolded = _VENDOR.sub(r"\1", re.sub(r"\r?\n[ \t]", "", text))
    upper = unfolded.upper()
    if "BEGIN:VEVENT" not in upper or upper.count("BEGIN:VTIMEZONE") > MOST_ZONES:
        return None
    calendar = _parsed(without_zones(unfolded))
    if calendar is None:
        return None
    zones = Zones(unfolded)
    rows = calendar.walk("VEVENT")[:_MOST_EVENTS]
    events = tuple(e for row in rows if (e := _Reader(row, zones).event()))
    method = str(calendar.get("METHOD", "")).upper()
    return (
        Invitation(method.lower() if method in _METHODS else "publish", events) if events else None
    )


def _parsed(text: str) -> Any:
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(text.encode(), multiple=True)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None  # what it raises on nonsense is not one family
    return next(iter(found), None)


class _Reader:
    """Reads one VEVENT."""

    def __init__(self, row: Any, zones: Zones) -> None:
        self._row = row
        self._zones = zones

    def event(self) -> Event | None:
        starts = self._when("DTSTART")
        uid = self._text("UID", 500)
        if starts is None or not uid:
            return None
        is_all_day = not isinstance(starts, datetime)
        organiser = self._row.get("ORGANIZER")
        return Event(
            uid=uid,
            sequence=self._number("SEQUENCE"),
            summary=squeeze(self._text("SUMMARY", 500)),
            location=squeeze(self._text("LOCATION", 500)),
            description=self._text("DESCRIPTION", 8_000),
            starts=starts,
            ends=self._end(starts),
            is_all_day=is_all_day,
            is_cancelled=self._text("STATUS", 20).upper() == "CANCELLED",
            organiser=_address(_first(organiser)) if organiser is not None else None,
            attendees=tuple(self._attendees()),
            recurrence=self._recurrence(),
            recurrence_id=self._when("RECURRENCE-ID"),
            zone=self._zone_name(),
            link=self._link(),
        )

    def _text(self, name: str, most: int) -> str:
        value = _first(self._row.get(name))
        return "" if value is None else str(value)[:most].strip()

    def _number(self, name: str) -> int:
        text = self._text(name, 12)
        return int(text) if text.isascii() and text.isdigit() else 0

    def _link(self) -> str:
        for name in ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "URL"):
            found = self._text(name, 2_000)
            if found.startswith("https://") and not re.search(r"[\s<>\"]", found):
                return found
        return ""

    def _zone_name(self) -> str:
        value = _first(self._row.get("DTSTART"))
        return str(getattr(value, "params", {}).get("TZID", ""))[:100]

    def _when(self, name: str) -> datetime | date | None:
        value = _first(self._row.get(name))
        found = _dt(value)
        if isinstance(found, datetime):
            if not 1900 < found.year < 2200:
                return None
            zone = str(value.params.get("TZID", "")) if value is not None else ""
            if zone:
                return self._zones.aware(found.replace(tzinfo=None), zone)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(found, date) and 1900 < found.year < 2200:
            return found
        return None

    def _end(self, starts: datetime | date) -> datetime | date:
        """DTEND, or DTSTART and DURATION; an all-day end is the last day itself."""
        ends = self._when("DTEND")
        if ends is None:
            length = _dt(_first(self._row.get("DURATION")))
            if isinstance(length, timedelta) and timedelta(0) <= length < timedelta(days=3660):
                ends = starts + length
        if isinstance(starts, datetime):
            return ends if isinstance(ends, datetime) and ends >= starts else starts
        last = ends - timedelta(days=1) if ends and not isinstance(ends, datetime) else starts
        return max(last, starts)

    def _attendees(self) -> Iterator[Attendee]:
        rows = self._row.get("ATTENDEE")
        for value in (rows if isinstance(rows, list) else [rows] if rows else [])[:_MOST_ATTENDEES]:
            found = _address(value)
            answer = _ANSWERS.get(str(value.params.get("PARTSTAT", "")).upper(), "")
            role = str(value.params.get("ROLE", "")).upper()
            if found.address:
                yield Attendee(found.name, found.address, answer, role == "OPT-PARTICIPANT")

    def _recurrence(self) -> Recurrence | None:
        rule = _first(self._row.get("RRULE"))
        if not isinstance(rule, dict) or not rule:
            return None
        frequency = str(_first(rule.get("FREQ"))).upper()
        if frequency not in _FREQUENCIES:
            return None
        days = [m for d in rule.get("BYDAY", [])[:20] if (m := _WEEKDAY.fullmatch(str(d).upper()))]
        names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
        until = _first(rule.get("UNTIL"))
        known = {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}
        return Recurrence(
            frequency=frequency.lower(),
            interval=_small(_first(rule.get("INTERVAL")), 1),
            weekdays=tuple((int(m[1] or 0), names.index(m[2])) for m in days),
            count=_small(_first(rule.get("COUNT")), 0),
            until=until.date() if isinstance(until, datetime) else until,
            is_plain={str(k).upper() for k in rule} <= known,
        )


def _first(value: Any) -> Any:
    """The first of values that may come several times, where one is meant."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _dt(value: Any) -> Any:
    try:
        return getattr(value, "dt", None)
    except ValueError:  # kept by icalendar as it stood, because it is no time
        return None


def _small(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and 0 < value < 10_000 else otherwise


def _address(value: Any) -> Address:
    text = squeeze(str(value))[:500]
    address = text[7:] if text[:7].lower() == "mailto:" else ""
    name = squeeze(str(getattr(value, "params", {}).get("CN", "")))[:200]
    return Address(name.strip('"'), address.strip() if "@" in address else "")
