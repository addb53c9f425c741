"""Forms of the door: logging in, choosing a password, the first set-up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from relance.users.models import Organisation, User
from relance.web.components.choices import currency_choices, time_zone_choices


class LoginForm(forms.Form):
    """An address and a password; the view tries them."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "class": "input--l"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input--l"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, typed once and shown on demand by the browser; `user` is whose it is."""

    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        help_text=_("At least 10 characters. A sentence is easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input--l"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.user)
        return password


class SetupForm(forms.Form):
    """The organisation and its first administrator."""

    name = forms.CharField(label=_("Organisation"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    currency = forms.ChoiceField(label=_("Currency"))
    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        help_text=_("At least 10 characters. A sentence is easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("language", settings.LANGUAGES, (get_language() or "fr")[:2])
        self._choices("time_zone", time_zone_choices(), "Europe/Paris")
        self._choices("currency", currency_choices("EUR"), "EUR")

    def _choices(self, name: str, choices: Any, initial: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = initial

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(_("Somebody logs in with this address already."))
        return email

    def clean(self) -> dict[str, Any]:
        """Try the password against the other fields: it must not be one's own name."""
        data: dict[str, Any] = self.cleaned_data
        if "password" in data:
            try:
                password_validation.validate_password(data["password"], self.admin())
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return data

    def admin(self) -> User:
        """The administrator as written, not saved."""
        names = {n: self.cleaned_data.get(n, "") for n in ("first_name", "last_name", "email")}
        return User(**names)

    def organisation(self) -> Organisation:
        """The organisation as written, not saved."""
        names = ("name", "language", "time_zone", "currency")
        return Organisation(**{n: self.cleaned_data[n] for n in names})
