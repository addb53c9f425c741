"""An invitation as a card: what, when on the reader's clock, where, who; and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, get_day_names
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from relance.inbox import meetings
from relance.inbox.meetings import CannotAnswer, Meeting
from relance.mail import identities, outbox
from relance.mime.calendar import Event, Recurrence
from relance.web.conversation.access import copy_or_404
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.wording import language, locale_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the three answers."""

    value: str
    label: str
    icon: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MeetingCard:
    """What the template shows."""

    heading: str
    css: str
    title: str
    when: str
    day: str
    month: str
    where: str
    link: str
    organiser: str
    organiser_address: str
    recurrence: str
    people: list[tuple[str, str, str]]  # name, icon, answer in words
    more: int
    note: str
    choices: list[Choice] = field(default_factory=list)


_MOST_PEOPLE = 12


def card(meeting: Meeting) -> MeetingCard:
    """`meeting` in words."""
    event = meeting.event
    heading, css = _heading(meeting)
    local = _local(event.starts)
    people = event.attendees[:_MOST_PEOPLE]
    organiser = event.organiser
    return MeetingCard(
        heading=heading,
        css=css,
        title=event.summary or _("(no title)"),
        when=when(event),
        day=str(local.day),
        month=format_date(local, "MMM", locale=locale_of(language())),
        where=event.location if event.location != event.link else "",
        link=event.link,
        organiser=organiser.name or organiser.address if organiser else "",
        organiser_address=organiser.address if organiser else "",
        recurrence=recurrence(event.recurrence) if event.recurrence else "",
        people=[(p.name or p.address, *_answer_of(p.answer)) for p in people],
        more=len(event.attendees) - len(people),
        note=_note(meeting),
        choices=_choices(meeting) if not meeting.cannot else [],
    )


def _heading(meeting: Meeting) -> tuple[str, str]:
    if meeting.is_cancelled:
        return _("Cancelled"), "meeting--off"
    method = meeting.invitation.method
    if method in ("reply", "counter"):
        return _("Answer to an invitation"), ""
    if method == "request" and (meeting.is_stale or meeting.event.sequence > 0):
        return _("Invitation, updated"), ""
    return (_("Invitation"), "") if method == "request" else (_("Event"), "")


def _note(meeting: Meeting) -> str:
    if meeting.is_stale and not meeting.is_cancelled:
        return _("It has changed since you answered.")
    reasons = {
        "not_invited": _("None of your addresses is among those invited."),
        "may_not_send": _("You may write drafts, not send."),
    }
    return reasons.get(meeting.cannot, "")


def _choices(meeting: Meeting) -> list[Choice]:
    given = "" if meeting.is_stale else meeting.answer
    labels = (
        ("accepted", _("Accept"), "check"),
        ("tentative", _("Maybe"), "help"),
        ("declined", _("Decline"), "x"),
    )
    return [Choice(value, label, icon, value == given) for value, label, icon in labels]


def _answer_of(answer: str) -> tuple[str, str]:
    return {
        "accepted": ("check", _("accepted")),
        "tentative": ("help", _("maybe")),
        "declined": ("x", _("declined")),
        "delegated": ("forward", _("delegated")),
    }.get(answer, ("hourglass", _("has not answered")))


def _local(at: datetime | date) -> date:
    return timezone.localtime(at).date() if isinstance(at, datetime) else at


def when(event: Event) -> str:
    """ "Tuesday 1 December 2026, 10:00 to 11:30", on the reader's clock."""
    first, last = _local(event.starts), _local(event.ends)
    if event.is_all_day:
        return _day(first) if first == last else _("%(first)s to %(last)s") % _pair(first, last)
    assert isinstance(event.starts, datetime) and isinstance(event.ends, datetime)
    start, end = timezone.localtime(event.starts), timezone.localtime(event.ends)
    if start == end:
        return f"{_day(first)}, {start:%H:%M}"
    if first == last:
        return _("%(day)s, %(start)s to %(end)s") % {
            "day": _day(first),
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
        }
    return _("%(first)s to %(last)s") % {
        "first": f"{_day(first)}, {start:%H:%M}",
        "last": f"{_day(last)}, {end:%H:%M}",
    }


def _pair(first: date, last: date) -> dict[str, str]:
    return {"first": _day(first), "last": _day(last)}


def _day(on: date) -> str:
    return format_date(on, "EEEE d MMMM y", locale=locale_of(language()))


def recurrence(rule: Recurrence) -> str:
    """How it comes back, in words; what they do not cover is said to be so."""
    words = [_every(rule)]
    if rule.weekdays:
        words.append(_days(rule))
    if rule.count:
        words.append(ngettext("%(n)s time", "%(n)s times", rule.count) % {"n": rule.count})
    elif rule.until:
        words.append(_("until %(day)s") % {"day": _day(rule.until)})
    if not rule.is_plain:
        words.append(_("with exceptions that your calendar knows"))
    return ", ".join(words)


def _every(rule: Recurrence) -> str:
    n = rule.interval
    values = {"n": n}
    return {
        "daily": ngettext("every day", "every %(n)s days", n) % values,
        "weekly": ngettext("every week", "every %(n)s weeks", n) % values,
        "monthly": ngettext("every month", "every %(n)s months", n) % values,
        "yearly": ngettext("every year", "every %(n)s years", n) % values,
    }[rule.frequency]


def _days(rule: Recurrence) -> str:
    names = get_day_names("wide", locale=locale_of(language()))
    ordinals = {
        1: _("the first %(day)s"),
        2: _("the second %(day)s"),
        3: _("the third %(day)s"),
        4: _("the fourth %(day)s"),
        -1: _("the last %(day)s"),
    }
    shown = [ordinals.get(nth, "%(day)s") % {"day": names[day]} for nth, day in rule.weekdays]
    return _("on %(days)s") % {"days": ", ".join(shown)}


@require_POST
def answer(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """Accept, perhaps, decline: sent to the organiser, and remembered."""
    copy = copy_or_404(request, thread_id, copy_id)
    choice = request.POST.get("answer", "")
    said = _said().get(choice)
    text = _("This cannot be answered.")
    if said:
        try:
            meetings.answer(
                user_of(request),
                copy,
                choice,
                subject=lambda event: f"{said[0]}: {event.summary}".strip(": "),
                text=lambda event: f"{said[1]}\n\n{event.summary}\n{when(event)}\n",
            )
            text = said[2]
        except CannotAnswer:
            pass
        except (outbox.NoRecipient, outbox.MayNotSend, identities.NoSender):
            text = _("The answer could not be sent: the organiser has no usable address.")
    if is_fragment(request):
        response = HttpResponse(status=204)
        changed: dict[str, Any] = {"message-changed": {"message": copy.pk}}
        return toasts.attach(response, text, **changed)
    toasts.leave(request, text)
    return redirect("conversation:show", thread_id)


def _said() -> dict[str, tuple[str, str, str]]:
    """For each answer: the subject's word, the sentence of the mail, what the reader is told."""
    return {
        "accepted": (
            _("Accepted"),
            _("I accept this invitation."),
            _("Accepted: the organiser is told"),
        ),
        "tentative": (
            _("Tentative"),
            _("I may come to this meeting."),
            _("Answered “maybe”: the organiser is told"),
        ),
        "declined": (
            _("Declined"),
            _("I decline this invitation."),
            _("Declined: the organiser is told"),
        ),
    }
