"""The calendar of a week and of a month, laid out: what stands where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.crm import meetings
from relance.crm.meetings import Slot
from relance.users.models import User
from relance.web.shell import wording

_DAY = timedelta(days=1)
_HOURS = (8, 18)  # shown at least
_QUARTER = 15  # minutes
_LEAST = 2  # quarters: what is shorter could not be read
_MOST_LANES = 4
_SHOWN = 3  # in a cell of a month
_HUES = {"meeting": "", "call": "ev--2", "task": "ev--7"}
_ICONS = {"meeting": "calendar", "call": "phone", "task": "task"}


@dataclass(frozen=True, slots=True)
class Block:
    """An entry on a day: from quarter `at` on, for `length` quarters, in lane `lane` of `lanes`."""

    title: str
    detail: str
    hours: str
    url: str
    css: str
    icon: str
    at: int = 0
    length: int = 0
    lane: int = 0
    lanes: int = 1


@dataclass(slots=True)
class Day:
    """A day: what lasts the whole of it, and the entries that have an hour."""

    on: date
    is_today: bool
    whole: list[Block] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    now: int | None = None  # the quarter the present hour is in
    is_other: bool = False  # of another month

    @property
    def short(self) -> str:
        """ "Thu"."""
        return wording.Calendar.current().days[self.on.weekday()]

    @property
    def heading(self) -> str:
        """ "Thursday 26 November"."""
        return wording.Calendar.current().heading(self.on)

    @property
    def all(self) -> list[Block]:
        return [*self.whole, *self.blocks]

    @property
    def shown(self) -> list[Block]:
        return self.all if len(self.all) <= _SHOWN + 1 else self.all[:_SHOWN]

    @property
    def more(self) -> int:
        return len(self.all) - len(self.shown)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, or five when the others are empty; `hours` are those of the scale."""

    days: list[Day]
    hours: range
    number: int

    @property
    def has_whole(self) -> bool:
        return any(day.whole for day in self.days)

    @property
    def is_empty(self) -> bool:
        return not any(day.all for day in self.days)


def week(user: User, monday: date) -> Week:
    """The week that begins on `monday`."""
    sunday = monday + 6 * _DAY
    slots = meetings.slots(user, monday, sunday)
    hours = _hours(slots)
    days = [_day(monday + n * _DAY, slots, hours) for n in range(7)]
    has_weekend = any(day.all or day.is_today for day in days[5:])
    shown = days if has_weekend else days[:5]
    return Week(shown, hours, monday.isocalendar().week)


def month(user: User, first: date) -> list[list[Day]]:
    """The weeks of the month that begins on `first`, each from Monday to Sunday."""
    begins = first - first.weekday() * _DAY
    after = (first + 31 * _DAY).replace(day=1)
    ends = after + (-after.weekday() % 7) * _DAY
    slots = meetings.slots(user, begins, ends - _DAY)
    count = (ends - begins).days
    days = [_day(begins + n * _DAY, slots, range(24)) for n in range(count)]
    for day in days:
        day.is_other = day.on.month != first.month
    return [days[n : n + 7] for n in range(0, count, 7)]


def month_name(first: date) -> str:
    """ "November 2026"."""
    text = format_date(first, "LLLL y", locale=wording.locale_of(wording.language()))
    return text[:1].upper() + text[1:]


def _hours(slots: Sequence[Slot]) -> range:
    first, last = _HOURS
    for slot in slots:
        if slot.is_all_day:
            continue
        is_one_day = slot.starts.date() == slot.ends.date()
        first = min(first, slot.starts.hour if is_one_day else 0)
        last = max(last, slot.ends.hour + bool(slot.ends.minute) if is_one_day else 24)
    return range(first, last)


def _day(on: date, slots: Sequence[Slot], hours: range) -> Day:
    now = timezone.localtime()
    day = Day(on, is_today=on == now.date())
    here = [slot for slot in slots if slot.first <= on <= slot.last]
    day.whole = [_block(slot, _("all day")) for slot in here if slot.is_all_day]
    day.blocks = _placed([slot for slot in here if not slot.is_all_day], on, hours)
    if day.is_today and now.hour in hours:
        day.now = _quarter(now, on, hours)
    return day


def _placed(slots: Sequence[Slot], on: date, hours: range) -> list[Block]:
    """Side by side where they overlap."""
    spans = sorted(
        ((_quarter(s.starts, on, hours), _quarter(s.ends, on, hours, ends=True), s) for s in slots),
        key=lambda span: (span[0], -span[1], span[2].record.pk),
    )
    spans = [(at, max(end, at + _LEAST), slot) for at, end, slot in spans]
    placed: list[Block] = []
    for cluster in _clusters(spans):
        lanes = _lanes(cluster)
        width = max(lanes) + 1
        placed += [
            _block(slot, _clock(slot, on), at=at, length=end - at, lane=lane, lanes=width)
            for (at, end, slot), lane in zip(cluster, lanes, strict=True)
        ]
    return placed


_Span = tuple[int, int, Slot]


def _clusters(spans: Sequence[_Span]) -> list[list[_Span]]:
    """Runs of entries that overlap, each with one before it."""
    marks: list[int] = []
    until, number = -1, -1
    for at, end, _slot in spans:
        number += at >= until
        until = max(until, end)
        marks.append(number)
    pairs = zip(marks, spans, strict=True)
    return [[span for _mark, span in run] for _key, run in groupby(pairs, key=lambda p: p[0])]


def _lanes(cluster: Sequence[_Span]) -> list[int]:
    """The first lane that is free; the last one takes what finds none."""
    free: list[int] = []
    lanes = []
    for at, end, _slot in cluster:
        lane = next((n for n, until in enumerate(free) if until <= at), len(free))
        lane = min(lane, _MOST_LANES - 1)
        if lane == len(free):
            free.append(end)
        else:
            free[lane] = max(free[lane], end)
        lanes.append(lane)
    return lanes


def _quarter(at: datetime, on: date, hours: range, *, ends: bool = False) -> int:
    """Quarters of an hour since the first hour shown; what is beyond the day ends with it."""
    if at.date() < on:
        return 0
    minutes = 24 * 60 if at.date() > on else at.hour * 60 + at.minute
    rounded = -(-minutes // _QUARTER) if ends else minutes // _QUARTER
    return min(max(rounded - hours.start * 4, 0), len(hours) * 4)


def _block(slot: Slot, clock: str, **place: int) -> Block:
    record = slot.record
    person = record.person.name if record.person_id and record.person else ""
    location = getattr(record, "location", "")
    about = " · ".join(part for part in (location, person) if part)
    return Block(
        title=record.name,
        detail=about,
        hours=clock,
        url=record.get_absolute_url(),
        css=_HUES[slot.kind],
        icon=_ICONS[slot.kind],
        **place,
    )


def _clock(slot: Slot, on: date) -> str:
    """ "09:00 to 10:30"; a task has the one hour."""
    starts = slot.starts if slot.starts.date() == on else datetime.combine(on, time.min)
    if slot.kind == "task":
        return f"{starts:%H:%M}"
    ends = f"{slot.ends:%H:%M}" if slot.ends.date() == on else "24:00"
    return _("%(start)s to %(end)s") % {"start": f"{starts:%H:%M}", "end": ends}
