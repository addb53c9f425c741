"""The absence of one's mailboxes."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.inbox import columns, vacation
from relance.inbox.models import VacationResponse
from relance.lib import clock
from relance.mail.models import MailAccount
from relance.users.models import User
from relance.web.requests import posted, user_of
from relance.web.shell import toasts
from relance.web.shell.context import away_until
from relance.web.shell.wording import language, number
from relance.web.vacation.forms import VacationForm


@dataclass(frozen=True, slots=True)
class State:
    """Where the absence stands, in words."""

    words: str
    css: str = ""
    icon: str = "scheduled"


@dataclass(frozen=True, slots=True)
class Example:
    """What one kind of correspondent would be written."""

    title: str
    answer: vacation.Answer


def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show, preview and save the absence of a mailbox, the default one unless it is named."""
    user = user_of(request)
    accounts = columns.accounts_of(user)
    account = _chosen(accounts, pk)
    if account is None:
        return render(request, "vacation/none.html")
    response = vacation.response_of(account) or VacationResponse(account=account)
    response.time_zone = user.time_zone
    form = VacationForm(posted(request), instance=response)
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        _save(request, form, user)
        return redirect("vacation:mailbox", account.pk)
    is_preview = form.is_bound and form.is_valid()
    context = {
        "form": form,
        "account": account,
        "accounts": accounts,
        "state": _state(_saved(account)),
        "examples": _examples(user, form.response()) if is_preview else [],
        **_meanwhile(user, _saved(account)),
    }
    return render(request, "vacation/edit.html", context)


def _chosen(accounts: list[MailAccount], pk: int | None) -> MailAccount | None:
    """Raises Http404 for a mailbox that is not the user's."""
    if pk is None:
        return accounts[0] if accounts else None
    found = next((a for a in accounts if a.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _saved(account: MailAccount) -> VacationResponse | None:
    """As stored: a form that was refused has already written on its instance."""
    return vacation.response_of(account)


def _save(request: HttpRequest, form: VacationForm, user: User) -> None:
    response = form.response()
    response.time_zone = user.time_zone
    response.updated_at = clock.now()
    response.save()
    toasts.leave(request, _("Absence saved"))


def _state(response: VacationResponse | None) -> State | None:
    if response is None:
        return None
    now = clock.now()
    if not response.is_on:
        return State(_("Switched off"), icon="pause")
    if now >= response.ends_at:
        return State(_("Over"), icon="check")
    if response.is_active_at(now):
        return State(away_until(response.ends_on), "state--time")
    days = (response.starts_on - timezone.localdate()).days
    text = ngettext("Starts in %(n)s day", "Starts in %(n)s days", days) % {"n": number(days)}
    return State(text, "state--time")


def _examples(user: User, response: VacationResponse) -> list[Example]:
    subject, known = _("Your quote"), vacation.example_of(user)
    everyone = response.audience != VacationResponse.Audience.PEOPLE
    kinds = [(vacation.PEOPLE, _("To a contact: %(address)s") % {"address": known or "–"})]
    kinds += [(vacation.OTHERS, _("To an unknown sender"))] if everyone else []
    return [
        Example(
            title,
            vacation.written(
                response, audience=kind, language=language(), subject=subject, address=known
            ),
        )
        for kind, title in kinds
    ]


def _meanwhile(user: User, response: VacationResponse | None) -> dict[str, int]:
    if response is None or not response.is_on:
        return {}
    return {
        "answered": vacation.answered_count(response),
        "scheduled": vacation.scheduled_within(user, response),
    }
