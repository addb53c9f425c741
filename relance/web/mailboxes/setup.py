"""The set-up wizard: provider, credentials, servers, sharing, excluded domains.

Each step is a page that needs no script. The mailbox is written at the end, after both servers
have let us in and a sharing level was chosen. No step shows a password again.
"""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.addresses import domains as address_domains
from relance.inbox.visibility import visible_accounts
from relance.mail import accounts, providers
from relance.web.mailboxes import trying, wording
from relance.web.mailboxes.draft import Draft
from relance.web.mailboxes.forms import CredentialsForm, DomainsForm, ServersForm, SharingForm
from relance.web.requests import posted, user_of
from relance.web.shell import toasts

STEPS = ("provider", "credentials", "servers", "sharing", "domains")
_both = require_http_methods(["GET", "POST"])


def begin(request: HttpRequest) -> HttpResponse:
    """A new mailbox: nothing of an earlier attempt is left."""
    Draft(request.session).forget()
    return redirect("mailboxes:provider")


@_both
def provider(request: HttpRequest) -> HttpResponse:
    draft = Draft(request.session)
    refused = None
    if request.method == "POST":
        chosen = request.POST.get("provider", "")
        known = {p.id: p for p in providers.tiles()}
        if chosen in known and not known[chosen].refusal:
            draft.choose(chosen)
            return redirect("mailboxes:credentials")
        refused = known.get(chosen)
    context = {"tiles": providers.tiles(), "chosen": draft.values.get("chosen", "")}
    return _page(request, "provider", context | {"refused": refused})


@_both
def credentials(request: HttpRequest) -> HttpResponse:
    draft = Draft(request.session)
    if not draft.done("provider"):
        return redirect("mailboxes:provider")
    user = user_of(request)
    initial = {
        "sender_name": draft.values.get("sender_name", user.name),
        "address": draft.values.get("address", "" if draft.provider else user.email),
    }
    form = CredentialsForm(posted(request), initial=initial)
    context: dict[str, Any] = {"form": form, "provider": draft.provider}
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["address"]
        context["present"] = visible_accounts(user).filter(address=address).first()
        if context["present"]:
            form.add_error("address", _("This mailbox is connected already."))
        elif reason := draft.keep_login(**form.cleaned_data):
            form.add_error("address", wording.trouble(reason))
        else:
            return redirect("mailboxes:servers")
    return _page(request, "credentials", context)


@_both
def servers(request: HttpRequest) -> HttpResponse:
    draft = Draft(request.session)
    if not draft.done("credentials"):
        return redirect("mailboxes:credentials")
    form = ServersForm(posted(request), initial=draft.values)
    troubles: dict[str, trying.Answer] = {}
    if request.method == "POST" and form.is_valid():
        draft.keep(**form.cleaned_data, servers_done=False)
        trial = trying.trial(user_of(request), draft.settings())
        troubles = trying.answers(trial)
        if not troubles:
            draft.keep(servers_done=True, smtp_size_limit=trial.smtp_size_limit)
            return redirect("mailboxes:sharing")
        trying.mark(form, troubles)
    context = {"form": form, "troubles": troubles, "provider": draft.provider}
    return _page(request, "servers", context)


@_both
def sharing(request: HttpRequest) -> HttpResponse:
    draft = Draft(request.session)
    if not draft.done("servers"):
        return redirect("mailboxes:servers")
    form = SharingForm(posted(request), initial={"sharing": draft.values.get("sharing")})
    if request.method == "POST" and form.is_valid():
        draft.keep(sharing=form.cleaned_data["sharing"], sharing_done=True)
        return redirect("mailboxes:domains")
    return _page(request, "sharing", {"form": form})


@_both
def domains(request: HttpRequest) -> HttpResponse:
    draft = Draft(request.session)
    if not draft.done("sharing"):
        return redirect("mailboxes:sharing")
    own = draft.values["address"].rpartition("@")[2]
    proposed = [] if address_domains.is_public(own) else [own]
    listed = draft.values.get("excluded_domains", proposed)
    form = DomainsForm(posted(request), initial={"domains": ", ".join(listed)})
    if request.method == "POST" and form.is_valid():
        draft.keep(excluded_domains=form.cleaned_data["domains"])
        account = accounts.connect(user_of(request), draft.settings())
        draft.forget()
        toasts.leave(request, _("Mailbox connected"))
        return redirect("mailboxes:progress", account.pk)
    return _page(request, "domains", {"form": form, "own": own, "is_public": not proposed})


def _page(request: HttpRequest, step: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    bad = (isinstance(form, Form) and bool(form.errors)) or bool(context.get("troubles"))
    context |= {"step": step, "number": STEPS.index(step) + 1}
    return render(request, f"mailboxes/setup_{step}.html", context, status=422 if bad else 200)
