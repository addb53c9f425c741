"""Notes on records: written, changed by their author, deleted with a way back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, activities, notes
from relance.crm.models import Note
from relance.users.models import User
from relance.web.components.about import asked, from_mail, subject_or_404
from relance.web.notes.forms import NoteForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts

_SHOWN = 5


def create(request: HttpRequest) -> HttpResponse:
    """A new note about what the address names; a dialog as a fragment."""
    user = user_of(request)
    form = NoteForm(posted(request), viewer=user, asked=asked(request))
    if request.method == "POST" and form.is_valid():
        note = notes.create(user, form.filled())
        return _done(request, note, _("The note was added"))
    return _form(request, form)


def edit(request: HttpRequest, note_id: int) -> HttpResponse:
    """Change a note of one's own; those of others are none of one's forms."""
    user = user_of(request)
    note = _mine(user, note_id)
    form = NoteForm(posted(request), viewer=user, instance=note)
    if request.method == "POST" and form.is_valid():
        note = notes.edit(user, form.filled(), form.cleaned_data["text"])
        return _done(request, note, _("The note was saved"))
    return _form(request, form)


@require_POST
def delete(request: HttpRequest, note_id: int) -> HttpResponse:
    """Delete a note of one's own, with a way back."""
    user = user_of(request)
    note = _mine(user, note_id)
    entry = notes.delete(user, note)
    return _done(request, note, _("The note was deleted"), undo=entry.pk)


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The notes of a record, the latest first; ?all=1 for every one."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    rows = activities.about(access.notes_for(user), subject).select_related("author")
    rows = rows.order_by("-created_at", "-pk")
    count = rows.count()
    shown = rows if request.GET.get("all") else rows[:_SHOWN]
    context = {
        "from_mail": from_mail(request),
        "subject": subject,
        "notes": list(shown),
        "count": count,
        "viewer": user,
    }
    return render(request, "notes/_related.html", {**context, "more": count > len(shown)})


def _mine(user: User, note_id: int) -> Note:
    found = access.notes_for(user).select_related("person", "company", "deal", "case")
    note = get_object_or_404(found, pk=note_id)
    if not notes.may_change(user, note):
        raise Http404
    return note


def _form(request: HttpRequest, form: NoteForm) -> HttpResponse:
    template = "notes/_dialog.html" if is_fragment(request) else "notes/form.html"
    note: Note = form.instance
    context = {"form": form, "note": note, "action": request.path, "back": _place(note)}
    return render(request, template, context)


def _done(request: HttpRequest, note: Note, text: str, *, undo: int | None = None) -> HttpResponse:
    if is_fragment(request):
        events = {"record-saved": {"kind": "note", "id": note.pk}}
        return toasts.attach(HttpResponse(status=204), text, undo=undo, **events)
    toasts.leave(request, text, undo=undo)
    return redirect(_place(note))


def _place(note: Note) -> str:
    """The page of a record it stands on."""
    for record in (note.person, note.deal, note.company):
        if record is not None:
            return record.get_absolute_url()
    return note.case.get_absolute_url() if note.case else "/"
