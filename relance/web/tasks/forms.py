"""The form of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.crm import tasks
from relance.crm.models import Task
from relance.web.components.about import AboutForm, DayField, HourField
from relance.web.components.choices import owner_field


class TaskForm(AboutForm):
    """What is to be done, until when, by whom, and about whom."""

    due_on = DayField(label=_("Due"), required=False)
    due_hour = HourField(label=_("At"), required=False)

    class Meta:
        model = Task
        fields = ("name", "due_on", "priority", "owner", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, asked: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        task: Task = self.instance
        self.fields["owner"] = owner_field(task, self.viewer)
        self.fields["owner"].label = _("Assigned to")
        if task.due_at is not None:
            self.initial["due_hour"] = timezone.localtime(task.due_at).time()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("due_hour") and not data.get("due_on"):
            self.add_error("due_on", ValidationError(_now("Say the day too.")))
        return data

    def filled(self) -> Task:
        """The task as written, not saved."""
        task: Task = super().filled()
        tasks.due(task, self.viewer, self.cleaned_data["due_hour"])
        return task
