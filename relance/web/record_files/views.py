"""Files of records: added, opened, deleted; and attachments taken over from a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, activities, record_files
from relance.crm.models import RecordFile
from relance.files import blobs, names
from relance.files.quota import QuotaReached
from relance.inbox import record_files as taking
from relance.inbox.visibility import copy_for
from relance.mail.models import Attachment, MessageCopy
from relance.users.models import User
from relance.web.components.about import asked, subject_or_404
from relance.web.documents import wording
from relance.web.record_files.forms import PlaceForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.wording import filesize

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

LARGEST = 100_000_000
_SHOWN = 8
_POLICY = "default-src 'none'; sandbox"


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The files of a record, the latest first; ?all=1 for every one."""
    return _card(request, entity, key)


@require_POST
def upload(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """Several files at once; each that does not fit says why, the others are kept."""
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    problems, added = [], 0
    for file in request.FILES.getlist("file"):
        place = RecordFile(**{subject.field: subject.record})
        if problem := _add(user, file, place):
            problems.append(_("%(name)s: %(problem)s") % {"name": file.name, "problem": problem})
        else:
            added += 1
    if not added and not problems:
        problems = [_("Choose at least one file.")]
    words = ngettext("%(n)s file was added", "%(n)s files were added", added) % {"n": added}
    if not is_fragment(request):
        toasts.leave(request, " ".join([words, *problems] if added else problems))
        return redirect(subject.record.get_absolute_url())  # type: ignore[attr-defined]
    answer = _card(request, entity, key, problems)
    return toasts.attach(answer, words) if added else answer


@require_safe
def download(request: HttpRequest, file_id: int) -> HttpResponse:
    """A file to keep. Whatever was put in, a browser only ever saves it."""
    file = get_object_or_404(access.record_files_for(user_of(request)), pk=file_id)
    try:
        data = blobs.get(file.blob_id)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(data, content_type=names.OCTETS)
    response["Content-Disposition"] = names.disposition(file.name)
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Length"] = str(len(data))
    return response


@require_POST
def delete(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take it off its records, with a way back."""
    user = user_of(request)
    file = get_object_or_404(access.record_files_for(user), pk=file_id)
    entry = activities.delete(user, file)
    text = _("%(name)s was deleted") % {"name": file.name}
    if is_fragment(request):
        events = {"record-saved": {"kind": "file", "id": file.pk}}
        return toasts.attach(HttpResponse(status=204), text, undo=entry.pk, **events)
    toasts.leave(request, text, undo=entry.pk)
    return redirect(_page_of(file))


def take(request: HttpRequest, copy_id: int, attachment_id: int) -> HttpResponse:
    """Add an attachment of a mail to the files of a record: whose, is asked."""
    user = user_of(request)
    copy, attachment = _attachment_or_404(user, copy_id, attachment_id)
    form = PlaceForm(posted(request), viewer=user, asked=asked(request) or _sender(user, copy))
    context = {"form": form, "attachment": attachment, "action": request.path}
    if request.method == "POST" and form.is_valid():
        try:
            again = request.POST.get("again") == "1"
            file = taking.take(user, copy, attachment, form.filled(), again=again)
        except taking.AlreadyThere as already:
            context["there"] = already.file
        except taking.Unreadable:
            form.add_error(None, _("The mail is not here whole. Load it first."))
        except QuotaReached as reached:
            form.add_error(None, wording.full(reached))
        else:
            return _taken(request, file)
    template = "record_files/_dialog.html" if is_fragment(request) else "record_files/form.html"
    return render(request, template, context)


def _taken(request: HttpRequest, file: RecordFile) -> HttpResponse:
    text = _("%(name)s was added to the files of %(record)s") % {
        "name": file.name,
        "record": file.person or file.deal or file.company or file.case,
    }
    if is_fragment(request):
        events: dict[str, Any] = {"record-saved": {"kind": "file", "id": file.pk}}
        return toasts.attach(HttpResponse(status=204), text, **events)
    toasts.leave(request, text)
    return redirect(_page_of(file))


def _sender(user: User, copy: MessageCopy) -> dict[str, str]:
    """Whoever wrote the mail, as `about.asked` says it; nobody when the CRM does not know."""
    address = copy.message.from_address_id if copy.message else None
    person = access.people_for(user).filter(addresses=address).order_by("kind", "pk").first()
    return {"person": str(person.pk)} if address and person else {}


def _attachment_or_404(user: User, copy_id: int, key: int) -> tuple[MessageCopy, Attachment]:
    try:
        copy = copy_for(user, copy_id)
    except MessageCopy.DoesNotExist:
        raise Http404 from None
    return copy, get_object_or_404(Attachment, pk=key, message=copy.message_id)


def _add(user: User, file: UploadedFile[bytes], place: RecordFile) -> str:
    """Adds it; returns what is wrong, "" when nothing is."""
    if not file.size:
        return _("The file is empty.")
    if file.size > LARGEST:
        return _("%(size)s is more than a document may take, %(limit)s.") % {
            "size": filesize(file.size),
            "limit": filesize(LARGEST),
        }
    try:
        record_files.add(user, file.read(), file.name or "", place)
    except QuotaReached as reached:
        return wording.full(reached)
    return ""


def _card(
    request: HttpRequest, entity: str, key: int, problems: list[str] | None = None
) -> HttpResponse:
    user = user_of(request)
    subject = subject_or_404(user, entity, key)
    rows = activities.about(access.record_files_for(user), subject)
    rows = rows.select_related("added_by", "blob").order_by("-created_at", "-pk")
    count = rows.count()
    shown = list(rows if request.GET.get("all") else rows[:_SHOWN])
    context = {
        "subject": subject,
        "files": [(file, names.kind_of(file.name)) for file in shown],
        "count": count,
        "more": count > len(shown),
        "problems": problems or [],
    }
    return render(request, "record_files/_related.html", context)


def _page_of(file: RecordFile) -> str:
    record = file.person or file.deal or file.company
    return record.get_absolute_url() if record else "/"
