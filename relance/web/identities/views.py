"""The sender addresses of one of the user's mailboxes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.inbox.visibility import visible_accounts
from relance.mail import proving
from relance.mail.models import Identity, MailAccount
from relance.web.identities import proof
from relance.web.identities.forms import AddressForm, NameForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_both = require_http_methods(["GET", "POST"])


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _mine(request, pk))


@_both
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A further address; its code leaves at once."""
    account = _mine(request, pk)
    form = AddressForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = proving.add_identity(
                account, form.cleaned_data["address"], form.cleaned_data["name"]
            )
        except ValueError as error:
            form.add_error("address", proof.not_added(error))
        else:
            _send(request, row)
            return _done(request, account)
    return _dialog(request, account, "add", {"form": form})


@require_POST
def code(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Another code."""
    account = _mine(request, pk)
    identity = _identity(account, row)
    if not identity.is_confirmed:
        _send(request, identity)
    return redirect("identities:show", account.pk)


@require_POST
def confirm(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    account = _mine(request, pk)
    identity = _identity(account, row)
    try:
        proving.confirm(identity, request.POST.get("code", ""))
    except proving.Refused as error:
        refused = {"refused": identity.pk, "problem": proof.refusal(error)}
        return _page(request, account, status=422, **refused)
    toasts.leave(request, _("You may write from %(address)s now") % {"address": identity})
    return redirect("identities:show", account.pk)


@require_POST
def default(request: HttpRequest, pk: int) -> HttpResponse:
    """The address new mails of this mailbox leave from."""
    account = _mine(request, pk)
    asked = request.POST.get("default", "")
    identity = _identity(account, int(asked)) if asked.isdecimal() and asked.isascii() else None
    proving.make_default(account, identity)
    toasts.leave(request, _("New mails leave from %(address)s") % {"address": identity or account})
    return redirect("identities:show", account.pk)


@_both
def rename(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    account = _mine(request, pk)
    identity = _identity(account, row)
    form = NameForm(posted(request), initial={"name": identity.name})
    if request.method == "POST" and form.is_valid():
        identity.name = " ".join(form.cleaned_data["name"].split())
        identity.save(update_fields=["name"])
        toasts.leave(request, _("Changes saved"))
        return _done(request, account)
    return _dialog(request, account, "rename", {"identity": identity, "form": form})


@require_POST
def remove(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    account = _mine(request, pk)
    identity = _identity(account, row)
    try:
        proving.remove(identity)
    except proving.InUse as error:
        return _page(request, account, status=409, trouble=proof.in_use(error))
    toasts.leave(request, _("%(address)s was removed") % {"address": identity})
    return redirect("identities:show", account.pk)


def _mine(request: HttpRequest, pk: int) -> MailAccount:
    account = visible_accounts(user_of(request)).filter(pk=pk).first()
    if account is None:
        raise Http404
    return account


def _identity(account: MailAccount, row: int) -> Identity:
    return get_object_or_404(Identity, pk=row, account=account)


def _send(request: HttpRequest, row: Identity) -> None:
    try:
        proving.send_code(row, row.account, user_of(request))
    except (proving.NotSent, proving.Wait) as error:
        toasts.leave(request, proof.not_sent(error, row.address))
    else:
        toasts.leave(request, _("A code is on its way to %(address)s") % {"address": row})


def _page(
    request: HttpRequest, account: MailAccount, *, status: int = 200, **more: Any
) -> HttpResponse:
    identities = list(Identity.objects.filter(account=account).order_by("pk"))
    rows = [(identity, proof.proof_of(identity)) for identity in identities]
    context = {
        "account": account,
        "name": account.sender_name or user_of(request).name,
        "rows": rows,
        "waiting": [identity for identity, state in rows if state.is_waiting],
        "own_is_default": not any(i.is_default and i.is_confirmed for i in identities),
        **more,
    }
    return render(request, "identities/show.html", context, status=status)


def _dialog(
    request: HttpRequest, account: MailAccount, name: str, context: dict[str, Any]
) -> HttpResponse:
    """A dialog over the page, or a page of its own without script."""
    layout = "dialog" if is_fragment(request) else "page"
    shown = {
        "layout": f"components/form_{layout}.html",
        "action": request.path,
        "back": reverse("identities:show", args=[account.pk]),
        **context,
    }
    status = 422 if context["form"].errors else 200
    return fragment(request, f"identities/{name}.html", shown, status=status)


def _done(request: HttpRequest, account: MailAccount) -> HttpResponse:
    """Back to the list, out of a dialog too."""
    if not is_fragment(request):
        return redirect("identities:show", account.pk)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("identities:show", args=[account.pk])
    return response
