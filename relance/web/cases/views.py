"""Cases: listed, shown, made, changed, settled."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, cases
from relance.crm.activities import Subject
from relance.crm.models import Case
from relance.inbox import links, record_files
from relance.inbox.record_files import Taken
from relance.inbox.visibility import visible_copies
from relance.users.models import User
from relance.web.cases.forms import CaseForm
from relance.web.components.about import asked, subject_or_404
from relance.web.components.saving import saved
from relance.web.records.listing import page
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts

_LONGEST_NAME = 255
_SHOWN = 8
_NEAR = 5


@require_safe
def list_cases(request: HttpRequest) -> HttpResponse:
    """Every case one may read, the open ones first."""
    return page(request, "cases")


@require_safe
def show(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case, with its mails and what is to be done."""
    user = user_of(request)
    case = _readable(user, case_id)
    context = {"case": case, "near": _near(user, case), "origin": _origin(user, case)}
    return render(request, "cases/show.html", context)


def _near(user: User, case: Case) -> list[Case]:
    """The other cases of its account, else of its contact: those not settled first."""
    if case.company is not None:
        subject = Subject("company", case.company)
    elif case.person is not None:
        subject = Subject("person", case.person)
    else:
        return []
    others = cases.of(access.cases_for(user), subject).exclude(pk=case.pk)
    return list(others.select_related("owner")[:_NEAR])


def _origin(user: User, case: Case) -> int | None:
    """The conversation it was opened from, if the user sees that mail."""
    if not case.mail_key:
        return None
    copies = visible_copies(user).filter(message=case.mail_key, thread__isnull=False)
    return copies.values_list("thread_id", flat=True).first()


def create(request: HttpRequest) -> HttpResponse:
    """A new case about what the address names; made from a mail, its conversation is linked."""
    user = user_of(request)
    initial = {"name": request.GET.get("name", "")[:_LONGEST_NAME]}
    form = CaseForm(posted(request), viewer=user, asked=asked(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        case = cases.create(user, form.filled())
        text = _("Case added: %(name)s") % {"name": str(case)}
        if case.mail_key:
            links.link_case(user, case.mail_key, case)
            text += _files(record_files.take_all(user, case.mail_key, case))
        return saved(request, case, text)
    return _form(request, form)


def _files(taken: Taken) -> str:
    """What became of the attachments of the mail a case was made of."""
    said = ""
    if taken.count:
        words = ngettext("with %(n)s file of the mail", "with %(n)s files of the mail", taken.count)
        said += ", " + words % {"n": taken.count}
    if taken.left:
        words = ngettext("%(n)s could not be copied", "%(n)s could not be copied", taken.left)
        said += ", " + words % {"n": taken.left}
    return said


def edit(request: HttpRequest, case_id: int) -> HttpResponse:
    """Change a case."""
    user = user_of(request)
    form = CaseForm(posted(request), viewer=user, instance=_readable(user, case_id))
    if request.method == "POST" and form.is_valid():
        case = cases.edit(form.filled(), actor=user)
        return saved(request, case, _("%(name)s was saved") % {"name": str(case)})
    return _form(request, form)


@require_POST
def set_status(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say how it stands, with a way back."""
    user = user_of(request)
    case, status = _readable(user, case_id), request.POST.get("status", "")
    if status not in Case.Status.values:
        raise Http404
    entry = cases.set_status(user, case, status)
    words = f"{case}: {case.get_status_display()}"
    toasts.leave(request, words, undo=entry.pk)
    return redirect(case)


@require_POST
def delete(request: HttpRequest, case_id: int) -> HttpResponse:
    """Delete, with a way back."""
    user = user_of(request)
    case = _readable(user, case_id)
    entry = cases.delete(user, case)
    toasts.leave(request, _("%(name)s was deleted") % {"name": str(case)}, undo=entry.pk)
    return redirect("cases:list")


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The cases of a record: the open ones, then those settled last."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    if subject.field == "case":
        raise Http404
    found = cases.of(access.cases_for(user), subject)
    context = {
        "subject": subject,
        "cases": found.select_related("owner")[:_SHOWN],
        "count": found.filter(status__in=cases.OPEN).count(),
    }
    return render(request, "cases/_related.html", context)


def _readable(user: User, case_id: int) -> Case:
    found = access.cases_for(user).select_related(
        "owner", "person", "company", "deal", "deal__stage", "created_by"
    )
    return get_object_or_404(found, pk=case_id)


def _form(request: HttpRequest, form: CaseForm) -> HttpResponse:
    case: Case = form.instance
    template = "cases/_dialog.html" if is_fragment(request) else "cases/form.html"
    context: dict[str, Any] = {"form": form, "case": case, "record": case}
    return render(request, template, {**context, "action": request.path})
