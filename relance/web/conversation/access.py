"""Conversations and messages, for whoever may see them; to others they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from relance.inbox import conversation as reading
from relance.inbox.conversation import Conversation
from relance.inbox.visibility import copy_for, thread_for
from relance.mail.models import MessageCopy, Thread
from relance.web.requests import user_of


def conversation_or_404(request: HttpRequest, thread_id: int) -> Conversation:
    """The conversation, when the user may see something of it."""
    try:
        found = reading.conversation(user_of(request), thread_id)
    except Thread.DoesNotExist:
        raise Http404 from None
    if not found.messages and not found.outgoing:
        raise Http404
    return found


def thread_or_404(request: HttpRequest, thread_id: int) -> Thread:
    try:
        return thread_for(user_of(request), thread_id)
    except Thread.DoesNotExist:
        raise Http404 from None


def copy_or_404(request: HttpRequest, thread_id: int, copy_id: int) -> MessageCopy:
    """A copy of that thread the user may see."""
    try:
        copy = copy_for(user_of(request), copy_id)
    except MessageCopy.DoesNotExist:
        raise Http404 from None
    if copy.thread_id != thread_id:
        raise Http404
    return copy
