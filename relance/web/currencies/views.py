"""Currencies listed with their rates, added, changed, removed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.lib import clock
from relance.users import currencies
from relance.users.models import Currency
from relance.web.components.amounts import plain_number
from relance.web.components.dialogs import form_dialog, form_done
from relance.web.organisation.access import admins_only
from relance.web.requests import posted
from relance.web.shell import toasts, wording

_both = require_http_methods(["GET", "POST"])
_HIGHEST = Decimal(10) ** 9


class RateField(forms.DecimalField):
    """A positive number of up to eight decimals, as the reader's language writes it."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # stubs: int
        return super().to_python(plain_number(str(value or ""), language=wording.language()))

    def prepare_value(self, value: Any) -> Any:
        return rate_shown(value) if isinstance(value, Decimal) else value


class RateForm(forms.ModelForm[Currency]):
    """What one unit is worth, and whether it counts."""

    rate = RateField(
        label=gettext_lazy("Rate"),
        min_value=Decimal("0.00000001"),
        max_value=_HIGHEST,
        max_digits=18,
        decimal_places=8,
    )

    class Meta:
        model = Currency
        fields = ["rate", "is_active"]
        labels = {"is_active": gettext_lazy("Used to convert")}

    def save(self, commit: bool = True) -> Currency:
        self.instance.updated_at = clock.now()
        return super().save(commit)


class CurrencyForm(RateForm):
    """A new one."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        min_length=3,
        max_length=3,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["code", "rate", "is_active"]

    class Meta(RateForm.Meta):
        fields = ["code", "rate", "is_active"]

    def clean_code(self) -> str:
        """Three letters that name a currency, new here, and not the organisation's own."""
        code = str(self.cleaned_data["code"]).strip().upper()
        if code not in wording.locale_of(wording.language()).currencies:
            raise ValidationError(_("This is no currency. Write its code, such as USD."))
        if code == currencies.own():
            raise ValidationError(_("This is the organisation’s own currency."))
        if Currency.objects.filter(code=code).exists():
            raise ValidationError(_("This currency has its rate already."))
        return code


@admins_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    own = currencies.own()
    names = wording.locale_of(wording.language()).currencies
    rows = [
        (row, names.get(row.code, ""), rate_shown(row.rate))
        for row in Currency.objects.exclude(code=own)
    ]
    context = {"rows": rows, "own": own, "own_name": names.get(own, "")}
    return render(request, "currencies/list.html", context)


@admins_only
@_both
def create(request: HttpRequest) -> HttpResponse:
    return _form(request, CurrencyForm(posted(request)), _("New currency"))


@admins_only
@_both
def edit(request: HttpRequest, row: int) -> HttpResponse:
    found = get_object_or_404(Currency, pk=row)
    return _form(request, RateForm(posted(request), instance=found), found.code)


@admins_only
@require_POST
def delete(request: HttpRequest, row: int) -> HttpResponse:
    """Its rate goes; amounts in it stay as they are."""
    found = get_object_or_404(Currency, pk=row)
    found.delete()
    toasts.leave(request, _("%(code)s was removed") % {"code": found.code})
    return redirect("currencies:list")


def rate_shown(rate: Decimal) -> str:
    """As one would type it: 0,9213."""
    return format_decimal(rate, "#,##0.########", locale=wording.locale_of(wording.language()))


def _form(request: HttpRequest, form: RateForm, heading: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.leave(request, _("Changes saved"))
        return form_done(request, "currencies:list")
    return form_dialog(
        *(request, "currencies/form.html", form),
        back="currencies:list",
        heading=heading,
        own=currencies.own(),
    )
