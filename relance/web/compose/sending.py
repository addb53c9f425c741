"""Sending: what was written is saved first, then everything is asked that has to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from relance.inbox import guards, writing
from relance.inbox.guards import Warning_
from relance.inbox.writing import Conflict, Left, NotADraft, NotAllowed, Refused, Undone
from relance.mail.models import Outgoing
from relance.mail.outbox import TooSoon
from relance.web.compose import wording
from relance.web.compose.access import draft_or_404, own_or_404
from relance.web.compose.presenting import composer_of
from relance.web.compose.previewing import preview_of
from relance.web.compose.views import conflicting, gone, keep
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Act:
    """A way to leave: what does it, from the draft's version and the codes confirmed; what is said
    when it is done; where and how "all the same" is answered."""

    leave: Callable[[int, set[str]], Left]
    done: Callable[[Left], str]
    retry_url: str
    retry_words: str
    undo_seconds: int


@require_POST
def send(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Send now, to leave when the time to undo is over."""
    user = user_of(request)

    def leave(version: int, confirmed: set[str]) -> Left:
        return writing.send(user, draft_id, version=version, confirmed=confirmed)

    url = reverse("compose:send", args=[draft_id])
    return attempt(request, draft_id, Act(leave, _sent, url, _("Send anyway"), user.undo_seconds))


def _sent(left: Left) -> str:
    if left.count == 1:
        return _("Message sent")
    return ngettext("%(n)s message sent", "%(n)s messages sent", left.count) % {"n": left.count}


def attempt(request: HttpRequest, draft_id: int, act: Act) -> HttpResponse:
    """Save what the form holds and have it leave; or say what stands in the way."""
    draft: Outgoing | None = None
    try:
        draft = _kept(request, draft_id)
        left = act.leave(draft.version if draft else 0, _confirmed(request))
    except Conflict as conflict:
        return conflicting(request, conflict.current)
    except (NotADraft, Http404):
        return gone(request)
    except NotAllowed:
        return refuse(request, draft_id, [_("You may write drafts, not send.")], status=403)
    except TooSoon:
        return refuse(request, draft_id, [_("This hour is past. Choose a later one.")])
    except Refused as refusal:
        return _ask(request, draft_id, refusal.warnings, act)
    return _done(request, own_or_404(request, draft_id), left, act)


def _kept(request: HttpRequest, draft_id: int) -> Outgoing | None:
    """The draft with what the form holds; None when it is none any more: an earlier click may
    have sent it."""
    try:
        draft = draft_or_404(request, draft_id)
    except Http404:
        return None
    return keep(request, draft)


def _confirmed(request: HttpRequest) -> set[str]:
    return {code for code in request.POST.get("confirmed", "")[:_LONGEST].split(",") if code}


def _ask(request: HttpRequest, draft_id: int, warnings: list[Warning_], act: Act) -> HttpResponse:
    """422: the warnings; unless one of them blocks, with the way to go on all the same."""
    codes = [] if any(w.blocking for w in warnings) else [w.code for w in warnings]
    confirmable = ",".join(dict.fromkeys([*sorted(_confirmed(request)), *codes])) if codes else ""
    shown: dict[str, object] = {
        "problems": [wording.problem(w) for w in warnings],
        "confirmable": confirmable,
        "retry_url": act.retry_url,
        "retry_words": act.retry_words,
    }
    return _again(request, draft_id, shown, status=422)


def refuse(
    request: HttpRequest, draft_id: int, errors: list[str], *, status: int = 422
) -> HttpResponse:
    """Not done, and nothing one could confirm."""
    return _again(request, draft_id, {"errors": errors}, status=status)


def _again(
    request: HttpRequest, draft_id: int, shown: dict[str, object], *, status: int
) -> HttpResponse:
    draft = draft_or_404(request, draft_id)
    c = composer_of(request, draft)
    context = {"c": c, **shown}
    if is_fragment(request):
        return fragment(request, "compose/_warnings.html", context, status=status)
    context["preview"] = preview_of(request, draft)
    return page(request, "compose/page.html", context, status=status)


def _done(request: HttpRequest, outgoing: Outgoing, left: Left, act: Act) -> HttpResponse:
    text = act.done(left)
    undo = _way_back(left, act)
    thread = _thread_of(outgoing)
    if is_fragment(request):
        event: dict[str, Any] = {"compose:sent": {"id": outgoing.pk, "thread": thread}}
        return toasts.attach(HttpResponse(status=204), text, undo=undo, **event)
    toasts.leave(request, text, undo=undo)
    return redirect("conversation:show", thread) if thread else redirect("/")


def _way_back(left: Left, act: Act) -> toasts.WayBack | None:
    if not act.undo_seconds:
        return None
    return toasts.WayBack(reverse("compose:undo", args=[left.outgoing_id]), act.undo_seconds)


def _thread_of(outgoing: Outgoing) -> int | None:
    """The conversation it was written in."""
    return outgoing.source.thread_id if outgoing.source else outgoing.thread_id


@require_POST
def undo(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Take back what has not left, and open it again."""
    outgoing = own_or_404(request, draft_id)
    undone = writing.take_back(user_of(request), draft_id)
    text = _undone(undone)
    if undone.draft is None:
        return _told(request, text)
    url = reverse("compose:show", args=[undone.draft.pk])
    if is_fragment(request):
        thread = _thread_of(outgoing) if outgoing.kind != Outgoing.Kind.NEW else None
        opened: dict[str, Any] = {"compose:open": {"url": url, "thread": thread}}
        return toasts.attach(HttpResponse(status=204), text, **opened)
    toasts.leave(request, text)
    return redirect(url)


def _undone(undone: Undone) -> str:
    if undone.gone and undone.back:
        return ngettext(
            "%(gone)s had left already; %(n)s is a draft again",
            "%(gone)s had left already; %(n)s are drafts again",
            undone.back,
        ) % {"gone": undone.gone, "n": undone.back}
    if undone.back:
        return _("Taken back: it is a draft again")
    return _("Too late: it has left already")


def _told(request: HttpRequest, text: str) -> HttpResponse:
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text)
    toasts.leave(request, text)
    return redirect("/")


@require_POST
def silence(request: HttpRequest, code: str) -> HttpResponse:
    """Never ask this of the user again; her preferences can turn it on."""
    if code not in guards.SILENCEABLE:
        raise Http404
    user = user_of(request)
    if code not in user.silenced_guards:
        user.silenced_guards = [*user.silenced_guards, code]
        user.save(update_fields=["silenced_guards"])
    return _told(request, _("This will not be asked again. Your preferences can turn it on."))
