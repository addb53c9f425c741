"""The set-up wizard: provider, credentials, servers, sharing, excluded domains.

What was typed waits in the session, passwords encrypted with the key kept outside the database;
the mailbox is written at the end, after both servers have let us in and a sharing level was
chosen. No step shows a password again.
"""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.addresses import domains as address_domains
from relance.mail import accounts, connection, providers, secrets
from relance.mail.models import MailAccount
from relance.web.mailboxes import wording
from relance.web.mailboxes.forms import CredentialsForm, DomainsForm, ServersForm, SharingForm
from relance.web.requests import posted, user_of
from relance.web.shell import toasts

_KEY = "mailbox_setup"
_SECRETS = ("password", "smtp_password")
STEPS = ("provider", "credentials", "servers", "sharing", "domains")
_both = require_http_methods(["GET", "POST"])


class Draft:
    """What the wizard knows so far, kept in the session."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.values: dict[str, Any] = request.session.get(_KEY, {})

    def keep(self, **values: Any) -> None:
        for name in _SECRETS:
            if values.get(name):
                values[name] = secrets.encrypt(values[name])
        self.values = {**self.values, **values}
        self.session[_KEY] = self.values

    def secret(self, name: str) -> str:
        token = self.values.get(name)
        return secrets.decrypt(token) if token else ""

    def done(self, step: str) -> bool:
        return bool(self.values.get(f"{step}_done"))

    def forget(self) -> None:
        self.session.pop(_KEY, None)

    def settings(self) -> accounts.Settings:
        names = [n for n in accounts.Settings.__slots__ if n in self.values]
        plain = {n: self.values[n] for n in names if n not in ("imap_password", "smtp_password")}
        same = bool(plain.get("smtp_same_login", True))
        plain["excluded_domains"] = tuple(self.values.get("excluded_domains", ()))
        plain.setdefault("sharing", "")
        return accounts.Settings(
            **plain,
            imap_password=self.secret("password"),
            smtp_password="" if same else self.secret("smtp_password"),
        )


def begin(request: HttpRequest) -> HttpResponse:
    """A new mailbox: nothing of an earlier attempt is left."""
    Draft(request).forget()
    return redirect("mailboxes:provider")


@_both
def provider(request: HttpRequest) -> HttpResponse:
    draft = Draft(request)
    refused = None
    if request.method == "POST":
        chosen = request.POST.get("provider", "")
        known = {p.id: p for p in providers.tiles()}
        if chosen in known and not known[chosen].refusal:
            draft.keep(provider=chosen, provider_done=True, servers_proposed=False)
            return redirect("mailboxes:credentials")
        if chosen in known:
            refused = known[chosen]
    context = {"tiles": providers.tiles(), "chosen": draft.values.get("provider", "")}
    return _page(request, "provider", context | {"refused": refused})


@_both
def credentials(request: HttpRequest) -> HttpResponse:
    draft = Draft(request)
    if not draft.done("provider"):
        return redirect("mailboxes:provider")
    chosen = providers.by_id(draft.values["provider"])
    initial = {
        "sender_name": draft.values.get("sender_name", user_of(request).name),
        "address": draft.values.get("address", user_of(request).email if not chosen else ""),
    }
    form = CredentialsForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        return _keep_credentials(request, draft, form)
    return _page(request, "credentials", {"form": form, "provider": chosen})


def _keep_credentials(request: HttpRequest, draft: Draft, form: CredentialsForm) -> HttpResponse:
    data = form.cleaned_data
    chosen = providers.by_id(draft.values["provider"])
    password = data["password"]
    if chosen and chosen.password in ("app_password", "mailbox_or_app"):
        password = _without_spaces(password)
    proposal = providers.propose(data["address"], draft.values["provider"])
    if proposal.reason:
        form.add_error("address", wording.trouble(proposal.reason))
        return _page(request, "credentials", {"form": form, "provider": chosen})
    draft.keep(
        sender_name=data["sender_name"],
        address=data["address"],
        password=password,
        credentials_done=True,
        servers_done=False,
    )
    if not draft.values.get("servers_proposed"):
        _keep_proposal(draft, proposal)
    return redirect("mailboxes:servers")


def _without_spaces(password: str) -> str:
    """Providers show app passwords in groups of four; the groups are pasted along."""
    compact = password.replace(" ", "")
    return compact if len(compact) == 16 and compact.isalnum() else password


def _keep_proposal(draft: Draft, proposal: providers.Settings) -> None:
    fields = ("host", "port", "security", "username")
    found = {
        f"{side}_{field}": getattr(proposal, f"{side}_{field}")
        for side in ("imap", "smtp")
        for field in fields
    }
    if draft.values["provider"] == providers.CUSTOM and proposal.provider != providers.CUSTOM:
        found["provider"] = proposal.provider
    draft.keep(**found, smtp_same_login=True, servers_proposed=True)


@_both
def servers(request: HttpRequest) -> HttpResponse:
    draft = Draft(request)
    if not draft.done("credentials"):
        return redirect("mailboxes:credentials")
    form = ServersForm(posted(request), initial=draft.values)
    troubles: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if not values["smtp_password"]:
            values.pop("smtp_password")
        draft.keep(**values, servers_done=False)
        troubles = _try(request, draft)
        if not troubles:
            draft.keep(servers_done=True)
            return redirect("mailboxes:sharing")
    return _page(request, "servers", {"form": form, "troubles": troubles})


def _try(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """What the servers answered, by side; empty when both let us in."""
    values = draft.settings()
    trial = MailAccount(owner=user_of(request), address=values.address)
    for name in accounts.Settings.__slots__:
        if name != "excluded_domains":
            setattr(trial, name, getattr(values, name))
    return {
        t.side: {"text": wording.trouble(t.code), "answer": t.answer, "code": t.code}
        for t in connection.try_servers(trial)
    }


@_both
def sharing(request: HttpRequest) -> HttpResponse:
    draft = Draft(request)
    if not draft.done("servers"):
        return redirect("mailboxes:servers")
    form = SharingForm(posted(request), initial={"sharing": draft.values.get("sharing")})
    if request.method == "POST" and form.is_valid():
        draft.keep(sharing=form.cleaned_data["sharing"], sharing_done=True)
        return redirect("mailboxes:domains")
    return _page(request, "sharing", {"form": form})


@_both
def domains(request: HttpRequest) -> HttpResponse:
    draft = Draft(request)
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
