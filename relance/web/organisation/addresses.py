"""Addresses of the organisation, and the mailbox Relance writes through."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.mail import identities, proving, system
from relance.mail.models import MailAccount, OrganisationAddress
from relance.users.models import User
from relance.web.identities import proof
from relance.web.identities.forms import NameForm
from relance.web.organisation.access import admins_only
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_both = require_http_methods(["GET", "POST"])


class UseForm(NameForm):
    """Who may write from an address, and through which mailbox."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Who may write from it"),
        choices=User.Role.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one role.")},
    )
    account = forms.ModelChoiceField(
        label=gettext_lazy("Leaves through"),
        queryset=MailAccount.objects.none(),
        required=False,
        empty_label=gettext_lazy("the mailbox of who writes"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["account"].queryset = system.candidates()  # type: ignore[attr-defined]


class AddressForm(UseForm):
    """A new address. Whether it is one, and new, the engine says."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["address", "name", "roles", "account"]


@admins_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return _page(request)


@admins_only
@_both
def add(request: HttpRequest) -> HttpResponse:
    """An address of the organisation; its code leaves at once."""
    form = AddressForm(posted(request), initial={"roles": User.Role.values})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = proving.add_organisation_address(
                data["address"], data["name"], roles=data["roles"], account=data["account"]
            )
        except ValueError as error:
            form.add_error("address", proof.not_added(error))
        else:
            _send(request, row)
            return _done(request)
    return _dialog(request, form, _("Add an address of the organisation"), _("Send the code"))


@admins_only
@_both
def edit(request: HttpRequest, row: int) -> HttpResponse:
    found = get_object_or_404(OrganisationAddress, pk=row)
    initial = {"name": found.name, "roles": found.roles, "account": found.account_id}
    form = UseForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        found.name = " ".join(form.cleaned_data["name"].split())
        found.roles, found.account = form.cleaned_data["roles"], form.cleaned_data["account"]
        found.save(update_fields=["name", "roles", "account"])
        toasts.leave(request, _("Changes saved"))
        return _done(request)
    return _dialog(request, form, found.address, _("Save"))


@admins_only
@require_POST
def code(request: HttpRequest, row: int) -> HttpResponse:
    """Another code."""
    found = get_object_or_404(OrganisationAddress, pk=row)
    if not found.is_confirmed:
        _send(request, found)
    return redirect("organisation:addresses")


@admins_only
@require_POST
def confirm(request: HttpRequest, row: int) -> HttpResponse:
    found = get_object_or_404(OrganisationAddress, pk=row)
    try:
        proving.confirm(found, request.POST.get("code", ""))
    except proving.Refused as error:
        return _page(request, status=422, refused=found.pk, problem=proof.refusal(error))
    toasts.leave(request, _("%(address)s may be used now") % {"address": found})
    return redirect("organisation:addresses")


@admins_only
@require_POST
def remove(request: HttpRequest, row: int) -> HttpResponse:
    found = get_object_or_404(OrganisationAddress, pk=row)
    try:
        proving.remove(found)
    except proving.InUse as error:
        return _page(request, status=409, trouble=proof.in_use(error))
    toasts.leave(request, _("%(address)s was removed") % {"address": found})
    return redirect("organisation:addresses")


@admins_only
@require_POST
def system_mailbox(request: HttpRequest) -> HttpResponse:
    """Choose the mailbox Relance writes through, or none."""
    asked = request.POST.get("account", "")
    chosen = None
    if asked:
        rows = system.candidates()
        chosen = get_object_or_404(rows, pk=int(asked) if asked.isdecimal() else 0)
    system.choose(chosen)
    toasts.leave(request, _("Settings saved"))
    return redirect("organisation:addresses")


def _send(request: HttpRequest, row: OrganisationAddress) -> None:
    user = user_of(request)
    through = row.account
    if through is None:
        own = [s.account for s in identities.senders_for(user) if s.kind != "organisation"]
        through = next(iter(own), None) or system.mailbox()
    if through is None:
        text = _("Connect a mailbox first: the code is mailed through it.")
        toasts.leave(request, text)
        return
    try:
        proving.send_code(row, through, user)
    except (proving.NotSent, proving.Wait) as error:
        toasts.leave(request, proof.not_sent(error, row.address))
    else:
        toasts.leave(request, _("A code is on its way to %(address)s") % {"address": row})


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = OrganisationAddress.objects.select_related("account").order_by("address")
    labels = dict(User.Role.choices)
    shown = [
        (row, proof.proof_of(row), ", ".join(str(labels[r]) for r in labels if r in row.roles))
        for row in rows
    ]
    context = {
        "rows": shown,
        "waiting": [row for row, state, _roles in shown if state.is_waiting],
        "candidates": system.candidates(),
        "chosen": MailAccount.objects.filter(is_system=True).first(),
        "works": system.mailbox() is not None,
        **more,
    }
    return render(request, "organisation/addresses.html", context, status=status)


def _dialog(request: HttpRequest, form: forms.Form, heading: str, submit: str) -> HttpResponse:
    """A dialog over the page, or a page of its own without script."""
    layout = "dialog" if is_fragment(request) else "page"
    context = {
        "layout": f"components/form_{layout}.html",
        "action": request.path,
        "back": reverse("organisation:addresses"),
        "form": form,
        "heading": heading,
        "submit": submit,
    }
    status = 422 if form.errors else 200
    return fragment(request, "organisation/address_form.html", context, status=status)


def _done(request: HttpRequest) -> HttpResponse:
    """Back to the list, out of a dialog too."""
    if not is_fragment(request):
        return redirect("organisation:addresses")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("organisation:addresses")
    return response
