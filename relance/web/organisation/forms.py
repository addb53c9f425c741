"""Settings of the organisation, company domains, invitations."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.addresses import book, domains
from relance.addresses.models import CompanyDomain
from relance.users.models import Organisation, User
from relance.web.components.choices import currency_choices, time_zone_choices

_HOST = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)"
    r"(:(?P<port>\d{1,5}))?"
)
_MOST_HOSTS = 100


class OrganisationForm(forms.ModelForm[Organisation]):
    """All settings of the organisation."""

    allowed_hosts = forms.CharField(
        label=gettext_lazy("Private mail servers allowed"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "currency",
            "language",
            "time_zone",
            "fetch_interval",
            "look_up_servers",
            "domain_first",
            "is_b2c",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["allowed_hosts"] = "\n".join(self.instance.allowed_hosts)
        choices = {
            "currency": (gettext_lazy("Currency"), currency_choices(self.instance.currency)),
            "language": (gettext_lazy("Language of new users"), settings.LANGUAGES),
            "time_zone": (gettext_lazy("Time zone of new users"), time_zone_choices()),
        }
        for name, (label, offered) in choices.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=offered)

    def clean_allowed_hosts(self) -> list[str]:
        """One host, host:port or network a line. Raises ValidationError naming the wrong one."""
        lines = self.cleaned_data["allowed_hosts"].lower().replace(",", "\n").split()
        entries = list(dict.fromkeys(lines))
        if len(entries) > _MOST_HOSTS:
            raise ValidationError(_("That is too many. Write a network, such as 10.0.0.0/24."))
        for entry in entries:
            if not is_host(entry):
                raise ValidationError(
                    _("“%(entry)s” is no host. Write mail.office.lan, 10.0.0.5:993 or 10.0.0.0/24.")
                    % {"entry": entry}
                )
        return entries

    def save(self, commit: bool = True) -> Organisation:
        self.instance.allowed_hosts = self.cleaned_data["allowed_hosts"]
        return super().save(commit)


def is_host(entry: str) -> bool:
    """Is it a host name, an address, either with a port, or a network?"""
    try:
        ipaddress.ip_network(entry, strict=False)
        return True
    except ValueError:
        pass
    found = _HOST.fullmatch(entry)
    return found is not None and int(found["port"] or 1) in range(1, 65536)


class DomainForm(forms.ModelForm[CompanyDomain]):
    """One more domain whose senders are colleagues."""

    class Meta:
        model = CompanyDomain
        fields = ["domain", "include_subdomains"]

    def clean_domain(self) -> str:
        """A lower-case domain in ASCII; never one where anybody may have an address."""
        text = str(self.cleaned_data["domain"]).strip().lower().rpartition("@")[2]
        normalised = book.normalise(f"somebody@{text}")
        domain = normalised.rpartition("@")[2]
        if not normalised or not domains.registrable(domain):
            raise ValidationError(_("This is no domain. It looks like company.com."))
        if domains.is_public(domain):
            raise ValidationError(
                _("Anybody may have an address at %(domain)s: its senders are no colleagues.")
                % {"domain": domain}
            )
        return domain


class InvitationForm(forms.ModelForm[User]):
    """Somebody new."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "role"]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(_("Somebody logs in with this address already."))
        return email
