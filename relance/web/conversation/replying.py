"""The closed reply box at the foot of a conversation, and sending again what failed.

Nothing is written by reading: the composer makes the draft when one begins to answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from relance.inbox.conversation import Conversation, MessageView
from relance.mail import answering, jobs, outbox
from relance.mail.models import MailAccount, Outgoing, Participant
from relance.mime.message import Address
from relance.web.conversation import tracks
from relance.web.conversation.access import conversation_or_404
from relance.web.requests import is_fragment, user_of
from relance.web.shell.pages import fragment


@dataclass(frozen=True, slots=True)
class Reply:
    """What `components/compose_reply.html` shows: the message answered, whom the answer goes to,
    whether there are others to answer, and the draft begun before."""

    thread_id: int
    copy_id: int
    to: list[Address]
    others: bool
    waits: bool  # the mailbox must be connected again before anything leaves
    resume: int | None = None


def prepared(found: Conversation, own: Collection[str]) -> Reply | None:
    """The reply box of the newest message one may answer; None when there is nobody to answer.

    Made of what the conversation holds already; the composer reads it anew when one answers.
    """
    view = found.last_received
    if view is None or view.copy.message_id is None:
        return None
    to, others = answering.answered(
        _people(view), own=own, is_outgoing=view.copy.is_outgoing, to_all=True
    )
    if not to:
        return None
    return Reply(
        thread_id=found.thread.pk,
        copy_id=view.copy.pk,
        to=to,
        others=bool(others),
        waits=found.thread.account.state == MailAccount.State.AUTH_ERROR,
        resume=found.begun,
    )


def _people(view: MessageView) -> dict[int, list[Address]]:
    role = Participant.Role
    author = [Address(view.message.from_name, view.sender_address)] if view.sender_address else []
    return {
        role.FROM: author,
        role.REPLY_TO: [Address(p.name, p.address.address) for p in view.reply_to],
        role.TO: [Address(p.name, p.address.address) for p in view.to],
        role.CC: [Address(p.name, p.address.address) for p in view.cc],
    }


@require_POST
def again(request: HttpRequest, thread_id: int, outgoing_id: int) -> HttpResponse:
    """Send a failed or uncertain mail again: the user has been told what that may mean."""
    user = user_of(request)
    found = conversation_or_404(request, thread_id)
    waiting = Outgoing.objects.filter(pk=outgoing_id, thread=thread_id, author=user).first()
    if waiting is None:
        raise Http404
    if outbox.try_again(waiting.pk, user):
        jobs.deliver_later(waiting.pk)
    if not is_fragment(request):
        return redirect("conversation:show", thread_id)
    fresh = conversation_or_404(request, found.thread.pk)
    leaving = [tracks.leaving(outgoing, user) for outgoing in fresh.outgoing]
    shown = {"thread_id": thread_id, "leaving": leaving}
    return fragment(request, "conversation/_outgoing.html", shown)
