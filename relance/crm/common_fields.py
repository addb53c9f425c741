"""The fields that records of every kind have: their team and their tags."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Field, Kind, entity_of, register
from relance.crm.models import Tag
from relance.crm.models.records import Record
from relance.users.models import Team

ENTITIES = ("Person", "Account", "Deal", "Case", "Task", "Call", "Meeting")


def of(entity: str) -> tuple[Field, Field]:
    """The team and the tags of that entity's records."""
    return (
        Field(
            *(entity, "team", _("team"), Kind.RECORD),
            path="team",
            values=_team,
            choices=_teams,
            target="Team",
        ),
        Field(
            *(entity, "tags", _("tags"), Kind.RECORD),
            path="tags",
            values=_tags,
            is_many=True,
            choices=_all_tags,
            target="Tag",
        ),
    )


def declare() -> None:
    """Make them known; called when the application starts, after the entities."""
    for entity in ENTITIES:
        register(entity_of(entity), of(entity))


def _team(record: Record) -> int | None:
    return record.team_id


def _tags(record: Record) -> list[int]:
    return [tag.pk for tag in record.tags.all()]


def _teams() -> list[tuple[str, str]]:
    return [(str(team.pk), team.name) for team in Team.objects.all()]


def _all_tags() -> list[tuple[str, str]]:
    return [(str(tag.pk), tag.name) for tag in Tag.objects.all()]
