"""Choosing documents for a mail: at most so many, and no more than fits, said while choosing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from relance.lib.text import squeeze
from relance.mail import attachments
from relance.mail.models import Outgoing, OutgoingAttachment
from relance.users.models import Organisation, User
from relance.web.documents import lists
from relance.web.documents.access import folder_asked, library_of
from relance.web.requests import is_fragment, user_of, words

_SHOWN = 100


@require_safe
def pick(request: HttpRequest) -> HttpResponse:
    """The documents one may add to the draft ?draft=, narrowed by ?q= and ?folder=.

    As a fragment a dialog; with ?q= or ?folder= as a fragment its list alone. Its form posts the
    chosen `document` keys to the draft's files.
    """
    user = user_of(request)
    draft = _draft_or_404(user, request.GET.get("draft", ""))
    library = library_of(request)
    folder = folder_asked(library, request.GET.get("folder", ""))
    query = squeeze(words(request))
    found = list(library.found(query, folder)[:_SHOWN])
    organisation = Organisation.current() or Organisation()
    there = OutgoingAttachment.objects.filter(outgoing=draft)
    context = {
        "draft": draft,
        "rows": lists.rows(library, found),
        "chosen": set(there.exclude(document=None).values_list("document_id", flat=True)),
        "query": query,
        "folder": folder,
        "folders": lists.folder_lines(library, folder),
        "most": organisation.library_documents_max,
        "limit": attachments.limit(draft),
        "taken": attachments.total(draft),
        "count": there.filter(origin=OutgoingAttachment.Origin.LIBRARY).count(),
    }
    return render(request, _template(request), context)


def _template(request: HttpRequest) -> str:
    if not is_fragment(request):
        return "documents/pick.html"
    narrowed = "q" in request.GET or "folder" in request.GET
    return "documents/_pick_list.html" if narrowed else "documents/_pick.html"


def _draft_or_404(user: User, text: str) -> Outgoing:
    drafts = Outgoing.objects.filter(author=user, state=Outgoing.State.DRAFT)
    found = drafts.filter(pk=int(text)).first() if text.isascii() and text.isdigit() else None
    if found is None:
        raise Http404
    return found
