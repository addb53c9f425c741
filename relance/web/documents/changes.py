"""Documents added, renamed, moved, replaced and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from relance.files import filing
from relance.files.library import Library, Refused
from relance.files.models import DocumentFolder
from relance.files.quota import QuotaReached
from relance.web.documents import wording
from relance.web.documents.access import document_or_404, folder_asked, library_of
from relance.web.documents.answers import done, form_page, list_url
from relance.web.documents.forms import DocumentForm, VersionForm
from relance.web.documents.views import page_context
from relance.web.shell import toasts
from relance.web.shell.wording import filesize

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    File = UploadedFile[bytes]

LARGEST = 100_000_000


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Several files at once; each that does not fit says why, the others are kept."""
    library = library_of(request)
    folder = folder_asked(library, request.POST.get("folder", ""))
    problems: list[str] = []
    added = 0
    for file in request.FILES.getlist("file"):
        if problem := _add(library, file, folder):
            problems.append(_("%(name)s: %(problem)s") % {"name": file.name, "problem": problem})
        else:
            added += 1
    if not problems and not added:
        problems = [_("Choose at least one file.")]
    if problems:
        context = page_context(request, library, problems=problems)
        return render(request, "documents/list.html", context, status=422)
    words = ngettext("%(n)s document was added", "%(n)s documents were added", added)
    toasts.leave(request, words % {"n": added})
    return redirect(list_url(folder))


def _add(library: Library, file: File, folder: DocumentFolder | None) -> str:
    """Adds it; returns what is wrong, "" when nothing is."""
    if problem := too_large(file):
        return problem
    try:
        filing.add(library, file.read(), file.name or "", folder=folder)
    except Refused as refused:
        return wording.refusal(refused)
    except QuotaReached as reached:
        return wording.full(reached)
    return ""


def too_large(file: File) -> str:
    """What is wrong with its size, "" when nothing is."""
    if not file.size:
        return _("The file is empty.")
    if file.size > LARGEST:
        return _("%(size)s is more than a document may take, %(limit)s.") % {
            "size": filesize(file.size),
            "limit": filesize(LARGEST),
        }
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, document_id: int) -> HttpResponse:
    """Rename a document, or move it."""
    library = library_of(request)
    document = document_or_404(library, document_id)
    initial = {"name": document.name, "folder": document.folder_id or ""}
    form = DocumentForm(request.POST or None, library=library, document=document, initial=initial)
    if request.method == "POST" and form.is_valid():
        target = folder_asked(library, form.cleaned_data["folder"])
        try:
            if form.cleaned_data["name"] != document.name:
                filing.rename(library, document, form.cleaned_data["name"])
            if (target.pk if target else None) != document.folder_id:
                filing.move(library, document, target)
        except Refused as refused:
            form.add_error("name" if "name" in refused.code else None, wording.refusal(refused))
        else:
            return done(request, target, _("%(name)s was saved") % {"name": document.name})
    context = {"form": form, "document": document, "body": "documents/_edit.html"}
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, document_id: int) -> HttpResponse:
    """Put a new version in a document's place."""
    library = library_of(request)
    document = document_or_404(library, document_id)
    form = VersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if problem := too_large(file):
                form.add_error("file", problem)
            else:
                filing.replace(library, document, file.read(), file.name)
                words = _("%(name)s is now version %(n)s")
                values = {"name": document.name, "n": document.version}
                return done(request, document.folder, words % values)
        except Refused as refused:
            form.add_error(None, wording.refusal(refused))
        except QuotaReached as reached:
            form.add_error("file", wording.full(reached))
    context = {"form": form, "document": document, "body": "documents/_replace.html"}
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, document_id: int) -> HttpResponse:
    """Remove a document, after asking: it does not come back."""
    library = library_of(request)
    document = document_or_404(library, document_id)
    folder, name, problem = document.folder, document.name, ""
    if request.method == "POST":
        try:
            filing.delete(library, document)
        except Refused as refused:
            problem = wording.refusal(refused)
        else:
            return done(request, folder, _("%(name)s was deleted") % {"name": name})
    context = {"document": document, "problem": problem, "body": "documents/_delete.html"}
    return form_page(request, context)
