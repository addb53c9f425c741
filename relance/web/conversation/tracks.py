"""The line under a mail of ours: where it is, what came of it, and what its author can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from relance.inbox.conversation import Delivery
from relance.lib import clock
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.mime.quotes import own_words
from relance.users.models import User
from relance.web.components import delivery
from relance.web.components.delivery import Badge

_State = Outgoing.State
_BAD = (OutgoingRecipient.State.REFUSED, OutgoingRecipient.State.BOUNCED)


@dataclass(frozen=True, slots=True)
class Action:
    """A button: where it posts to, what it says; `is_page` when it leads somewhere else."""

    url: str
    label: str
    icon: str = ""
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """What is said under one mail of ours."""

    badges: Sequence[Badge]
    cause: str = ""
    actions: list[Action] = field(default_factory=list)
    undo_until: str = ""  # ISO time, while it can be taken back


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail that the Sent folder does not show yet."""

    id: int
    state: str
    to: str
    snippet: str
    outgoing: Outgoing
    track: Track


def of_message(found: Delivery, viewer: User) -> Track:
    """Under a message that stands in the conversation."""
    if found.outgoing is not None:
        return track(found.outgoing, viewer)
    badges = delivery.returned_elsewhere(found.reports)
    return Track([*(badges or [_sent_elsewhere()]), _unfollowed()])


def leaving(outgoing: Outgoing, viewer: User) -> Leaving:
    """One on its way; its recipients are prefetched."""
    people = list(outgoing.recipients.all())
    return Leaving(
        id=outgoing.pk,
        state=outgoing.state,
        to=", ".join(p.name or p.address.address for p in people),
        snippet=own_words(outgoing.text, limit=160),
        outgoing=outgoing,
        track=track(outgoing, viewer),
    )


def track(outgoing: Outgoing, viewer: User) -> Track:
    """The whole line of a mail that Relance sends or has sent."""
    badges = delivery.badges(outgoing)
    if outgoing.state == _State.SENT:
        badges = [*badges, _unfollowed()]
    is_author = outgoing.author_id == viewer.pk
    until = outgoing.next_try_at if outgoing.state == _State.QUEUED else None
    can_undo = is_author and until is not None and until > clock.now()
    return Track(
        badges=badges,
        cause=_cause(outgoing),
        actions=_actions(outgoing, can_undo=can_undo) if is_author else [],
        undo_until=until.isoformat() if until and can_undo else "",
    )


def _sent_elsewhere() -> Badge:
    return Badge("send", "", _("Sent with another program"))


def _unfollowed() -> Badge:
    hint = _("Relance puts no invisible image into mails: nobody learns when they are opened.")
    return Badge("eyeoff", "", _("Openings not followed"), hint)


def _cause(outgoing: Outgoing) -> str:
    """Why it has not left, or not arrived everywhere, as a sentence."""
    if outgoing.state == _State.HELD:
        reason = outgoing.reason or {}
        return delivery.held(str(reason.get("code", "")), reason.get("params", {}))
    if outgoing.state == _State.UNCERTAIN:
        return _(
            "The connection broke at the end: it may have left. It is not sent again by itself."
        )
    bad = [r for r in outgoing.recipients.all() if r.state in _BAD]
    if bad:
        shown = [f"{r.address.address}: {delivery.fate(r).words}" for r in bad[:3]]
        return " · ".join(shown) + (" …" if len(bad) > 3 else "")
    if outgoing.state in (_State.FAILED, _State.RETRYING):
        return delivery.cause(outgoing.error_code)
    return ""


def _actions(outgoing: Outgoing, *, can_undo: bool) -> list[Action]:
    again = ("again", _("Try again"), "sync", False)
    edit = ("edit", _("Edit"), "draft", True)
    wanted: list[tuple[str, str, str, bool]] = {
        _State.SCHEDULED: [edit],
        _State.RETRYING: [again],
        _State.FAILED: [again, edit],
        _State.HELD: [edit],
        _State.UNCERTAIN: [
            ("search", _("Search again"), "search", False),
            ("again", _("Send again"), "send", False),
            ("gone", _("Mark as sent"), "check", False),
        ],
    }.get(_State(outgoing.state), [])
    found = [
        Action(_address(f"outgoing:{name}", outgoing), label, icon, is_page)
        for name, label, icon, is_page in wanted
    ]
    if can_undo:
        found.append(Action(_address("compose:undo", outgoing), _("Undo"), "undo"))
    return [action for action in found if action.url]


def _address(name: str, outgoing: Outgoing) -> str:
    try:
        return reverse(name, args=[outgoing.pk])
    except NoReverseMatch:
        return ""
