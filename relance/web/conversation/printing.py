"""A conversation, or one message of it, on paper: nothing of the page around it, nothing remote."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.inbox.conversation import MessageView
from relance.mail.accounts import own_addresses
from relance.mail.models import MessageBody
from relance.mime.text_html import text_to_html
from relance.web.conversation import reading
from relance.web.conversation.access import conversation_or_404
from relance.web.conversation.content import cleaned_html, framed
from relance.web.conversation.reading import Asked, Shown
from relance.web.requests import user_of
from relance.web.shell import wording

# The page asks the frame to print itself: that takes `allow-modals`, and still no script runs.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-modals allow-same-origin"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message on paper."""

    shown: Shown
    body: SafeString
    files: list[tuple[str, str]]


@require_safe
def conversation(request: HttpRequest, thread_id: int) -> HttpResponse:
    """All messages, oldest first."""
    return _print(request, thread_id, None)


@require_safe
def message(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """One message."""
    return _print(request, thread_id, copy_id)


def _print(request: HttpRequest, thread_id: int, copy_id: int | None) -> HttpResponse:
    found = conversation_or_404(request, thread_id)
    views = [v for v in found.messages if copy_id is None or v.copy.pk == copy_id]
    if not views:
        raise Http404
    viewer = user_of(request)
    asked = Asked(viewer, own_addresses(viewer.pk))
    made = {
        "title": found.subject or _("(no subject)"),
        "sheets": [_sheet(view, asked) for view in views],
        "printed_for": viewer.name,
    }
    document = render(request, "conversation/print.html", made).content.decode()
    return framed(document, shows_remote=False, policy=_POLICY)


def _sheet(view: MessageView, asked: Asked) -> Sheet:
    shown = reading.present(view, asked, is_open=True)
    body = MessageBody.objects.filter(message=view.message).first()
    if body and (body.html.strip() or not body.text.strip()):
        html = cleaned_html(view.copy, allow_remote=False).html
    else:
        html = text_to_html(body.text if body else "", with_folds=False)
    files = [(a.filename or _("attachment"), wording.filesize(a.size)) for a in view.attachments]
    return Sheet(shown, mark_safe(html), files)  # noqa: S308 (sanitised, or escaped)
