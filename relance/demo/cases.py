"""What customers of the demo asked to be settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from relance.crm.models import Case, Person
from relance.demo import almanac
from relance.demo.scenes import rows

_FIRST_NUMBER = 478


def write(people: dict[str, Person], now: datetime) -> None:
    """Everything of the file, the oldest one first; told from `now`."""
    told = sorted(rows("cases"), key=lambda row: -int(row[0]))
    for number, (days, name, who, status, priority, text) in enumerate(told, _FIRST_NUMBER):
        person = people[who]
        day = almanac.workday(now.astimezone(almanac.ZONE).date(), -int(days))
        at = datetime.combine(day, now.astimezone(almanac.ZONE).timetz())
        closed_at = min(at + timedelta(days=2), now) if status == Case.Status.CLOSED else None
        case = Case.objects.create(
            number=number,
            name=name,
            status=status,
            priority=priority,
            person=person,
            company=person.company,
            owner=person.owner,
            created_by=person.owner,
            created_at=at,
            closed_at=closed_at,
            description=text,
        )
        Case.objects.filter(pk=case.pk).update(updated_at=closed_at or at)
