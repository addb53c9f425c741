"""Folders made, changed and removed."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.files import filing
from relance.files.library import Library, Refused
from relance.files.models import DocumentFolder
from relance.web.documents import wording
from relance.web.documents.access import folder_asked, folder_or_404, library_of
from relance.web.documents.answers import done, form_page
from relance.web.documents.forms import FolderForm


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new folder, in that of ?in= at first."""
    library = library_of(request)
    above = folder_asked(library, request.GET.get("in", ""))
    access = library.access_of(above) if above else DocumentFolder.Access.PRIVATE
    initial = {"parent": above.pk if above else "", "access": access}
    form = FolderForm(request.POST or None, library=library, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        parent = folder_asked(library, values["parent"])
        try:
            folder = filing.create_folder(
                library, values["name"], parent=parent, access=values["access"]
            )
        except Refused as refused:
            _refuse(form, refused)
        else:
            return done(request, folder, _("%(name)s was added") % {"name": folder.name})
    return form_page(request, {"form": form, "body": "documents/_folder.html"})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Rename a folder, move it, open or close it."""
    library = library_of(request)
    folder = folder_or_404(library, folder_id)
    initial = {"name": folder.name, "parent": folder.parent_id or "", "access": folder.access}
    form = FolderForm(request.POST or None, library=library, folder=folder, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _change(library, folder, form)
        except Refused as refused:
            _refuse(form, refused)
        else:
            return done(request, folder, _("%(name)s was saved") % {"name": folder.name})
    return form_page(request, {"form": form, "folder": folder, "body": "documents/_folder.html"})


@transaction.atomic
def _change(library: Library, folder: DocumentFolder, form: FolderForm) -> None:
    """All of it or nothing. It is narrowed before it moves, and widened after."""
    values = form.cleaned_data
    parent = folder_asked(library, values["parent"])
    filing.rename_folder(library, folder, values["name"])
    if filing.is_wider(values["access"], folder.access):
        filing.move_folder(library, folder, parent)
        filing.share_folder(library, folder, values["access"])
    else:
        filing.share_folder(library, folder, values["access"])
        filing.move_folder(library, folder, parent)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Remove a folder, and what it holds, after saying what that is."""
    library = library_of(request)
    folder = folder_or_404(library, folder_id)
    parent, problem = library.parent(folder), ""
    if request.method == "POST":
        try:
            filing.delete_folder(library, folder, with_contents="contents" in request.POST)
        except Refused as refused:
            problem = wording.refusal(refused)
        else:
            return done(request, parent, _("%(name)s was deleted") % {"name": folder.name})
    held = filing.contents(library, folder)
    context = {"folder": folder, "held": held, "problem": problem}
    return form_page(request, {**context, "body": "documents/_delete_folder.html"})


def _refuse(form: FolderForm, refused: Refused) -> None:
    fields = {"too_wide": "access", "holds_others": "access", "into_itself": "parent"}
    field = fields.get(refused.code, "name" if "name" in refused.code else None)
    form.add_error(field, wording.refusal(refused))
