"""Notices in words: one entry for each code that is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.notices.models import Notice
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
    addresses = ", ".join(params.get("addresses", []))
    return Words(
        _("Not sent to %(addresses)s") % {"addresses": addresses or _("anybody")},
        _answer(params) or _("The server refused the message for good."),
        icon="bounce",
        is_bad=True,
        action=_("Open"),
    )


def _operation_failed(params: Params) -> Words:
    acts = {
        "move": _("A move was undone: the server of %(address)s refused it"),
        "append": _("The copy for Sent was refused by the server of %(address)s"),
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


_WORDS: dict[str, Callable[[Params], Words]] = {
    "mailbox_imported": _mailbox_imported,
    "mailbox_auth_error": _mailbox_auth_error,
    "outgoing_failed": _outgoing_failed,
    "operation_failed": _operation_failed,
}
