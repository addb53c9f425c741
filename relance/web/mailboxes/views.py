"""One's mailboxes: the list, each one's state, and what can be done about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.inbox.visibility import visible_accounts
from relance.mail import accounts, connection, providers
from relance.mail.models import Folder, MailAccount
from relance.web.mailboxes import wording
from relance.web.mailboxes.forms import PasswordForm, ServersForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts

_both = require_http_methods(["GET", "POST"])
_State = MailAccount.State


@require_GET
def mailboxes(request: HttpRequest) -> HttpResponse:
    found = [_shown(a) for a in visible_accounts(user_of(request))]
    return render(request, "mailboxes/list.html", {"mailboxes": found})


@require_GET
def mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    account = _mine(request, pk)
    context = _shown(account) | {
        "form": PasswordForm(),
        "provider": providers.by_id(account.provider),
        "folders": account.folders.filter(is_monitored=True).order_by("pk"),
    }
    page = "mailboxes/_state.html" if is_fragment(request) else "mailboxes/show.html"
    return render(request, page, context)


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the first import is; a fragment when the page asks again."""
    account = _mine(request, pk)
    page = "mailboxes/_progress.html" if is_fragment(request) else "mailboxes/setup_sync.html"
    context = _shown(account) | _import_of(account) | {"step": "sync", "number": 6}
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
    troubles: list[dict[str, Any]] = []
    if form.is_valid():
        trial = _with_passwords(account, form)
        troubles = _worded(connection.try_servers(trial))
        if not troubles:
            new = form.cleaned_data
            accounts.change_password(
                _mine(request, pk), new["password"], smtp_password=new["smtp_password"]
            )
            toasts.leave(request, _("Password changed"))
            return redirect("mailboxes:show", pk)
    context = _shown(_mine(request, pk)) | {
        "form": form,
        "troubles": troubles,
        "provider": providers.by_id(account.provider),
        "folders": account.folders.filter(is_monitored=True).order_by("pk"),
    }
    return render(request, "mailboxes/show.html", context, status=422)


@_both
def servers(request: HttpRequest, pk: int) -> HttpResponse:
    """Other servers for the same mailbox, tried before they are kept."""
    account = _mine(request, pk)
    initial = {n: getattr(account, n) for n in ServersForm.base_fields if n != "smtp_password"}
    form = ServersForm(posted(request), initial=initial)
    troubles: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        settings = _settings(account, form.cleaned_data)
        troubles = {
            t["side"]: t for t in _worded(connection.try_servers(_trial(account, settings)))
        }
        if not troubles:
            accounts.change_servers(_mine(request, pk), settings)
            toasts.leave(request, _("Servers changed"))
            return redirect("mailboxes:show", pk)
    status = 422 if form.errors or troubles else 200
    context = {"account": account, "form": form, "troubles": troubles}
    return render(request, "mailboxes/servers.html", context, status=status)


@_both
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what disconnecting means cannot be read off the word."""
    account = _mine(request, pk)
    if request.method == "POST":
        accounts.disconnect(account)
        toasts.leave(request, _("Mailbox disconnected"))
        return redirect("mailboxes:list")
    return render(request, "mailboxes/disconnect.html", _shown(account))


def _mine(request: HttpRequest, pk: int) -> MailAccount:
    account = visible_accounts(user_of(request)).filter(pk=pk).first()
    if account is None:
        raise Http404
    return account


def _shown(account: MailAccount) -> dict[str, Any]:
    """A mailbox as its pages show it."""
    trouble = wording.trouble(account.error_code) if account.error_code else ""
    return {
        "account": account,
        "state": wording.STATES[account.state],
        "trouble": trouble,
        "next_try": account.next_try_at if account.state == _State.DEGRADED else None,
    }


def _import_of(account: MailAccount) -> dict[str, Any]:
    """Counts, and the time left as the pace so far makes it likely."""
    done, total = account.import_done, max(account.import_total, account.import_done)
    left: timedelta | None = None
    if account.import_started_at and 0 < done < total:
        spent = timezone.now() - account.import_started_at
        if spent > timedelta(seconds=3):
            left = spent / done * (total - done)
    minutes = None if left is None else max(1, round(left.total_seconds() / 60))
    return {
        "done": done,
        "total": total,
        "message_total": total,
        "percent": 100 * done // total if total else 0,
        "minutes_left": minutes,
        "is_finished": account.imported_at is not None,
        "folder_count": account.folders.filter(is_monitored=True).count(),
        "inbox_count": _inbox_count(account),
    }


def _inbox_count(account: MailAccount) -> int:
    inbox = accounts.folder_for(account, Folder.Use.INBOX)
    return inbox.total_count if inbox else 0


def _worded(troubles: list[connection.Trouble]) -> list[dict[str, Any]]:
    return [
        {"side": t.side, "text": wording.trouble(t.code), "answer": t.answer, "code": t.code}
        for t in troubles
    ]


def _with_passwords(account: MailAccount, form: PasswordForm) -> MailAccount:
    account.imap_password = form.cleaned_data["password"]
    if form.cleaned_data["smtp_password"] and not account.smtp_same_login:
        account.smtp_password = form.cleaned_data["smtp_password"]
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


def _trial(account: MailAccount, settings: accounts.Settings) -> MailAccount:
    trial = MailAccount(owner=account.owner, address=account.address)
    for name in accounts.Settings.__slots__:
        if name != "excluded_domains":
            setattr(trial, name, getattr(settings, name))
    return trial
