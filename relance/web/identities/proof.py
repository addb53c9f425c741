"""How far the proof of an address is, in words, and what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.lib import clock
from relance.mail import proving
from relance.mail.models.identities import Proven
from relance.web.mailboxes import wording as troubles
from relance.web.shell import wording


@dataclass(frozen=True, slots=True)
class Proof:
    """`text` with its icon and colour; whether a code is awaited; whether one may be sent."""

    text: str
    icon: str
    css: str
    is_proven: bool
    is_waiting: bool
    may_send: bool


def proof_of(row: Proven) -> Proof:
    """The state of one address."""
    waiting = proving.is_waiting(row)
    if row.confirmed_at:
        text, icon, css = (
            _("Code received on %(day)s") % {"day": _day(row.confirmed_at)},
            "check",
            "",
        )
    elif row.code_sent_at is None:
        text, icon, css = _("No code was sent yet"), "alert", "state--time"
    elif waiting:
        text, icon, css = _sent(row), "hourglass", "state--time"
    elif row.code_attempts >= row.MOST_ATTEMPTS:
        text, icon, css = _("Too many wrong codes"), "ban", "state--bad"
    else:
        text, icon, css = _("The code has expired"), "ban", "state--bad"
    may_send = not row.is_confirmed and proving.wait_of(row) == 0
    return Proof(text, icon, css, row.is_confirmed, waiting, may_send)


def _sent(row: Proven) -> str:
    assert row.code_sent_at
    left = (row.code_sent_at + row.CODE_LIFE - clock.now()).days + 1
    at = wording.Calendar.current().when(row.code_sent_at)
    return ngettext(
        "Code sent %(at)s, valid for %(n)s day", "Code sent %(at)s, valid for %(n)s days", left
    ) % {"at": at, "n": left}


def _day(at: datetime) -> str:
    return wording.Calendar.current().day(timezone.localtime(at).date())


def refusal(error: proving.Refused) -> str:
    """Why a code was not taken, and what to do."""
    if error.code == "wrong":
        return ngettext(
            "This is not the code. %(n)s attempt is left.",
            "This is not the code. %(n)s attempts are left.",
            error.left,
        ) % {"n": error.left}
    return {
        "expired": _("This code has expired. Have another one sent."),
        "exhausted": _("Too many wrong codes. Have another one sent in an hour."),
    }.get(error.code, _("No code was sent to this address yet. Have one sent."))


def not_sent(error: proving.NotSent | proving.Wait, address: str) -> str:
    """Why no code was mailed."""
    if isinstance(error, proving.Wait):
        minutes = max(1, round(error.seconds / 60))
        return ngettext(
            "A code was sent a moment ago. Another may follow in %(n)s minute.",
            "A code was sent a moment ago. Another may follow in %(n)s minutes.",
            minutes,
        ) % {"n": minutes}
    if error.code == "rejected":
        reason = _("The server refused the address: %(answer)s") % {"answer": error.answer}
    else:
        reason = troubles.trouble(error.code)
    return _("No code could be sent to %(address)s.") % {"address": address} + " " + reason


def not_added(error: ValueError) -> str:
    """Why an address was not added."""
    if isinstance(error, proving.Taken):
        return _("This address is in the list already.")
    return _("This is not an e-mail address. It looks like camille@clarte.example.")


def in_use(error: proving.InUse) -> str:
    """Why an address stays."""
    return ngettext(
        "%(n)s mail waits to leave from this address. Cancel it or send it first.",
        "%(n)s mails wait to leave from this address. Cancel or send them first.",
        error.count,
    ) % {"n": error.count}
