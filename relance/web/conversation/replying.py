"""The closed reply box at the foot of a conversation, and sending again what failed.

Nothing is written by reading: the composer makes the draft when one begins to answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from relance.inbox.conversation import Conversation
from relance.mail import answering, drafts, jobs, outbox
from relance.mail.identities import NoSender
from relance.mail.models import MailAccount, Outgoing
from relance.mime.message import Address
from relance.users.models import User
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


def prepared(request: HttpRequest, found: Conversation) -> Reply | None:
    """The reply box of the newest message one may answer; None when there is nobody to answer."""
    view = found.last_received
    if view is None or view.copy.message_id is None:
        return None
    user = user_of(request)
    try:
        begun = answering.prefill(user, view.copy, Outgoing.Kind.REPLY_ALL)
    except (answering.Unreadable, NoSender):
        return None
    if not begun.to:
        return None
    return Reply(
        thread_id=found.thread.pk,
        copy_id=view.copy.pk,
        to=begun.to,
        others=bool(begun.cc),
        waits=begun.sender.account.state == MailAccount.State.AUTH_ERROR,
        resume=_begun(user, found),
    )


def _begun(user: User, found: Conversation) -> int | None:
    """The answer she has begun in this conversation, the last touched one."""
    rows = drafts.mine(user).filter(source__thread=found.thread)
    return rows.values_list("pk", flat=True).first()


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
