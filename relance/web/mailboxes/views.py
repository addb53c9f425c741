"""One's mailboxes: the list, each one's state, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.inbox.visibility import visible_accounts
from relance.mail import accounts, providers
from relance.mail.models import MailAccount
from relance.web.mailboxes import progressing, trying
from relance.web.mailboxes.draft import without_spaces
from relance.web.mailboxes.forms import DetailsForm, PasswordForm, ServersForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts

_both = require_http_methods(["GET", "POST"])


@require_GET
def mailboxes(request: HttpRequest) -> HttpResponse:
    found = [progressing.state_of(a) for a in visible_accounts(user_of(request))]
    return render(request, "mailboxes/list.html", {"mailboxes": found})


@require_GET
def mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    account = _mine(request, pk)
    if is_fragment(request):
        return render(request, "mailboxes/_state.html", _state_of(account))
    return render(request, "mailboxes/show.html", _page_of(account, PasswordForm()))


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the first import is; a fragment when the page asks again."""
    account = _mine(request, pk)
    page = "mailboxes/_progress.html" if is_fragment(request) else "mailboxes/setup_sync.html"
    context = progressing.state_of(account) | progressing.import_of(account)
    context |= {"step": "sync", "number": 6, "is_fragment": is_fragment(request)}
    return render(request, page, context)


@require_POST
def resync(request: HttpRequest, pk: int) -> HttpResponse:
    accounts.ask_sync(_mine(request, pk))
    toasts.leave(request, _("Synchronisation asked for"))
    return redirect("mailboxes:show", pk)


@require_POST
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password, tried before it is kept."""
    account = _mine(request, pk)
    form = PasswordForm(request.POST)
    troubles: dict[str, trying.Answer] = {}
    if form.is_valid():
        new = _passwords(account, form)
        troubles = trying.answers(_with_passwords(account, *new))
        if not troubles:
            accounts.change_password(_mine(request, pk), new[0], smtp_password=new[1])
            toasts.leave(request, _("Password changed"))
            return redirect("mailboxes:show", pk)
    context = _page_of(_mine(request, pk), form) | {"troubles": troubles.values()}
    return render(request, "mailboxes/show.html", context, status=422)


@_both
def servers(request: HttpRequest, pk: int) -> HttpResponse:
    """Other servers for the same mailbox, tried before they are kept."""
    account = _mine(request, pk)
    initial = {n: getattr(account, n) for n in ServersForm.base_fields if n != "smtp_password"}
    form = ServersForm(posted(request), initial=initial)
    troubles: dict[str, trying.Answer] = {}
    if request.method == "POST" and form.is_valid():
        settings = _settings(account, form.cleaned_data)
        trial = trying.trial(account.owner, settings)
        troubles = trying.answers(trial)
        if not troubles:
            settings = replace(settings, smtp_size_limit=trial.smtp_size_limit)
            accounts.change_servers(_mine(request, pk), settings)
            toasts.leave(request, _("Servers changed"))
            return redirect("mailboxes:show", pk)
        trying.mark(form, troubles)
    status = 422 if form.errors or troubles else 200
    context = {"account": account, "form": form, "troubles": troubles}
    return render(request, "mailboxes/servers.html", context, status=status)


@_both
def details(request: HttpRequest, pk: int) -> HttpResponse:
    """The sender's name, and who may read."""
    account = _mine(request, pk)
    initial = {
        "sender_name": account.sender_name,
        "sharing": account.sharing,
        "domains": ", ".join(account.excluded_domains),
    }
    form = DetailsForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        account.sender_name = form.cleaned_data["sender_name"]
        account.sharing = form.cleaned_data["sharing"]
        account.excluded_domains = form.cleaned_data["domains"]
        account.save(update_fields=["sender_name", "sharing", "excluded_domains"])
        toasts.leave(request, _("Changes saved"))
        return redirect("mailboxes:show", pk)
    status = 422 if form.errors else 200
    context = {"account": account, "form": form}
    return render(request, "mailboxes/details.html", context, status=status)


@require_POST
def default(request: HttpRequest, pk: int) -> HttpResponse:
    account = _mine(request, pk)
    accounts.make_default(account)
    toasts.leave(request, _("New mails leave from %(address)s") % {"address": account})
    return redirect("mailboxes:show", pk)


@_both
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what disconnecting means cannot be read off the word."""
    account = _mine(request, pk)
    if request.method == "POST":
        accounts.disconnect(account)
        toasts.leave(request, _("Mailbox disconnected"))
        return redirect("mailboxes:list")
    return render(request, "mailboxes/disconnect.html", progressing.state_of(account))


def _mine(request: HttpRequest, pk: int) -> MailAccount:
    account = visible_accounts(user_of(request)).filter(pk=pk).first()
    if account is None:
        raise Http404
    return account


def _state_of(account: MailAccount) -> dict[str, Any]:
    """The part of a mailbox's page that changes while one looks."""
    folders = account.folders.filter(is_monitored=True, missing_at=None).order_by("pk")
    return progressing.state_of(account) | {"folders": folders}


def _page_of(account: MailAccount, form: PasswordForm) -> dict[str, Any]:
    return _state_of(account) | {
        "form": form,
        "provider": providers.by_id(account.provider),
        "unreadable": progressing.unreadable(account),
        "is_whole": True,
        "has_others": visible_accounts(account.owner).exclude(pk=account.pk).exists(),
    }


def _passwords(account: MailAccount, form: PasswordForm) -> tuple[str, str]:
    """(for reading, for sending); the latter empty when it is the same, or is to stay."""
    return without_spaces(form.cleaned_data["password"]), (
        "" if account.smtp_same_login else without_spaces(form.cleaned_data["smtp_password"])
    )


def _with_passwords(account: MailAccount, password: str, smtp_password: str) -> MailAccount:
    account.imap_password = password
    account.smtp_password = smtp_password or account.smtp_password
    return account


def _settings(account: MailAccount, data: dict[str, Any]) -> accounts.Settings:
    """What the form says, with the secrets that are kept where it is silent."""
    same = data["smtp_same_login"]
    kept = data.pop("smtp_password", "") or account.smtp_password
    return accounts.Settings(
        address=account.address,
        sender_name=account.sender_name,
        provider=account.provider,
        sharing=account.sharing,
        imap_password=account.imap_password,
        smtp_password="" if same else kept,
        **data,
    )
