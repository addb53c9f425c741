"""Telling the guests of an event by mail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from relance.crm import access
from relance.crm.models import Meeting
from relance.inbox import invitations
from relance.inbox.invitations import CannotInvite, News
from relance.mail import outbox
from relance.users.models import User
from relance.web.components.activities import when_words
from relance.web.requests import user_of
from relance.web.shell import toasts

_REASONS = {
    "nothing": gettext_lazy("The guests know already."),
    "not_hers": gettext_lazy("Only whom the event is assigned to invites to it."),
    "may_not_send": gettext_lazy("You may not send e-mail. Ask an administrator."),
    "no_mailbox": gettext_lazy("Connect a mailbox first: invitations leave through it."),
}
_LABELS = {
    "invite": gettext_lazy("Send the invitation"),
    "change": gettext_lazy("Tell the guests of the change"),
    "cancel": gettext_lazy("Tell the guests it is off"),
}


def offer(viewer: User, meeting: Meeting) -> dict[str, str] | None:
    """What the button says and why it cannot be used; None when there is nothing to tell."""
    news = invitations.news_of(meeting)
    if news is None:
        return None
    reason = invitations.may_invite(viewer, meeting)
    return {"label": str(_LABELS[news.kind]), "reason": str(_REASONS[reason]) if reason else ""}


@require_POST
def tell(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Send what the guests do not know yet."""
    user = user_of(request)
    found = access.meetings_for(user).select_related("owner")
    meeting = get_object_or_404(found, pk=meeting_id)
    toasts.leave(request, send(user, meeting))
    return redirect(meeting)


def send(viewer: User, meeting: Meeting) -> str:
    """Send it; returns what to say of that."""
    try:
        outgoing = invitations.tell(viewer, meeting, words)
    except CannotInvite as refused:
        return str(_REASONS[refused.code])
    except outbox.NoRecipient as refused:
        return _("“%(address)s” is no e-mail address.") % {"address": refused.address}
    count = sum(map(len, outgoing.people.values()))
    said = ngettext("Sent to %(n)s guest", "Sent to %(n)s guests", count)
    return said % {"n": count}


def words(news: News, meeting: Meeting) -> tuple[str, str]:
    """The subject and the text of that mail, in the sender's language."""
    subjects = {
        "invite": _("Invitation: %(name)s"),
        "change": _("Changed: %(name)s"),
        "cancel": _("Called off: %(name)s"),
    }
    lines = [meeting.name, f"{when_words(meeting)} ({meeting.time_zone})", meeting.location]
    text = "\n".join(line for line in lines if line)
    if meeting.description and news.kind != "cancel":
        text += f"\n\n{meeting.description}"
    return subjects[news.kind] % {"name": meeting.name}, f"{text}\n"
