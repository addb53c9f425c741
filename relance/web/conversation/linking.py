"""Which records the conversation is about: shown in its head, chosen, changed and removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from relance.crm.models import Case, Company, Deal, Person
from relance.inbox import links
from relance.inbox.context import SenderContext, context_of
from relance.inbox.conversation import Conversation
from relance.inbox.links import Parent
from relance.inbox.models import RecordLink
from relance.inbox.parents import parent_of
from relance.journal.models import Entry
from relance.web.conversation import kinds
from relance.web.conversation.access import conversation_or_404
from relance.web.requests import is_fragment, user_of, words
from relance.web.shell import toasts, wording
from relance.web.shell.pages import fragment, page

_Origin = RecordLink.Origin
_LONGEST_QUERY = 200
_MOST_CHOICES = 20
_DIGITS = 19
_WHY = {
    _Origin.MANUAL: gettext_lazy("Linked by hand: it stays so"),
    _Origin.COMPOSED: gettext_lazy("The first e-mail was written from this deal"),
    _Origin.THREAD: gettext_lazy("It answers an e-mail that is linked to this deal"),
    _Origin.REFERENCE: gettext_lazy("It answers an e-mail that is linked to this deal"),
    _Origin.ONLY_DEAL: gettext_lazy("It was the only open deal with this correspondent"),
}
_WHOSE = {
    _Origin.MANUAL: gettext_lazy("Linked by hand: it stays so"),
    _Origin.COMPOSED: gettext_lazy("The first e-mail was written from this record"),
    _Origin.THREAD: gettext_lazy("It answers an e-mail that is linked to this record"),
    _Origin.REFERENCE: gettext_lazy("It answers an e-mail that was written about this record"),
    _Origin.ADDRESS: gettext_lazy("By the address of the correspondent"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A deal as the chip and its menu show it; `amount` is "" while none is set."""

    deal: Deal
    amount: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The account, contact or lead it belongs to, and why; `icon` and `kind` say which of them."""

    record: Company | Person
    entity: str
    icon: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Chip:
    """The deal linked, with the reason, and those it may be instead; with neither there is no
    chip. `asks` puts the question when none is linked. Whose it is, and the cases it is about."""

    linked: Choice | None
    why: str
    choices: list[Choice]
    asks: str
    cases: Sequence[Case]
    owner: Owner | None = None


def chip(request: HttpRequest, found: Conversation, who: SenderContext) -> Chip:
    """What the head of the conversation says of its records."""
    user = user_of(request)
    known = links.of_thread(user, found.thread.pk, who.open_deals)
    parent = parent_of(user, found, who, known)
    owner = _owner(parent) if parent else None
    choices = [_choice(deal) for deal in known.suggested]
    if known.linked is None:
        return Chip(None, "", choices, _question(who, len(choices)), known.cases, owner)
    why = str(_WHY.get(_Origin(known.linked.origin), ""))
    return Chip(_choice(known.linked.deal), why, choices, "", known.cases, owner)


def _owner(parent: Parent) -> Owner:
    record = parent.record
    if isinstance(record, Company):
        icon, kind = "building", _("Account")
    elif record.kind == Person.Kind.LEAD:
        icon, kind = "lead", _("Lead")
    else:
        icon, kind = "user", _("Contact")
    why = str(_WHOSE.get(_Origin(parent.origin), ""))
    return Owner(record, parent.entity, icon, kind, why)


def _choice(deal: Deal) -> Choice:
    return Choice(deal, wording.money(deal.amount, deal.currency) if deal.amount else "")


def _question(who: SenderContext, count: int) -> str:
    words = ngettext(
        "%(n)s open deal with %(name)s: is it about this one?",
        "%(n)s open deals with %(name)s: which one is it about?",
        count,
    )
    return words % {"n": wording.number(count), "name": who.person.name if who.person else ""}


@require_safe
def show(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The chip alone."""
    return fragment(request, "conversation/_deal.html", _shown(request, thread_id))


@require_POST
def link(request: HttpRequest, thread_id: int, deal_id: int) -> HttpResponse:
    """The conversation is about that deal."""
    return _act(request, thread_id, (links.DEAL, deal_id), is_link=True)


@require_POST
def unlink(request: HttpRequest, thread_id: int, deal_id: int) -> HttpResponse:
    """It is not."""
    return _act(request, thread_id, (links.DEAL, deal_id), is_link=False)


@require_POST
def detach(request: HttpRequest, thread_id: int, entity: str, key: int) -> HttpResponse:
    """It is not about that account, person or case."""
    if entity not in links.MODELS:
        raise Http404
    return _act(request, thread_id, (entity, key), is_link=False)


@require_safe
def choose(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Any record one may read, of the kind asked for: those near the correspondent, or those
    found."""
    found = conversation_or_404(request, thread_id)
    user, query = user_of(request), words(request, longest=_LONGEST_QUERY)
    kind = kinds.asked(request.GET.get("kind", ""))
    shown = {
        "thread_id": thread_id,
        "query": query,
        "kinds": kinds.KINDS,
        "kind": kind,
        "choices": kinds.choices(user, kind, query, context_of(user, found)),
    }
    if not is_fragment(request):
        return page(request, "conversation/link.html", shown)
    part = "_link_choices" if request.GET.get("part") == "candidates" else "_link"
    return fragment(request, f"conversation/{part}.html", shown)


@require_POST
def link_chosen(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The conversation is about the record chosen in the dialog."""
    entity, _sep, key = request.POST.get("record", "").partition(":")
    is_key = key.isascii() and key.isdigit() and len(key) < _DIGITS
    if entity not in links.MODELS or not is_key:
        raise Http404
    return _act(request, thread_id, (entity, int(key)), is_link=True, is_dialog=True)


def _act(
    request: HttpRequest,
    thread_id: int,
    record: tuple[str, int],
    *,
    is_link: bool,
    is_dialog: bool = False,
) -> HttpResponse:
    act = links.attach if is_link else links.detach
    try:
        entry = act(user_of(request), thread_id, *record)
    except ObjectDoesNotExist:
        raise Http404 from None
    text = _("Linked to %(name)s") if is_link else _("No longer linked to %(name)s")
    text %= {"name": entry.params["name"]}
    if is_dialog and is_fragment(request):
        changed: dict[str, Any] = {"panel-changed": {"thread": thread_id}}
        return toasts.attach(HttpResponse(status=204), text, undo=entry.pk, **changed)
    return _done(request, thread_id, entry, text)


def _done(request: HttpRequest, thread_id: int, entry: Entry, text: str) -> HttpResponse:
    if is_fragment(request):
        now = fragment(request, "conversation/_deal.html", _shown(request, thread_id))
        return toasts.attach(now, text, undo=entry.pk)
    toasts.leave(request, text, undo=entry.pk)
    return redirect("conversation:show", thread_id)


def _shown(request: HttpRequest, thread_id: int) -> dict[str, Any]:
    found = conversation_or_404(request, thread_id)
    who = context_of(user_of(request), found)
    return {"thread_id": thread_id, "deal_chip": chip(request, found, who)}
