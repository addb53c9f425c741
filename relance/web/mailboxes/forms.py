"""Forms of the set-up and of a mailbox's page. A password is taken and never shown again."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.addresses import book
from relance.mail.models import MailAccount
from relance.mail.models.accounts import Security

_SEPARATORS = re.compile(r"[\s,;]+")
_DOMAIN = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")


class PasswordField(forms.CharField):
    """A secret. Spaces of a pasted app password are kept here, and left out by the caller."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        super().__init__(widget=widget, strip=False, max_length=500, **options)


class CredentialsForm(forms.Form):
    """Who, and with which secret."""

    sender_name = forms.CharField(label=_("Your name, as others see it"), max_length=150)
    address = forms.CharField(label=_("E-mail address"), max_length=320)
    password = PasswordField(label=_("Password"))

    def clean_address(self) -> str:
        address = book.normalise(self.cleaned_data["address"])
        if not address:
            raise forms.ValidationError(
                _("This is not an e-mail address. It looks like camille@clarte.example.")
            )
        return address


class ServersForm(forms.Form):
    """Where the mailbox lives. The second login is asked for only when it differs."""

    imap_host = forms.CharField(label=_("Name"), max_length=255)
    imap_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=_("Security"), choices=Security.choices)
    imap_username = forms.CharField(label=_("User name"), max_length=320)
    smtp_host = forms.CharField(label=_("Name"), max_length=255)
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("Security"), choices=Security.choices)
    smtp_same_login = forms.BooleanField(
        label=_("Same user name and password for the outgoing server"), required=False
    )
    smtp_username = forms.CharField(label=_("User name"), max_length=320, required=False)
    smtp_password = PasswordField(label=_("Password"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("imap_port", "smtp_port"):
            self.fields[name].localize = False
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("smtp_same_login") and not data.get("smtp_username"):
            self.add_error(
                "smtp_username", _("Give the user name of the outgoing server, or tick the box.")
            )
        return data

    def clean_imap_host(self) -> str:
        return _host(self.cleaned_data["imap_host"])

    def clean_smtp_host(self) -> str:
        return _host(self.cleaned_data["smtp_host"])


class SharingForm(forms.Form):
    """Who may read. Nothing is chosen for the user."""

    sharing = forms.ChoiceField(
        choices=MailAccount.Sharing.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who may read your mail. Nothing is saved before.")},
    )


class DomainsForm(forms.Form):
    """Domains whose mail stays the owner's alone."""

    domains = forms.CharField(label=_("Excluded domains"), required=False, max_length=5_000)

    def clean_domains(self) -> list[str]:
        found = [d.lower().lstrip("@") for d in _SEPARATORS.split(self.cleaned_data["domains"])]
        domains = list(dict.fromkeys(d for d in found if d))
        for domain in domains:
            if not _DOMAIN.match(_ascii(domain)):
                raise forms.ValidationError(
                    _("“%(domain)s” is not a domain. Write for example clarte.example."),
                    params={"domain": domain[:100]},
                )
        return domains


class DetailsForm(SharingForm, DomainsForm):
    """What can be changed without asking the servers."""

    sender_name = forms.CharField(label=_("Your name, as others see it"), max_length=150)


class PasswordForm(forms.Form):
    """A new password for a mailbox that is connected already."""

    password = PasswordField(label=_("New password"))
    smtp_password = PasswordField(label=_("Password of the outgoing server"), required=False)


def _host(text: str) -> str:
    host = text.strip().lower()
    if "/" in host or "@" in host or any(c.isspace() for c in host):
        raise forms.ValidationError(
            _("Write the server's name alone, such as imap.clarte.example.")
        )
    return host


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
