"""Preferences, and a change of password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.users.models import User
from relance.web.components.choices import time_zone_choices
from relance.web.users.forms import NewPasswordForm

_UNDO = (5, 10, 20, 30)


class PreferencesForm(forms.ModelForm[User]):
    """How the pages look and behave for one user, and how she is named."""

    class Meta:
        model = User
        fields = [
            "language",
            "theme",
            "time_zone",
            "single_key_shortcuts",
            "first_name",
            "last_name",
            "title",
            "phone",
            "undo_seconds",
            "quote_below",
            "external_mail_client",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=gettext_lazy("Language"), choices=settings.LANGUAGES
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=gettext_lazy("Time zone"), choices=time_zone_choices()
        )
        self.fields["undo_seconds"] = forms.TypedChoiceField(
            label=gettext_lazy("Hold back what I send"),
            choices=_undo_choices(self.instance),
            coerce=int,
        )
        self.fields["quote_below"] = forms.TypedChoiceField(
            label=gettext_lazy("My answer and signature"),
            choices=[
                (True, gettext_lazy("above the quoted text")),
                (False, gettext_lazy("signature below the quoted text")),
            ],
            coerce=lambda value: value in (True, "True"),
        )
        self.fields["external_mail_client"].label = gettext_lazy("Write with my own mail program")
        self.fields["theme"] = forms.ChoiceField(
            label=gettext_lazy("Theme"), choices=User.Theme.choices, required=False
        )


def _undo_choices(user: User) -> list[tuple[int, str]]:
    """What may be waited before a mail leaves, her present choice among it; 0: nothing."""
    wanted = sorted({*_UNDO, user.undo_seconds} - {0})
    seconds = [(n, ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n}) for n in wanted]
    return [(0, _("No, send at once")), *seconds]


class PasswordForm(NewPasswordForm):
    """The present password, and a new one."""

    present = forms.CharField(
        label=gettext_lazy("Present password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["present", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = gettext_lazy("New password")
        self.fields["password"].widget.attrs["class"] = ""
        if not self.user.has_usable_password():
            del self.fields["present"]

    def clean_present(self) -> str:
        present = str(self.cleaned_data["present"])
        if not self.user.check_password(present):
            raise ValidationError(_("This is not your present password."))
        return present
