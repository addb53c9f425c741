"""Notices in words: one entry for each code that is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.mail.accounts import LOGIN_REFUSED
from relance.mail.models import Bounce
from relance.notices.models import Notice
from relance.web.components import delivery
from relance.web.components.amounts import number

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as it is read: a title, a line of detail, an icon, and what its button says."""

    title: str
    detail: str = ""
    icon: str = "info"
    is_bad: bool = False
    action: str = ""


def words(notice: Notice) -> Words:
    """The words of a notice. A code of another version shows its bare name."""
    write = _WORDS.get(notice.code)
    return write(notice.params) if write else Words(notice.code)


def _mailbox_imported(params: Params) -> Words:
    count = int(params.get("count", 0))
    return Words(
        _("Your mailbox is here: %(address)s") % {"address": params.get("address", "")},
        ngettext("%(n)s message was read", "%(n)s messages were read", count)
        % {"n": number(count)},
        icon="check",
    )


def _mailbox_auth_error(params: Params) -> Words:
    return Words(
        _("Reconnect %(address)s") % {"address": params.get("address", "")},
        _("The server refuses the user name and password. Nothing comes in until they are right."),
        icon="plug",
        is_bad=True,
        action=_("Reconnect"),
    )


def _outgoing_failed(params: Params) -> Words:
    if params.get("code") in LOGIN_REFUSED:
        return _outgoing_waits_login(params)
    return Words(
        _("Not sent to %(addresses)s") % {"addresses": _named(params) or _("anybody")},
        _answer(params)
        or delivery.cause(str(params.get("code", "")))
        or _("The server refused the message for good."),
        icon="bounce",
        is_bad=True,
        action=_("Open"),
    )


def _outgoing_waits_login(params: Params) -> Words:
    return Words(
        _("Your mail to %(addresses)s waits: the login was refused")
        % {"addresses": _named(params) or _("anybody")},
        _joined(_("It leaves by itself once the mailbox is reconnected."), _answer(params)),
        icon="plug",
        is_bad=True,
        action=_("Open"),
    )


def _outgoing_delayed(params: Params) -> Words:
    return Words(
        _("Your mail to %(addresses)s has not left yet") % {"addresses": _named(params)},
        _joined(
            _("Relance goes on trying for five days."),
            _answer(params) or delivery.cause(str(params.get("code", ""))),
        ),
        icon="hourglass",
        action=_("Open"),
    )


def _outgoing_held(params: Params) -> Words:
    why = delivery.held(str(params.get("code", "")), params.get("params") or {})
    return Words(
        _("Held: your mail to %(addresses)s") % {"addresses": _named(params) or _("nobody")},
        _("Not sent: %(why)s") % {"why": why},
        icon="scheduled",
        is_bad=True,
        action=_("Open"),
    )


def _outgoing_edited(params: Params) -> Words:
    return Words(
        _("Not sent while you were changing it: your mail to %(addresses)s")
        % {"addresses": _named(params) or _("nobody")},
        _("Its hour has passed. Send it, or choose another hour."),
        icon="scheduled",
        is_bad=True,
        action=_("Open"),
    )


def _mail_bounced(params: Params) -> Words:
    soft = params.get("kind") == Bounce.Kind.SOFT
    title = _("Came back for now from %(addresses)s") if soft else _("Came back from %(addresses)s")
    if params.get("kind") == Bounce.Kind.COMPLAINT:
        title = _("Marked as spam by %(addresses)s")
    cause = str(params.get("cause", ""))
    known = cause in Bounce.Cause.values and params.get("kind") != Bounce.Kind.COMPLAINT
    why = delivery.cause_of_bounce(cause) if known else ""
    subject = str(params.get("subject", ""))
    about = _("“%(subject)s”") % {"subject": subject} if subject else ""
    detail = " · ".join(part for part in (about, why[:1].upper() + why[1:]) if part)
    return Words(
        title % {"addresses": _named(params) or _("somebody")},
        detail or _answer(params),
        icon="bounce",
        is_bad=True,
        action=_("Open"),
    )


def _mailbox_synchronised(params: Params) -> Words:
    count = int(params.get("count", 0))
    words = ngettext("%(n)s message is here", "%(n)s messages are here", count)
    return Words(
        _("Your mailbox is synchronised: %(address)s") % {"address": params.get("address", "")},
        words % {"n": number(count)},
        icon="check",
    )


def _joined(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)


def _named(params: Params) -> str:
    return ", ".join(params.get("addresses") or [])


def _operation_failed(params: Params) -> Words:
    acts = {
        "move": _("A move was undone: the server of %(address)s refused it"),
        "append": _("The copy for Sent was refused by the server of %(address)s"),
        "flag": _("A star could not be told to the server of %(address)s"),
        "unflag": _("A star could not be told to the server of %(address)s"),
    }
    text = acts.get(
        str(params.get("kind")), _("Read or unread could not be told to the server of %(address)s")
    )
    return Words(
        text % {"address": params.get("address", "")},
        _answer(params),
        icon="alert",
        is_bad=True,
    )


def _answer(params: Params) -> str:
    said = str(params.get("answer", "")).strip()
    return _("The server said: %(answer)s") % {"answer": said} if said else ""


def _case_opened(params: Params) -> Words:
    return Words(
        _("New case: %(name)s") % {"name": params.get("name", "")},
        _("It was opened for a mail that came in."),
        icon="case",
        action=_("Open"),
    )


def _task_assigned(params: Params) -> Words:
    return Words(
        _("A task for you: %(name)s") % {"name": params.get("name", "")},
        _("Given by %(name)s") % {"name": params.get("by", "")},
        icon="task",
        action=_("Open"),
    )


def _meeting_invited(params: Params) -> Words:
    return Words(
        _("You are invited: %(name)s") % {"name": params.get("name", "")},
        _("By %(name)s. It is in your calendar.") % {"name": params.get("by", "")},
        icon="calendar",
        action=_("Open"),
    )


def _filter_disabled(params: Params) -> Words:
    return Words(
        _("The filter “%(name)s” was disabled") % {"name": params.get("name", "")},
        _("It asks for a field that does not exist any more."),
        icon="alert",
        is_bad=True,
    )


_WORDS: dict[str, Callable[[Params], Words]] = {
    "mailbox_imported": _mailbox_imported,
    "mailbox_auth_error": _mailbox_auth_error,
    "outgoing_failed": _outgoing_failed,
    "outgoing_waits_login": _outgoing_waits_login,
    "outgoing_delayed": _outgoing_delayed,
    "outgoing_held": _outgoing_held,
    "outgoing_edited": _outgoing_edited,
    "mail_bounced": _mail_bounced,
    "mailbox_synchronised": _mailbox_synchronised,
    "operation_failed": _operation_failed,
    "task_assigned": _task_assigned,
    "case_opened": _case_opened,
    "meeting_invited": _meeting_invited,
    "filter_disabled": _filter_disabled,
}
