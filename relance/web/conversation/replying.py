"""Answering: a plain-text reply, prefilled, queued, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.inbox.conversation import Conversation, MessageView
from relance.mail import jobs, outbox
from relance.mail.accounts import own_addresses
from relance.mail.models import MailAccount, MessageBody, Outgoing
from relance.mime import compose
from relance.mime.message import Address
from relance.web.conversation.access import conversation_or_404
from relance.web.conversation.sending import Sent, sent
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts, wording
from relance.web.shell.pages import fragment

MOST_TEXT = 500_000  # characters


@dataclass(slots=True)
class Reply:
    """The reply box: to whom, to whom besides when all are answered, the quote, the typed text."""

    copy_id: int
    to: list[Address]
    others: list[Address]
    quote: str
    text: str = ""
    to_all: bool = False
    quoted: bool = True
    waits: bool = False  # the mailbox must be connected again before anything leaves
    errors: list[str] = field(default_factory=list)


def prepared(request: HttpRequest, found: Conversation) -> Reply | None:
    """The reply box of the newest message one may answer; None when there is nobody to answer."""
    view = found.last_received
    if view is None or view.copy.message_id is None or not view.message.from_address_id:
        return None
    own = own_addresses(user_of(request).pk) | {found.thread.account.address.lower()}
    to = _answered(view, own)
    if not to:
        return None
    taken = own | {a.address.lower() for a in to}
    others = [a for a in _addresses(view) if a.address.lower() not in taken]
    waits = found.thread.account.state == MailAccount.State.AUTH_ERROR
    return Reply(view.copy.pk, to, others, _quote(view), waits=waits)


def _answered(view: MessageView, own: set[str]) -> list[Address]:
    """Reply-To, else From (RFC 5322, 3.6.3); answering oneself goes to whom one wrote."""
    if view.copy.is_outgoing or view.sender_address.lower() in own:
        return [Address(p.name, p.address.address) for p in view.to]
    if view.reply_to:
        return [Address(p.name, p.address.address) for p in view.reply_to]
    return [Address(view.message.from_name, view.sender_address)] if view.sender_address else []


def _addresses(view: MessageView) -> list[Address]:
    seen: dict[str, Address] = {}
    for person in [*view.to, *view.cc]:
        address = Address(person.name, person.address.address)
        seen.setdefault(address.address.lower(), address)
    return list(seen.values())


def _quote(view: MessageView) -> str:
    body = MessageBody.objects.filter(message=view.message).first()
    at = timezone.localtime(view.message.date or view.message.received_at)
    line = compose.attribution(view.sender_name, at, wording.language())
    return compose.quote_text(body.text if body else "", line)


@require_POST
def reply(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Queue the answer; what was typed comes back when it cannot be."""
    found = conversation_or_404(request, thread_id)
    box = prepared(request, found)
    if box is None:
        raise Http404
    box.text = request.POST.get("text", "").replace("\r\n", "\n")[:MOST_TEXT]
    box.to_all = request.POST.get("all") == "on"
    box.quoted = request.POST.get("quoted") == "on"
    box.errors = _errors(box)
    if not box.errors:
        _queue(request, found, box)
    if box.errors:
        return _refused(request, found, box)
    if not is_fragment(request):
        toasts.leave(request, _("Your answer is on its way"))
        return redirect("conversation:show", thread_id)
    fresh = conversation_or_404(request, thread_id)
    shown = {
        "thread_id": thread_id,
        "outgoing": on_its_way(fresh),
        "reply": prepared(request, fresh),
    }
    response = fragment(request, "conversation/_foot.html", shown)
    return toasts.attach(response, _("Your answer is on its way"))


def _errors(box: Reply) -> list[str]:
    if not box.text.strip():
        return [_("The answer is empty. Write something first.")]
    return []


def _queue(request: HttpRequest, found: Conversation, box: Reply) -> None:
    view = next(m for m in found.messages if m.copy.pk == box.copy_id)
    text = box.text.rstrip() + (f"\n\n{box.quote}\n" if box.quoted else "\n")
    letter = outbox.Letter("", text, box.to, cc=box.others if box.to_all else ())
    try:
        queued = outbox.queue_reply(
            found.thread.account, user_of(request), copy=view.copy, letter=letter
        )
        jobs.deliver_later(queued.pk)
    except outbox.NoRecipient as refusal:
        box.errors.append(
            _("%(address)s is not an address one can write to.") % {"address": refusal.address}
        )


def _refused(request: HttpRequest, found: Conversation, box: Reply) -> HttpResponse:
    shown = {"thread_id": found.thread.pk, "outgoing": on_its_way(found), "reply": box}
    if is_fragment(request):
        return fragment(request, "conversation/_foot.html", shown, status=422)
    toasts.leave(request, box.errors[0])
    return redirect("conversation:show", found.thread.pk)


def on_its_way(found: Conversation) -> Sequence[Sent]:
    """What has been queued and does not stand in Sent yet, worded."""
    return [sent(outgoing) for outgoing in found.outgoing]


@require_safe
def outgoing(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The state of what is on its way, as it is now."""
    found = conversation_or_404(request, thread_id)
    shown = {"thread_id": thread_id, "outgoing": on_its_way(found)}
    return fragment(request, "conversation/_outgoing.html", shown)


@require_POST
def again(request: HttpRequest, thread_id: int, outgoing_id: int) -> HttpResponse:
    """Send a failed or uncertain mail again: the user has been told what that may mean."""
    found = conversation_or_404(request, thread_id)
    waiting = Outgoing.objects.filter(
        pk=outgoing_id, thread=thread_id, author=user_of(request)
    ).first()
    if waiting is None:
        raise Http404
    if outbox.try_again(waiting.pk, user_of(request)):
        jobs.deliver_later(waiting.pk)
    if not is_fragment(request):
        return redirect("conversation:show", thread_id)
    fresh = conversation_or_404(request, found.thread.pk)
    shown = {"thread_id": thread_id, "outgoing": on_its_way(fresh)}
    return fragment(request, "conversation/_outgoing.html", shown)
