"""The calendar: a week with its hours, a month, and one's tasks beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from relance.crm import tasks
from relance.users.models import User
from relance.web.components.activities import TaskLine, task_line
from relance.web.meetings import grid
from relance.web.requests import user_of

_WEEK = timedelta(days=7)
_SHOWN = 8  # tasks of each part


@dataclass(frozen=True, slots=True)
class Part:
    """Tasks under a heading; `more` says how many others there are."""

    label: str | Promise
    lines: list[TaskLine]
    more: int


@require_safe
def week(request: HttpRequest) -> HttpResponse:
    """The week of ?on=2026-11-24; this one when nothing is asked."""
    user = user_of(request)
    day = _day_asked(request)
    monday = day - timedelta(days=day.weekday())
    shown = grid.week(user, monday)
    context = {
        "week": shown,
        **_around("meetings:week", monday - _WEEK, monday + _WEEK),
        **_beside(user),
        "month_url": f"{reverse('meetings:month')}?on={day:%Y-%m-%d}",
        "week_url": request.get_full_path(),
    }
    return render(request, "meetings/week.html", context)


@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """The month of ?on=2026-11-24."""
    user = user_of(request)
    day = _day_asked(request)
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    context = {
        "weeks": grid.month(user, first),
        "name": grid.month_name(first),
        **_around("meetings:month", (first - timedelta(days=1)).replace(day=1), following),
        "month_url": request.get_full_path(),
        "week_url": f"{reverse('meetings:week')}?on={day:%Y-%m-%d}",
    }
    return render(request, "meetings/month.html", context)


def _day_asked(request: HttpRequest) -> date:
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()
    return day if 1970 < day.year < 2100 else timezone.localdate()


def _around(name: str, before: date, after: date) -> dict[str, str]:
    here = reverse(name)
    return {
        "previous_url": f"{here}?on={before:%Y-%m-%d}",
        "next_url": f"{here}?on={after:%Y-%m-%d}",
        "today_url": here,
    }


def _beside(user: User) -> dict[str, object]:
    agenda = tasks.agenda(user)
    return {"parts": list(_parts(agenda, user)), "task_count": len(agenda)}


def _parts(agenda: tasks.Agenda, user: User) -> Iterator[Part]:
    parts = (
        (_("Overdue"), agenda.late),
        (_("Today"), agenda.today),
        (_("To come"), agenda.coming),
        (_("Without a date"), agenda.undated),
    )
    for label, found in parts:
        if found:
            lines = [task_line(task, user) for task in found[:_SHOWN]]
            yield Part(label, lines, len(found) - len(lines))
