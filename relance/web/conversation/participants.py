"""Every address of a message, with whom it belongs to; the unknown ones can be added there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from relance.addresses.models import EmailAddress
from relance.inbox import context_known
from relance.inbox.context_known import Known
from relance.inbox.conversation import MessageView
from relance.mail.accounts import own_addresses
from relance.web.conversation.access import conversation_or_404
from relance.web.conversation.reading import view_or_404
from relance.web.requests import user_of
from relance.web.shell.pages import fragment

_KINDS = {
    context_known.USER: ("users", gettext_lazy("Colleague")),
    context_known.CONTACT: ("user", gettext_lazy("Contact")),
    context_known.LEAD: ("lead", gettext_lazy("Lead")),
    context_known.ACCOUNT: ("building", gettext_lazy("Account")),
    context_known.LOCKED: ("lock", gettext_lazy("In the CRM, not readable for you")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody of the message: as the mail names her, and as the CRM does. `add_url` is where she
    can be added, "" for whom one has no need to."""

    name: str
    address: str
    icon: str
    kind: str
    record_name: str
    record_url: str
    add_url: str


@require_safe
def show(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """Who wrote and was written to."""
    view = view_or_404(conversation_or_404(request, thread_id), copy_id)
    groups = _groups(view)
    everybody = {a.pk: a for _label, some in groups for a, _name in some}
    known = context_known.known(user_of(request), list(everybody.values()))
    own = own_addresses(user_of(request).pk)
    shown = [
        (label, [_line(a, name, known.get(a.pk), thread_id, own) for a, name in some])
        for label, some in groups
    ]
    context = {"groups": shown, "view": view, "thread_id": thread_id}
    return fragment(request, "conversation/_participants.html", context)


def _groups(view: MessageView) -> list[tuple[str, list[tuple[EmailAddress, str]]]]:
    sender = view.message.from_address
    groups: Sequence[tuple[str, list[tuple[EmailAddress, str]]]] = (
        (_("From"), [(sender, view.message.from_name)] if sender else []),
        (_("Reply to"), [(p.address, p.name) for p in view.reply_to]),
        (_("To"), [(p.address, p.name) for p in view.to]),
        (_("Cc"), [(p.address, p.name) for p in view.cc]),
    )
    return [(label, some) for label, some in groups if some]


def _line(
    address: EmailAddress, name: str, known: Known | None, thread_id: int, own: set[str]
) -> Line:
    icon, words = _KINDS[known.kind] if known else ("", "")
    record = known.record if known else None
    add = reverse("conversation:add", args=[thread_id, "contact"])
    is_own = address.address in own
    return Line(
        name=name if name != address.address else "",
        address=address.address,
        icon=icon,
        kind=str(words),
        record_name=known.name if known else "",
        record_url=getattr(record, "get_absolute_url", str)(),
        add_url="" if known or is_own else f"{add}?address={address.pk}",
    )
