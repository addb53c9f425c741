"""The columns that lists of every kind have: tags, and the team."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from relance.crm import modules
from relance.crm.models.records import Record
from relance.web.records.cells import Labels
from relance.web.records.columns import Column, register


def _tags(record: Record, _fact: Any, _labels: Labels) -> str:
    tags = ((tag.hue, tag.name) for tag in record.tags.all())
    shown = format_html_join("", '<span class="label lb-{}">{}</span>', tags)
    return format_html('<span class="row row--wrap">{}</span>', shown) if shown else ""


COLUMNS = (
    Column(
        "tags",
        _("tags"),
        _tags,
        lambda record, _fact, _labels: ", ".join(tag.name for tag in record.tags.all()),
        prefetch=lambda: "tags",
        css="hide-s",
    ),
    Column(
        "team",
        _("team"),
        lambda record, _fact, _labels: record.team.name if record.team else "",
        lambda record, _fact, _labels: record.team.name if record.team else "",
        order=("team__name",),
        related=("team",),
        css="nowrap hide-s",
    ),
)


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    for entity in {module.entity for module in modules.all()}:
        register(entity, *COLUMNS)
