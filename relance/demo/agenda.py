"""Camille's days in the demo: tasks, calls, meetings, and what she noted of people."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from relance.crm.models import Call, Deal, Meeting, Note, Person, Stage, Task
from relance.demo import almanac
from relance.demo.scenes import rows
from relance.users.models import User

_PAST = "-"


def write(owner: User, people: dict[str, Person], now: datetime) -> None:
    """Everything of the file, told from `now`."""
    for kind, days, hour, minutes, words, name, more in rows("agenda"):
        about = _about(people.get(name))
        at = _at(now, int(days), hour or "09:00")
        is_past = days.startswith(_PAST)
        if kind == "task":
            Task.objects.create(
                **_owned(owner, words, about),
                due_on=at.date(),
                priority=more or "normal",
            )
        elif kind == "call":
            Call.objects.create(
                **_owned(owner, words, about),
                starts_at=at,
                seconds=int(minutes) * 60 if is_past else 0,
                status="held" if is_past else "planned",
                result=more,
            )
        elif kind == "meeting":
            Meeting.objects.create(
                **_owned(owner, words, about),
                starts_at=at,
                ends_at=at + timedelta(minutes=int(minutes)),
                time_zone=almanac.ZONE.key,
                location=more,
            )
        else:
            Note.objects.create(author=owner, text=words, created_at=at, updated_at=at, **about)


def _owned(owner: User, name: str, about: dict[str, Any]) -> dict[str, Any]:
    return {"owner": owner, "created_by": owner, "name": name, **about}


def _about(person: Person | None) -> dict[str, Any]:
    """The person, the account, and the open deal that closes first."""
    if person is None:
        return {}
    mine = Deal.objects.filter(contacts__person=person, stage__kind=Stage.Kind.OPEN)
    return {"person": person, "company": person.company, "deal": mine.order_by("closes_on").first()}


def _at(now: datetime, days: int, hour: str) -> datetime:
    day = almanac.workday(now.astimezone(almanac.ZONE).date(), days)
    return datetime.combine(day, time.fromisoformat(hour), almanac.ZONE)
