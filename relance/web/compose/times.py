"""When a mail may leave: what the menu proposes, what was chosen, and how both clocks say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.lib import clock
from relance.mail.outbox import wall_time
from relance.users.models import User
from relance.web.components.choices import time_zone_choices
from relance.web.shell.wording import language, locale_of

_EVENING, _MORNING = time(18), time(8)
_SOONEST_PRESET = timedelta(minutes=15)
_MONDAY = 0
_ISO_MINUTES = len("2026-11-25T08:00")


class BadTime(ValueError):
    """What was chosen is no hour; the message says why, in words."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A proposed hour; `code` is the wall time in the user's zone: "2026-11-25T08:00"."""

    code: str
    label: str | Promise
    icon: str
    when: str


@dataclass(frozen=True, slots=True)
class Custom:
    """What the fields for another date start with."""

    date: str
    time: str
    zone: str
    earliest: str
    words: str


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    label: str


def presets(user: User, now: datetime | None = None) -> list[Preset]:
    """This evening (unless that is less than a quarter of an hour away), tomorrow, Monday."""
    local = (now or clock.now()).astimezone(user.zone)
    today = local.date()
    tomorrow = today + timedelta(days=1)
    monday = today + timedelta(days=(_MONDAY - today.weekday()) % 7 or 7)
    wanted = [
        (today, _EVENING, gettext_lazy("This evening"), "moon"),
        (tomorrow, _MORNING, gettext_lazy("Tomorrow morning"), "sun"),
        (monday, _MORNING, gettext_lazy("Monday morning"), "calendar"),
    ]
    if monday == tomorrow:
        del wanted[2]
    return [
        Preset(f"{day.isoformat()}T{at:%H:%M}", label, icon, _short(day, at, today))
        for day, at, label, icon in wanted
        if wall_time(day, at, user.time_zone) >= local + _SOONEST_PRESET
    ]


def _short(day: date, at: time, today: date) -> str:
    """ "Tue 18:00", or "30 Nov 08:00" when that day's name would not tell."""
    pattern = "EEE" if (day - today).days < 2 else "d MMM"
    return f"{format_date(day, pattern, locale=locale_of(language()))} {at:%H:%M}"


def custom(user: User, at: datetime | None = None, zone: str = "") -> Custom:
    """The fields as they open: the hour chosen before, else tomorrow at ten."""
    place = zone_of(zone) or user.zone
    local = clock.now().astimezone(place)
    shown = at.astimezone(place) if at else local + timedelta(days=1)
    hour = shown.strftime("%H:%M") if at else "10:00"
    chosen = wall_time(shown.date(), time.fromisoformat(hour), place.key)
    return Custom(
        date=shown.date().isoformat(),
        time=hour,
        zone=place.key,
        earliest=local.date().isoformat(),
        words=both(chosen, place.key, user),
    )


def chosen(user: User, preset: str, day: str, hour: str, zone: str) -> tuple[datetime, str]:
    """(the instant, its zone) of a preset, else of a date, a time and a zone. Raises `BadTime`."""
    place = user.zone
    if preset:
        day, _t, hour = preset[:_ISO_MINUTES].partition("T")
    elif zone:
        found = zone_of(zone)
        if found is None:
            raise BadTime(_("This time zone is not known."))
        place = found
    try:
        return wall_time(date.fromisoformat(day), time.fromisoformat(hour), place.key), place.key
    except (ValueError, OverflowError):
        raise BadTime(_("Choose a date and a time.")) from None


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name, if there is one."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def both(at: datetime, zone: str, user: User) -> str:
    """The hour on the clock of `zone`, and on the user's own when that shows another."""
    there, here = at.astimezone(ZoneInfo(zone)), at.astimezone(user.zone)
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return _full(here)
    return _("%(there)s in %(place)s, %(here)s for you") % {
        "there": _full(there),
        "place": zone.rpartition("/")[2].replace("_", " "),
        "here": _full(here) if here.date() != there.date() else here.strftime("%H:%M"),
    }


def _full(at: datetime) -> str:
    day = format_date(at.date(), "EEEE d MMMM", locale=locale_of(language()))
    return f"{day} {at:%H:%M}"


def some_zones(user: User, others: Iterable[str]) -> list[Zone]:
    """The zones that are likely: the user's own and those of the recipients."""
    names = dict.fromkeys([user.time_zone, *others])
    return [zone(name) for name in names if zone_of(name)]


def all_zones() -> list[Zone]:
    return [zone(name) for name, _label in time_zone_choices()]


def zone(name: str) -> Zone:
    """ "Europe/Paris (UTC+1)": its distance from UTC today."""
    offset = clock.now().astimezone(ZoneInfo(name)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    distance = f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
    return Zone(name, f"{name.replace('_', ' ')} ({distance})")
