"""The pages of an import. A run is its maker's alone."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from relance import journal
from relance.crm import importing, importing_fields, importing_files, importing_undo, jobs, modules
from relance.crm.importing_files import Unreadable
from relance.crm.models import ImportRun
from relance.files.quota import QuotaReached
from relance.web.imports import wording
from relance.web.imports.presenting import context_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_SHOWN_RUNS = 10
_LONGEST_NAME = 60


def create(request: HttpRequest) -> HttpResponse:
    """Choose a file; what its columns are is guessed, and it is tried at once."""
    module = request.POST.get("module") or request.GET.get("module", "contacts")
    if module not in importing_fields.MODULES:
        raise Http404
    problem = ""
    if request.method == "POST":
        run, problem = _run_of(request, module)
        if run is not None:
            return redirect("imports:show", run.pk)
    runs = importing.runs_of(user_of(request)).exclude(state=ImportRun.State.DRAFT)[:_SHOWN_RUNS]
    context = {
        "module": modules.get(module),
        "title": wording.TITLES[module],
        "choices": [modules.get(key) for key in importing_fields.MODULES],
        "problem": problem,
        "runs": [(run, modules.get(run.entity), wording.STATES[run.state]) for run in runs],
        "step": 1,
    }
    return fragment(request, "imports/create.html", context, status=422 if problem else 200)


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The run as it stands: how it is read, how far it is, or what came of it."""
    return _page(request, _own(request, pk))


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, asked again each second while something is under way."""
    run = _own(request, pk)
    return fragment(request, "imports/_main.html", context_of(run))


@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it otherwise, and try it again."""
    run = _own(request, pk)
    if not _changed(request, run):
        return redirect("imports:show", run.pk)
    if not importing.check_soon(run):
        jobs.work_on_import_later(run.pk)
    return _page(request, run) if is_fragment(request) else redirect("imports:show", run.pk)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin, unless the form asks for another way than the one that was tried."""
    run = _own(request, pk)
    if _changed(request, run) and importing.is_checked(run):
        importing.start(run)
        jobs.work_on_import_later(run.pk)
    elif run.state == ImportRun.State.DRAFT and not importing.check_soon(run):
        jobs.work_on_import_later(run.pk)
    return redirect("imports:show", run.pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the file away; nothing was written yet."""
    run = _own(request, pk)
    unwritten = [ImportRun.State.DRAFT, ImportRun.State.CHECKING]
    if not importing.runs_of(run.user).filter(pk=pk, state__in=unwritten).delete()[0]:
        return redirect("imports:show", pk)
    return redirect(modules.get(run.entity).address)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the whole import, in the background."""
    run = _own(request, pk)
    entry = importing_undo.entry_of(run)
    try:
        if entry is not None:
            journal.undo(entry.pk, run.user)
    except journal.CannotUndo:
        toasts.leave(request, _("This import cannot be undone any more"))
    return redirect("imports:show", pk)


def _own(request: HttpRequest, pk: int) -> ImportRun:
    run = importing.runs_of(user_of(request)).select_related("user", "blob").filter(pk=pk).first()
    if run is None:
        raise Http404
    assert isinstance(run, ImportRun)
    return run


def _page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    template = "imports/_main.html" if is_fragment(request) else "imports/show.html"
    return fragment(request, template, context_of(run))


def _run_of(request: HttpRequest, module: str) -> tuple[ImportRun | None, str]:
    """The run of the file that was sent, or why there is none."""
    file = request.FILES.get("file")
    if file is None:
        return None, _("Choose a file.")
    try:
        if (file.size or 0) > importing_files.LARGEST:
            raise Unreadable("too_large")
        run = importing.create(user_of(request), module, file.name or "", file.read())
    except Unreadable as problem:
        return None, str(wording.UNREADABLE[problem.code])
    except QuotaReached:
        return None, _("The storage is full. An administrator can give more room.")
    if not importing.check_soon(run):
        jobs.work_on_import_later(run.pk)
    return run, ""


def _changed(request: HttpRequest, run: ImportRun) -> bool:
    """Take over what the form says; False when the import began meanwhile."""
    known = importing_fields.targets(run.entity)
    sent = request.POST
    columns: list[str] = []
    while (name := sent.get(f"column-{len(columns)}")) is not None:
        columns.append(name if name in known else "")
    mapping: dict[str, Any] = {**run.mapping, "columns": columns or run.mapping.get("columns", [])}
    for key, words in (("order", wording.ORDERS), ("decimal", wording.DECIMALS)):
        if sent.get(key, "") in words:
            mapping[key] = sent[key]
    chosen: dict[str, Any] = {"mend": sent.get("mend") == "1"}
    for key, words in (("match", wording.MATCH), ("on_match", wording.ON_MATCH)):
        if sent.get(key, "") in words:
            chosen[key] = sent[key]
    try:
        importing.change(run, mapping, chosen)
    except importing.NotReady:
        return False
    return True
