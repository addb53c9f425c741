"""What is asked before a mail leaves, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.inbox.guards import Warning_
from relance.lib.reason import Reason
from relance.web.shell.wording import filesize

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """A warning as the form shows it."""

    code: str
    title: str
    detail: str
    blocking: bool
    icon: str
    silence_url: str = ""


def problem(warning: Warning_) -> Problem:
    """`warning` in the reader's language."""
    title, detail = _WORDS[warning.code](warning.params)
    silence = reverse("compose:silence", args=[warning.code]) if warning.is_silenceable else ""
    icon = "alert" if warning.blocking else _ICONS.get(warning.code, "help")
    return Problem(warning.code, title, detail, warning.blocking, icon, silence)


_ICONS = {"attachment_missing": "clip", "first_external": "users", "other_company": "building"}


def verdict(reason: Reason) -> str:
    """Why nothing may, or should, be sent to an address; BNC-04 gives the first sentence."""
    return {
        "erased": _("The personal data of this person were erased"),
        "invalid": _("The e-mail address does not exist"),
        "blocked": _("This address is blocked for now"),
        "opted_out": _("This person wants no more mail"),
    }.get(reason.code, "")


def _address(params: Params) -> str:
    return str(params.get("address", ""))


def _no_sender(_params: Params) -> tuple[str, str]:
    return (
        _("The sender cannot be used any more."),
        _("Choose another one in “From”, or connect the mailbox again."),
    )


def _no_recipient(_params: Params) -> tuple[str, str]:
    return _("Nobody to write to."), _("Add at least one recipient.")


def _bad_address(params: Params) -> tuple[str, str]:
    return (
        _("“%(address)s” is not an e-mail address.") % {"address": _address(params)},
        _("Correct it or remove it."),
    )


def _too_many(params: Params) -> tuple[str, str]:
    return (
        _("%(count)s recipients are too many for one mail.") % params,
        _("%(most)s are allowed.") % params,
    )


def _erased(params: Params) -> tuple[str, str]:
    return (
        _("The personal data of %(address)s were erased.") % {"address": _address(params)},
        _("Nothing may be sent there. Remove the address."),
    )


def _invalid(params: Params) -> tuple[str, str]:
    return (
        _("The e-mail address does not exist: %(address)s.") % {"address": _address(params)},
        _("A mail to it came back. Remove it or choose another address of the same person."),
    )


def _blocked(params: Params) -> tuple[str, str]:
    return (
        _("This address is blocked for now: %(address)s.") % {"address": _address(params)},
        _("Its server refused earlier mails. It can be unblocked on the person’s page."),
    )


def _opted_out(params: Params) -> tuple[str, str]:
    return (
        _("%(name)s asked for no more mail.") % {"name": params.get("name") or _address(params)},
        _("Write only if you were asked to, or answer a question."),
    )


def _unknown_field(params: Params) -> tuple[str, str]:
    return (
        _("Unknown field: %(fields)s.") % {"fields": ", ".join(params["fields"])},
        _("Choose one from the list, or remove it."),
    )


def _missing_field(params: Params) -> tuple[str, str]:
    fields = params["fields"]
    title = ngettext(
        "%(name)s has no value for “%(fields)s”.",
        "%(name)s has no values for: %(fields)s.",
        len(fields),
    ) % {"name": params["name"] or _("The recipient"), "fields": ", ".join(fields)}
    return title, _(
        "Complete the record, write a fallback, or remove the recipient: the mail does not leave "
        "with an empty field."
    )


def _too_large(params: Params) -> tuple[str, str]:
    return (
        _("The attachments are too large: %(size)s.") % {"size": filesize(params["size"])},
        _("%(limit)s are allowed for one mail.") % {"limit": filesize(params["limit"])},
    )


def _attachment(params: Params) -> tuple[str, str]:
    return (
        _("You mention an attachment, but there is none."),
        _("You wrote “%(words)s”.") % params,
    )


def _subject(_params: Params) -> tuple[str, str]:
    return _("The subject is empty."), ""


def _body(_params: Params) -> tuple[str, str]:
    return _("The mail is empty."), ""


def _greeting(params: Params) -> tuple[str, str]:
    return (
        _("You greet %(greeting)s, but write to %(recipient)s.") % params,
        _("Check the name or the recipient."),
    )


def _many(params: Params) -> tuple[str, str]:
    return _("Your answer goes to %(count)s people.") % params, ""


def _external(params: Params) -> tuple[str, str]:
    names = params["names"]
    title = ngettext(
        "%(names)s is not a colleague.", "%(names)s are not colleagues.", len(names)
    ) % {"names": ", ".join(names[:5])}
    return title, _("So far only colleagues took part in this conversation.")


def _company(params: Params) -> tuple[str, str]:
    return (
        _("The text names another account: %(names)s.") % {"names": ", ".join(params["names"])},
        _("It is not the recipient’s."),
    )


_WORDS: dict[str, Callable[[Params], tuple[str, str]]] = {
    "no_sender": _no_sender,
    "no_recipient": _no_recipient,
    "bad_address": _bad_address,
    "too_many_recipients": _too_many,
    "erased": _erased,
    "invalid": _invalid,
    "blocked": _blocked,
    "opted_out": _opted_out,
    "placeholder_unknown": _unknown_field,
    "placeholder_missing": _missing_field,
    "attachments_too_large": _too_large,
    "attachment_missing": _attachment,
    "empty_subject": _subject,
    "empty_body": _body,
    "greeting_differs": _greeting,
    "reply_all_many": _many,
    "first_external": _external,
    "other_company": _company,
}
