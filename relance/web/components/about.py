"""What activities are about, in forms and in addresses: `?person=12&deal=3&mail=45`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.crm import access, activities
from relance.crm.activities import Subject
from relance.crm.models import Case, Company, Deal, Person, Stage
from relance.crm.models.activities import About
from relance.inbox.visibility import visible_copies
from relance.users.models import User
from relance.web.components.naming import PersonField, name_of, people_named

_MOST_DEALS = 30
#: What an address may say an activity is about.
NAMES = ("person", "company", "deal", "case", "mail")


def subject_or_404(user: User, entity: str, key: int) -> Subject:
    """The record that a list of activities belongs to."""
    found = activities.subject(user, entity, key)
    if found is None:
        raise Http404
    return found


class DealChoice(forms.ModelChoiceField[Deal]):
    """Takes any readable deal, and offers those that are near."""

    def offer(self, deals: list[Deal]) -> None:
        self.widget.choices = [
            ("", _("no deal")),
            *((str(deal.pk), deal.name) for deal in deals),
        ]


class AboutForm(forms.ModelForm[Any]):
    """The part every form of an activity has: the person by name, a deal to choose, and unseen the
    account, the case and the mail it comes from."""

    person = PersonField(label=_("Contact or lead"), required=False)

    def __init__(
        self, *args: Any, viewer: User, asked: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        field = self.fields["person"]
        assert isinstance(field, PersonField)
        field.viewer = viewer
        if self.instance.pk is None:
            self.initial = {**_asked(viewer, asked or {}), **self.initial}
        hidden: list[tuple[str, Any]] = [
            ("company", access.companies_for(viewer)),
            ("case", access.records_for(viewer, Case)),
        ]
        for name, rows in hidden:
            self.fields[name] = forms.ModelChoiceField(
                rows, required=False, widget=forms.HiddenInput
            )
        self.fields["mail"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1
        )
        self.fields["deal"] = DealChoice(access.deals_for(viewer), label=_("Deal"), required=False)
        self._fill()

    def _fill(self) -> None:
        about: About = self.instance
        if about.pk is not None:
            self.initial["person"] = name_of(about.person) if about.person else ""
            for name in ("company", "deal", "case"):
                self.initial[name] = getattr(about, f"{name}_id")
        deals = self.near_deals()
        field = self.fields["deal"]
        assert isinstance(field, DealChoice)
        field.offer(deals)
        if not deals:
            field.widget = forms.HiddenInput()

    def near_deals(self) -> list[Deal]:
        """The open deals of the person and the account, and the one that is chosen."""
        person, company, chosen = self._said("person"), self._said("company"), self._said("deal")
        query = Q(pk=chosen) if str(chosen).isdecimal() else Q(pk=None)
        is_open = Q(stage__kind=Stage.Kind.OPEN)
        if person:
            found = people_named(self.viewer, str(person)).first()
            query |= Q(contacts__person=found) & is_open if found else Q(pk=None)
        if str(company).isdecimal():
            query |= Q(company=company) & is_open
        rows = access.deals_for(self.viewer).filter(query).distinct()
        return list(rows.order_by("closes_on", "pk")[:_MOST_DEALS])

    def _said(self, name: str) -> Any:
        if self.is_bound:
            return self.data.get(name) or ""
        value = self.initial.get(name) or ""
        return getattr(value, "pk", value)

    @property
    def account(self) -> Company | None:
        """The account it is about when no person says so."""
        key = self._said("company")
        if not str(key).isdecimal() or self._said("person"):
            return None
        return access.companies_for(self.viewer).filter(pk=key).first()

    def clean_mail(self) -> int | None:
        """A mail the viewer may see; any other is left out."""
        key: int | None = self.cleaned_data["mail"]
        if key and visible_copies(self.viewer).filter(message=key).exists():
            return key
        return None

    def filled(self) -> Any:
        """The activity as written, not saved."""
        activity: About = self.save(commit=False)
        data = self.cleaned_data
        if activity.person != data["person"] and activity.pk is not None:
            activity.company = None  # that of the former person
        else:
            activity.company = data["company"] or activity.company
        for name in ("person", "deal", "case"):
            setattr(activity, name, data[name])
        if activity.pk is None:
            activity.mail_key = data["mail"]
        return activity


def _asked(viewer: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the address says, as far as the viewer may read it."""
    found: dict[str, Any] = {}
    for name in NAMES:
        written = asked.get(name, "")
        if not (written.isascii() and written.isdigit() and len(written) < 20):
            continue
        if name == "mail":
            found[name] = int(written)
        elif subject := activities.subject(viewer, name, int(written)):
            record = subject.record
            found[name] = name_of(record) if isinstance(record, Person) else record.pk
    return found


def from_mail(request: HttpRequest) -> str:
    """`&mail=45` for the addresses of dialogs, when the card stands beside a mail."""
    key = request.GET.get("mail", "")
    return f"&mail={key}" if key.isascii() and key.isdigit() and len(key) < 20 else ""


def asked(request: HttpRequest) -> dict[str, str]:
    """What the address of a dialog says the activity is about."""
    return {name: request.GET[name] for name in NAMES if request.GET.get(name)}


class DayField(forms.DateField):
    """A day, in the browser's own picker."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)
        self.localize = False


class HourField(forms.TimeField):
    """An hour and minutes."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": "300"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


def next_half_hour() -> datetime:
    """The next full or half hour, by the reader's clock."""
    now = timezone.localtime()
    at = now.replace(second=0, microsecond=0)
    return at + timedelta(minutes=30 - at.minute % 30)


def start_asked(request: HttpRequest) -> datetime:
    """?at=2026-11-24T09:00 by the reader's clock; else the next half hour."""
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        return next_half_hour()
    if at.tzinfo is not None or not 1970 < at.year < 2100:
        return next_half_hour()
    return at.replace(tzinfo=timezone.get_current_timezone())


def joined(day: Any, hour: time | None) -> datetime | None:
    """That hour of that day, by the reader's clock."""
    if day is None or hour is None:
        return None
    return datetime.combine(day, hour, tzinfo=timezone.get_current_timezone())
