"""The fields of tasks, calls and meetings that conditions and lists may name, and their lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, register
from relance.crm import modules
from relance.crm.models import Call, Meeting, Task
from relance.crm.models.activities import Priority
from relance.crm.modules import Module, Preset
from relance.crm.tasks import ACTIVE


def _owner(record: Task | Call | Meeting) -> int:
    return record.owner_id


def _shared(entity: str) -> tuple[Field, ...]:
    """What every activity has: whose it is, and whom it is about."""
    return (
        Field(
            entity,
            "person",
            _("contact or lead"),
            Kind.TEXT,
            "person.name",
            path="person__last_name",
        ),
        Field(entity, "accountName", _("account"), Kind.TEXT, "company.name", path="company__name"),
        Field(entity, "dealName", _("deal"), Kind.TEXT, "deal.name", path="deal__name"),
        Field(
            *(entity, "owner", _("assigned to"), Kind.RECORD, "owner"),
            path="owner",
            values=_owner,
            target="User",
        ),
        Field(entity, "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
        Field(entity, "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
    )


def _choice(entity: str, name: str, label: Any, choices: Any) -> Field:
    return Field(entity, name, label, Kind.CHOICE, name, path=name, choices=lambda: choices)


TASK = (
    Field("Task", "name", _("task"), Kind.TEXT, "name", path="name"),
    Field("Task", "dueDate", _("due"), Kind.DATE, "due_on", path="due_on"),
    _choice("Task", "status", _("status"), Task.Status.choices),
    _choice("Task", "priority", _("priority"), Priority.choices),
    *_shared("Task"),
)
CALL = (
    Field("Call", "name", _("subject"), Kind.TEXT, "name", path="name"),
    Field("Call", "dateStart", _("when"), Kind.MOMENT, "starts_at", path="starts_at"),
    _choice("Call", "direction", _("direction"), Call.Direction.choices),
    _choice("Call", "status", _("status"), Call.Status.choices),
    Field("Call", "result", _("result"), Kind.TEXT, "result", path="result"),
    *_shared("Call"),
)
MEETING = (
    Field("Meeting", "name", _("subject"), Kind.TEXT, "name", path="name"),
    Field("Meeting", "dateStart", _("from"), Kind.MOMENT, "starts_at", path="starts_at"),
    Field("Meeting", "dateEnd", _("until"), Kind.MOMENT, "ends_at", path="ends_at"),
    Field("Meeting", "location", _("place"), Kind.TEXT, "location", path="location"),
    _choice("Meeting", "status", _("status"), Meeting.Status.choices),
    *_shared("Meeting"),
)


def _all(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(conditions)}


_MINE = {"field": "owner", "op": "me"}
_TO_DO = {"field": "status", "op": "in", "value": [status.value for status in ACTIVE]}
_LATE = {"field": "dueDate", "op": "past"}
_DONE = {"field": "status", "op": "is", "value": Task.Status.DONE.value}

TASKS = Module(
    key="tasks",
    entity="Task",
    model=Task,
    label=_("Task"),
    plural=_("Tasks"),
    icon="task",
    columns=("name", "dueDate", "priority", "person", "dealName", "status", "owner"),
    sort="dueDate",
    url="tasks:list",
    create_url="tasks:create",
    presets=(
        Preset("mine", _("My tasks"), _all(_MINE, _TO_DO)),
        Preset("late", _("Overdue"), _all(_MINE, _TO_DO, _LATE)),
        Preset("done", _("Done"), _all(_MINE, _DONE)),
        Preset("all", _("All tasks"), _all()),
    ),
)
CALLS = Module(
    key="calls",
    entity="Call",
    model=Call,
    label=_("Call"),
    plural=_("Calls"),
    icon="phone",
    columns=("name", "dateStart", "direction", "status", "person", "result", "owner"),
    sort="-dateStart",
    url="calls:list",
    create_url="calls:create",
    presets=(
        Preset("mine", _("My calls"), _all(_MINE)),
        Preset("all", _("All calls"), _all()),
    ),
)
MEETINGS = Module(
    key="meetings",
    entity="Meeting",
    model=Meeting,
    label=_("Event"),
    plural=_("Events"),
    icon="calendar",
    columns=("name", "dateStart", "location", "status", "person", "dealName", "owner"),
    sort="-dateStart",
    url="meetings:list",
    create_url="meetings:create",
    presets=(
        Preset("mine", _("My events"), _all(_MINE)),
        Preset("all", _("All events"), _all()),
    ),
)


def declare() -> None:
    """Make them known; called when the application starts."""
    register(Entity("Task", _("Task"), rows=Task.objects.all), TASK)
    register(Entity("Call", _("Call"), rows=Call.objects.all), CALL)
    register(Entity("Meeting", _("Event"), ("Event",), rows=Meeting.objects.all), MEETING)
    modules.register(TASKS, CALLS, MEETINGS)
