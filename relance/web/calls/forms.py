"""The form of a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.crm.models import Call
from relance.lib import clock
from relance.web.components.about import AboutForm, DayField, HourField, joined, next_half_hour
from relance.web.components.choices import owner_field

_LONGEST = 24 * 60


class CallForm(AboutForm):
    """A call to make, or one that was made: how long it took, and what came out of it."""

    day = DayField(label=_("Day"))
    hour = HourField(label=_("At"))
    minutes = forms.IntegerField(
        label=_("Duration (minutes)"), required=False, min_value=0, max_value=_LONGEST
    )

    class Meta:
        model = Call
        fields = ("name", "direction", "status", "phone", "result", "owner", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self,
        *args: Any,
        asked: Mapping[str, str] | None = None,
        starts_at: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        call: Call = self.instance
        self.fields["owner"] = owner_field(call, self.viewer)
        self.fields["owner"].label = _("Assigned to")
        at = timezone.localtime(call.starts_at) if call.pk else starts_at or next_half_hour()
        self.initial = {"day": at.date(), "hour": at.time(), **self.initial}
        if call.seconds:
            self.initial["minutes"] = round(call.seconds / 60)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        at = joined(data.get("day"), data.get("hour"))
        if at and data.get("status") == Call.Status.HELD and at > clock.now():
            self.add_error("day", ValidationError(_now("A call that was made is not to come.")))
        data["starts_at"] = at
        return data

    def filled(self) -> Call:
        """The call as written, not saved. Seconds that the form does not show are kept."""
        call: Call = super().filled()
        call.starts_at = self.cleaned_data["starts_at"]
        minutes = self.cleaned_data["minutes"] or 0
        if minutes != round(call.seconds / 60):
            call.seconds = minutes * 60
        return call
