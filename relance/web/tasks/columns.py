"""The column that lists of tasks work out themselves: what is due, and what is late."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.crm import tasks
from relance.crm.models import Task
from relance.web.components.activities import due_words
from relance.web.records.cells import Labels
from relance.web.records.columns import Column, register
from relance.web.templatetags.relance import icon


def _due(task: Task, _fact: Any, labels: Labels) -> str:
    if not tasks.is_late(task, labels.viewer):
        return due_words(task)
    return format_html(
        '<span class="state state--time">{}{}<span class="sr"> ({})</span></span>',
        icon("hourglass"),
        due_words(task),
        _now("late"),
    )


COLUMNS = (
    Column(
        "dueDate",
        _("due"),
        _due,
        lambda task, _fact, _labels: task.due_on,
        order=("due_on", "due_at"),
        css="nowrap",
    ),
)


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    register("Task", *COLUMNS)
