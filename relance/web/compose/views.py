"""A draft: begun, shown, saved, thrown away."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.inbox import writing
from relance.mail import drafts
from relance.mail.drafts import Conflict, NotADraft
from relance.mail.models import Outgoing
from relance.mime.sanitise import FRAME_POLICY, document_for_frame, sanitise
from relance.web.compose import content, presenting, starting
from relance.web.compose.access import draft_or_404, wants_json
from relance.web.compose.presenting import composer_of
from relance.web.compose.previewing import preview_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a mail: POST writes the draft; a plain link only offers to."""
    if request.method != "POST":
        given = starting.given(request.GET)
        shown = {"given": list(given.items()), "to": given.get("to", "")}
        return page(request, "compose/start.html", shown)
    try:
        draft = starting.begin(user_of(request), starting.given(request.POST))
    except drafts.NoSender:
        return _no_mailbox(request)
    if is_fragment(request):
        c = composer_of(request, draft, "dialog")
        return fragment(request, "compose/_dialog.html", {"c": c})
    return redirect("compose:show", draft.pk)


def _no_mailbox(request: HttpRequest) -> HttpResponse:
    text = _("Connect a mailbox first: it is what mail leaves through.")
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text)
    toasts.leave(request, text)
    return redirect("mailboxes:list")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The composer on its own page, or as the piece that ?as= asks for. A POST saves first: the
    buttons of the preview without the script."""
    draft = draft_or_404(request, draft_id)
    if request.method == "POST":
        draft = keep(request, draft)
        return redirect(f"{request.path}?n={request.POST.get('n', '1')}")
    c = composer_of(request, draft, "dialog" if is_fragment(request) else "page")
    if is_fragment(request) and c.shape != "page":
        name = "compose/_form.html" if c.shape == "reply" else "compose/_dialog.html"
        return fragment(request, name, {"c": c})
    c.shape = "page"
    return page(request, "compose/page.html", {"c": c, "preview": preview_of(request, draft)})


@require_POST
def save(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Keep what was written; what somebody else saved meanwhile is never overwritten."""
    try:
        draft = keep(request, draft_or_404(request, draft_id))
    except Conflict as conflict:
        return conflicting(request, conflict.current)
    except (Http404, NotADraft):
        return gone(request)
    if wants_json(request):
        return JsonResponse(presenting.saved_json(draft))
    toasts.leave(request, presenting.saved(draft))
    return redirect("compose:show", draft.pk)


def keep(request: HttpRequest, draft: Outgoing) -> Outgoing:
    """Save what the form brought over the version it names. Raises `Conflict`, `NotADraft`."""
    given = content.posted(request.POST, draft)
    version = request.POST.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() else 0
    try:
        drafts.save(draft.pk, user_of(request), given, version=number)
    except Conflict as conflict:
        if not content.is_kept(given, conflict.current):
            raise
    return draft_or_404(request, draft.pk)


def conflicting(request: HttpRequest, current: Outgoing) -> HttpResponse:
    """409: another tab or device was quicker."""
    words = _("This draft was changed elsewhere.")
    if wants_json(request) or is_fragment(request):
        shown = {"conflict": True, "words": words, "current": presenting.current_json(current)}
        return JsonResponse(shown, status=409)
    toasts.leave(request, words)
    return redirect("compose:show", current.pk)


def gone(request: HttpRequest) -> HttpResponse:
    """410: sent or thrown away meanwhile, or never there."""
    words = _("This draft is no longer there: it was sent or deleted.")
    if wants_json(request) or is_fragment(request):
        return JsonResponse({"gone": True, "words": words}, status=410)
    raise Http404


@require_POST
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Throw the draft away; with `empty` only when nothing was written."""
    draft = draft_or_404(request, draft_id)
    if not request.POST.get("empty") or writing.is_untouched(draft):
        drafts.discard(draft)
    if is_fragment(request):
        return HttpResponse(status=204)
    toasts.leave(request, _("Draft deleted"))
    return redirect(composer_of(request, draft).back)


@require_safe
def quote(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The quoted message, alone in a document that can run nothing and load nothing."""
    draft = draft_or_404(request, draft_id)
    cleaned = sanitise(draft.quote_html, cid_url=content.addresses(draft), allow_remote=False)
    document = document_for_frame(
        cleaned, theme=user_of(request).theme, quote_label=_("Show the quoted text")
    )
    response = HttpResponse(document)
    response["Content-Security-Policy"] = FRAME_POLICY.format(images="'self' data:")
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
