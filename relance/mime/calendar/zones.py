"""Time zones of invitations: known by name, by Windows' name, or by the rules the mail brings.

icalendar keeps the zones it meets for the whole process, so that one mail's "Office" would be the
next one's; those a mail defines are read here instead, for that mail alone.
"""

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_BLOCK = re.compile(r"^BEGIN:VTIMEZONE\r?$.*?^END:VTIMEZONE\r?$\n?", re.M | re.S | re.I)
_NAME = re.compile(r"^TZID(?:;[^:\r\n]{0,200})?:([^\r\n]{1,200})", re.M | re.I)
_PART = re.compile(r"^BEGIN:(?:STANDARD|DAYLIGHT)\r?$(.*?)^END:", re.M | re.S | re.I)
_OFFSET = re.compile(r"^TZOFFSETTO:([+-])(\d{2})(\d{2})", re.M | re.I)
_START = re.compile(
    r"^DTSTART(?:;[^:\r\n]{0,200})?:(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})", re.M | re.I
)
_MONTH = re.compile(r"^RRULE:[^\r\n]{0,300}BYMONTH=(\d{1,2})\b", re.M | re.I)
_DAY = re.compile(r"^RRULE:[^\r\n]{0,300}BYDAY=([+-]?\d)(MO|TU|WE|TH|FR|SA|SU)\b", re.M | re.I)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_ZONES = 20  # each is looked for to the end of the text
_MOST_PARTS = 40
_SAFE_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}")


class _Onset(NamedTuple):
    """When an offset begins each year: on the `week`-th `weekday` of `month` (-1: the last one),
    or, without a rule, once at `start`."""

    start: datetime
    offset: timedelta
    month: int
    week: int
    weekday: int

    def before(self, at: datetime) -> datetime | None:
        """The last time, up to `at` (local, naive), that this offset began."""
        if not self.month:
            return self.start if self.start <= at else None
        for year in (at.year, at.year - 1):
            onset = self._in(year)
            if self.start <= onset <= at:
                return onset
        return None

    def _in(self, year: int) -> datetime:
        at = self.start.time()
        if self.week < 0:
            after = datetime.combine(date(year + self.month // 12, self.month % 12 + 1, 1), at)
            last = after - timedelta(days=1)
            back = (last.weekday() - self.weekday) % 7
            return last - timedelta(days=back + 7 * (-self.week - 1))
        first = datetime.combine(date(year, self.month, 1), at)
        ahead = (self.weekday - first.weekday()) % 7
        return first + timedelta(days=ahead + 7 * (self.week - 1))


class Zones:
    """The zones one mail may name."""

    def __init__(self, text: str) -> None:
        self._brought: dict[str, list[_Onset]] = {}
        for block in _BLOCK.findall(text)[:MOST_ZONES]:
            name = _NAME.search(block)
            if name:
                self._brought[name[1].strip()] = _onsets(block)

    def aware(self, local: datetime, name: str) -> datetime:
        """`local` (naive) in the zone of that name; as UTC when nobody knows it."""
        name = name.strip().strip('"')
        known = named(name)
        if known is not None:
            return local.replace(tzinfo=known)
        return local.replace(tzinfo=timezone(self._offset(local, name)))

    def _offset(self, local: datetime, name: str) -> timedelta:
        begun = [(at, o.offset) for o in self._brought.get(name, ()) if (at := o.before(local))]
        if begun:
            return max(begun)[1]
        onsets = self._brought.get(name)
        return onsets[0].offset if onsets else timedelta(0)


def without_zones(text: str) -> str:
    """`text` without the zones it defines."""
    return _BLOCK.sub("", text)


@lru_cache(maxsize=256)
def named(name: str) -> tzinfo | None:
    """A zone by its IANA name, also behind a vendor's prefix, or by its Windows name."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = WINDOWS_TO_OLSON.get(name, name)
    words = name.strip("/").split("/")
    for candidate in ("/".join(words), "/".join(words[-2:]), "/".join(words[-3:])):
        if _SAFE_NAME.fullmatch(candidate):
            try:
                return ZoneInfo(candidate)
            except (KeyError, ValueError, OSError):
                continue
    return None


def _onsets(block: str) -> list[_Onset]:
    found = []
    for part in _PART.findall(block)[:_MOST_PARTS]:
        offset, start = _OFFSET.search(part), _START.search(part)
        if offset and start:
            onset = _onset(part, offset, start)
            if onset:
                found.append(onset)
    return found


def _onset(part: str, offset: re.Match[str], start: re.Match[str]) -> _Onset | None:
    minutes = int(offset[2]) * 60 + int(offset[3])
    if minutes >= 24 * 60:
        return None
    sign = -1 if offset[1] == "-" else 1
    try:
        begun = datetime(*(int(n) for n in start.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    month, day = _MONTH.search(part), _DAY.search(part)
    ruled = month and day and 1 <= int(month[1]) <= 12 and -5 <= int(day[1]) <= 5 and int(day[1])
    return _Onset(
        begun,
        timedelta(minutes=sign * minutes),
        int(month[1]) if ruled and month else 0,
        int(day[1]) if ruled and day else 0,
        _DAYS.index(day[2].upper()) if ruled and day else 0,
    )
