"""The form of a meeting: when, where, who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.addresses import book
from relance.crm import meetings
from relance.crm.models import Meeting
from relance.mail.identities import senders_for
from relance.mime.addresses import addresses
from relance.web.components.about import AboutForm, DayField, HourField, next_half_hour
from relance.web.components.choices import owner_field, time_zone_choices
from relance.web.components.naming import people_named, primary_address

_MOST_GUESTS = 100
_HOUR = timedelta(hours=1)


class MeetingForm(AboutForm):
    """A meeting with an hour, or for whole days; by the clock of `time_zone`."""

    is_all_day = forms.BooleanField(label=_("All day"), required=False)
    start_day = DayField(label=_("From"))
    start_hour = HourField(label=_("At"), required=False)
    end_day = DayField(label=_("Until"))
    end_hour = HourField(label=_("At"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    guests = forms.CharField(
        label=_("Guests"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("E-mail addresses, with commas between them."),
    )

    invites = forms.BooleanField(label=_("Send the guests an invitation by e-mail"), required=False)

    class Meta:
        model = Meeting
        fields = ("name", "location", "owner", "description", "time_zone", "is_all_day")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self,
        *args: Any,
        asked: Mapping[str, str] | None = None,
        starts_at: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        meeting: Meeting = self.instance
        self.fields["owner"] = owner_field(meeting, self.viewer)
        self.fields["owner"].label = _("Assigned to")
        is_whole = bool(self._said("is_all_day") if self.is_bound else meeting.is_all_day)
        for name in ("start_hour", "end_hour"):
            self.fields[name].required = not is_whole
            self.fields[name].error_messages["required"] = _("Say the hour, or choose all day.")
        zone = meetings.zone_of(meeting).key if meeting.pk else self.viewer.zone.key
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        choices = time_zone_choices()
        field.choices = choices if zone in dict(choices) else [(zone, zone), *choices]
        self.initial["time_zone"] = zone
        if meeting.pk or not (self.viewer.may_send and senders_for(self.viewer)):
            self.fields["invites"].widget = forms.HiddenInput()
        if meeting.pk:
            self._show(meeting)
        else:
            begins = starts_at or next_half_hour()
            self.initial.update(_moments(begins, begins + _HOUR))
            self._invite_person()

    def _show(self, meeting: Meeting) -> None:
        zone = meetings.zone_of(meeting)
        self.initial.update(
            _moments(meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone))
        )
        if meeting.is_all_day:
            first, last = meetings.days_of(meeting)
            self.initial.update(start_day=first, end_day=last, start_hour=None, end_hour=None)
        guests = meeting.attendees.order_by("pk").values_list("address", flat=True)
        self.initial["guests"] = ", ".join(guest for guest in guests if guest)

    def _invite_person(self) -> None:
        """Whoever the event is with is its first guest."""
        named = str(self.initial.get("person") or "")
        person = people_named(self.viewer, named).first() if named else None
        if person and (address := primary_address(person)):
            self.initial.setdefault("guests", address)

    def clean_guests(self) -> list[str]:
        """Their addresses, each once."""
        written = self.cleaned_data["guests"].replace(";", ",").replace("\n", ",")
        found = []
        for guest in addresses(written):
            kept = book.normalise(guest.address)
            if not kept:
                said = (guest.address or guest.name)[:80]
                words = _now("“%(address)s” is no e-mail address.") % {"address": said}
                raise ValidationError(words)
            found.append(kept)
        if len(found) > _MOST_GUESTS:
            raise ValidationError(_now("At most %(n)s guests.") % {"n": _MOST_GUESTS})
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("start_day"), data.get("end_day")
        if first and last and "time_zone" in data:
            meeting: Meeting = self.instance
            meeting.time_zone = data["time_zone"]
            if data["is_all_day"]:
                self._take_days(meeting, first, last)
            else:
                self._take_hours(meeting, first, last)
        return data

    def _take_days(self, meeting: Meeting, first: date, last: date) -> None:
        if last < first:
            self.add_error("end_day", _too_early())
        else:
            meetings.set_days(meeting, first, last)

    def _take_hours(self, meeting: Meeting, first: date, last: date) -> None:
        begins, ends = (self.cleaned_data.get(name) for name in ("start_hour", "end_hour"))
        if begins is None or ends is None:
            return
        zone = ZoneInfo(meeting.time_zone)
        meeting.starts_at = datetime.combine(first, begins, tzinfo=zone).astimezone(UTC)
        meeting.ends_at = datetime.combine(last, ends, tzinfo=zone).astimezone(UTC)
        if meeting.ends_at <= meeting.starts_at:
            self.add_error("end_hour", _too_early())
            meeting.ends_at = meeting.starts_at  # what the model would say of it is said here


def _too_early() -> ValidationError:
    return ValidationError(_now("The end must come after the beginning."))


def _moments(starts: datetime, ends: datetime) -> dict[str, Any]:
    return {
        "start_day": starts.date(),
        "start_hour": starts.time(),
        "end_day": ends.date(),
        "end_hour": ends.time(),
    }
