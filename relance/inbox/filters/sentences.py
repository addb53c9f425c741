"""A filter in words: what it asks, and what it does, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, ngettext

from relance.criteria import sentences as criteria
from relance.inbox.filters.rules import Action, Rule
from relance.inbox.links import MODELS

_HOUR, _DAY = 60, 24 * 60


def condition(rule: Rule) -> str:
    """ "subject contains “devis”"; "every message"."""
    return gettext("every message") if rule.is_everything else criteria.sentence(rule.node)


def actions(rule: Rule) -> list[str]:
    """What it does, each in a few words, in order."""
    said = [action(one) for one in rule.actions]
    return [*said, gettext("no filter after this one")] if rule.stops else said


def sentence(rule: Rule) -> str:
    """ "If subject contains “devis”: label “Clients”, star"."""
    form = gettext("If %(condition)s: %(actions)s")
    return form % {"condition": condition(rule), "actions": ", ".join(actions(rule))}


def action(one: Action) -> str:
    """One action in words; its kind, for one that is unknown."""
    kind = str(one.get("kind"))
    if kind in _WORDED:
        return _WORDED[kind](one)
    simple: dict[str, str] = {
        "read": gettext("mark as read"),
        "unread": gettext("mark as unread"),
        "star": gettext("star"),
        "unstar": gettext("take the star off"),
        "archive": gettext("archive"),
        "trash": gettext("move to the trash"),
        "spam": gettext("mark as spam"),
        "never_spam": gettext("never treat as spam"),
        "stop": gettext("no filter after this one"),
    }
    return simple.get(kind, kind)


def _task(one: Action) -> str:
    name, days = str(one.get("name") or ""), one.get("days")
    said = gettext("task “%(name)s”") % {"name": name} if name else gettext("a task")
    return f"{said} {_in_days(days)}" if isinstance(days, int) else said


def _reminder(one: Action) -> str:
    minutes = one.get("minutes")
    when = _in(minutes if isinstance(minutes, int) else 0)
    if one.get("reminder") == "await":
        return gettext("remind me if no answer has come %(when)s") % {"when": when}
    return gettext("remind me to answer %(when)s") % {"when": when}


def _in(minutes: int) -> str:
    if minutes and minutes % _DAY == 0:
        return _in_days(minutes // _DAY)
    if minutes and minutes % _HOUR == 0:
        hours = minutes // _HOUR
        return ngettext("within %(n)s hour", "within %(n)s hours", hours) % {"n": hours}
    return ngettext("within %(n)s minute", "within %(n)s minutes", minutes) % {"n": minutes}


def _in_days(days: int) -> str:
    return ngettext("within %(n)s day", "within %(n)s days", days) % {"n": days}


def _priority(one: Action) -> str:
    words = {-1: gettext("low priority"), 1: gettext("high priority")}
    value: Any = one.get("priority")
    return words.get(value, gettext("normal priority"))


def _link(one: Action) -> str:
    model, key = MODELS.get(str(one.get("entity"))), one.get("record")
    record = model._default_manager.filter(pk=key).first() if model and key else None
    return gettext("link to “%(name)s”") % {"name": record or "?"}


_WORDED: dict[str, Callable[[Action], str]] = {
    "label": lambda one: gettext("label “%(name)s”") % {"name": one.get("label", "")},
    "tag": lambda one: (
        gettext("tag the sender “%(name)s”") % {"name": ", ".join(map(str, one.get("tags") or ()))}
    ),
    "move": lambda one: gettext("move to “%(name)s”") % {"name": one.get("folder", "")},
    "task": _task,
    "reminder": _reminder,
    "priority": _priority,
    "link": _link,
}
