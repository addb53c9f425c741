"""The tags of one record, as somebody writes them: made when there is none of that name."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from relance.crm import history
from relance.crm.models import Tag
from relance.crm.models.records import Record
from relance.lib.text import hue, squeeze
from relance.users.models import User

MOST = 20


@transaction.atomic
def set_tags(actor: User, record: Record, names: Sequence[str]) -> None:
    """Make these the record's tags; letter case tells none apart."""
    before = _listed(record)
    wanted = {name.casefold(): name for text in names if (name := squeeze(text)[:60])}
    record.tags.set([_named(name) for name in list(wanted.values())[:MOST]])
    if (entity := history.ENTITIES.get(type(record))) is not None:
        history.record(actor, entity, record, {"tags": before}, {"tags": _listed(record)})


def _named(name: str) -> Tag:
    found = Tag.objects.filter(name__iexact=name).first()
    return found or Tag.objects.create(name=name, hue=hue(name))


def _listed(record: Record) -> str:
    return ", ".join(record.tags.order_by("name").values_list("name", flat=True))
