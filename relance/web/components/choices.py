"""What the drop-downs of several pages offer."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _

from relance.lib.text import fold
from relance.users.models import Team, User
from relance.web.shell import wording

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK")


def owner_field(record: Any, viewer: User) -> forms.ModelChoiceField[User]:
    """Who may own a record: active users, and whoever owns it now."""
    users = User.objects.filter(is_active=True)
    if record.owner_id:
        users = users | User.objects.filter(pk=record.owner_id)
    return forms.ModelChoiceField(
        users.order_by("first_name", "last_name", "pk"),
        label=_("Owner"),
        initial=record.owner_id or viewer.pk,
        empty_label=None,
    )


def team_field() -> forms.ModelChoiceField[Team]:
    """Whose team's record it is, if it is a team's."""
    return forms.ModelChoiceField(
        Team.objects.all(), label=_("Team"), required=False, empty_label="—"
    )


def zone_field(current: str) -> forms.ChoiceField:
    """Time zones, the present one among them whatever it is."""
    choices = time_zone_choices()
    if current and current not in dict(choices):
        choices.insert(0, (current, current))
    return forms.ChoiceField(label=_("Time zone"), required=False, choices=[("", "—"), *choices])


def country_choices() -> list[tuple[str, str]]:
    """Countries by their names in the reader's language."""
    locale: Locale = wording.locale_of(wording.language())
    named = [(c, n) for c, n in locale.territories.items() if len(c) == 2 and c not in _NO_COUNTRY]
    return [("", "—"), *sorted(named, key=lambda row: fold(row[1]))]


_NO_COUNTRY = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}


def currency_choices(current: str) -> list[tuple[str, str]]:
    """Currencies by name, the one in use among them whatever it is."""
    locale: Locale = wording.locale_of(wording.language())
    codes = dict.fromkeys([current, *CURRENCIES])
    return [(code, f"{code} · {locale.currencies.get(code, code)}") for code in codes if code]


def time_zone_choices() -> list[tuple[str, str]]:
    """Places, by continent; without the aliases nobody looks for."""
    zones = sorted(z for z in available_timezones() if "/" in z and not z.startswith(_ALIASES))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]


_ALIASES = (
    "Etc/",
    "SystemV/",
    "US/",
    "Canada/",
    "Brazil/",
    "Chile/",
    "Mexico/",
    "posix/",
    "right/",
)
