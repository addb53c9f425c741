"""Which deal the conversation is about: shown in its head, chosen, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access
from relance.crm.models import Case, Deal, Stage
from relance.inbox import links
from relance.inbox.conversation import SenderContext, context_of
from relance.inbox.models import RecordLink
from relance.journal.models import Entry
from relance.mail.models import Thread
from relance.web.components import lists
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


@dataclass(frozen=True, slots=True)
class Choice:
    """A deal as the chip and its menu show it; `amount` is "" while none is set."""

    deal: Deal
    amount: str


@dataclass(frozen=True, slots=True)
class Chip:
    """The deal linked, with the reason, and those it may be instead; with neither there is no
    chip. `asks` puts the question when none is linked. And the cases it is about."""

    linked: Choice | None
    why: str
    choices: list[Choice]
    asks: str
    cases: list[Case]


def chip(request: HttpRequest, thread_id: int, who: SenderContext) -> Chip:
    """What the head of the conversation says of its deal."""
    found = links.of_thread(user_of(request), thread_id, who.open_deals)
    cases = links.cases_of(user_of(request), thread_id)
    choices = [_choice(deal) for deal in found.suggested]
    if found.linked is None:
        return Chip(None, "", choices, _question(who, len(choices)), cases)
    why = str(_WHY.get(_Origin(found.linked.origin), ""))
    return Chip(_choice(found.linked.deal), why, choices, "", cases)


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
    return _act(request, thread_id, deal_id, is_link=True)


@require_POST
def unlink(request: HttpRequest, thread_id: int, deal_id: int) -> HttpResponse:
    """It is not."""
    return _act(request, thread_id, deal_id, is_link=False)


@require_safe
def choose(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Any deal one may read: those of the correspondent and her account, or those found."""
    found = conversation_or_404(request, thread_id)
    user, query = user_of(request), words(request, longest=_LONGEST_QUERY)
    deals = access.deals_for(user).select_related("stage", "company")
    if query.strip():
        deals = lists.matching(deals, query)
    else:
        deals = deals.filter(_near(context_of(user, found))).distinct()
    is_closed = Choose(When(stage__kind=Stage.Kind.OPEN, then=Value(0)), default=Value(1))
    rows = deals.order_by(is_closed, "-updated_at", "-pk")[:_MOST_CHOICES]
    shown = {"thread_id": thread_id, "query": query, "choices": [_choice(d) for d in rows]}
    if not is_fragment(request):
        return page(request, "conversation/link.html", shown)
    part = "_link_choices" if request.GET.get("part") == "candidates" else "_link"
    return fragment(request, f"conversation/{part}.html", shown)


def _near(who: SenderContext) -> Q:
    if who.person is None:
        return Q(pk=None)
    of_account = Q(company=who.company) if who.company else Q(pk=None)
    return Q(contacts__person=who.person) | of_account


@require_POST
def link_chosen(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The conversation is about the deal chosen in the dialog."""
    text = request.POST.get("deal", "")
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise Http404
    return _act(request, thread_id, int(text), is_link=True, is_dialog=True)


def _act(
    request: HttpRequest, thread_id: int, deal_id: int, *, is_link: bool, is_dialog: bool = False
) -> HttpResponse:
    act = links.link if is_link else links.unlink
    try:
        entry = act(user_of(request), thread_id, deal_id)
    except (Thread.DoesNotExist, Deal.DoesNotExist):
        raise Http404 from None
    text = _("Linked to %(deal)s") if is_link else _("No longer linked to %(deal)s")
    text %= {"deal": entry.params["deal"]}
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
    return {"thread_id": thread_id, "deal_chip": chip(request, thread_id, who)}
