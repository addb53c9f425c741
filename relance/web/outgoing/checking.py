"""Mails that need a look: what happened to each, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.users.models import User
from relance.web.components import delivery
from relance.web.outgoing.lines import Line, line
from relance.web.shell.wording import moment

_State, _Recipient = Outgoing.State, OutgoingRecipient.State


@dataclass(frozen=True, slots=True)
class Trouble:
    """One recipient who did not get it."""

    address: EmailAddress
    words: str
    status: str
    answer: str
    is_closed: bool  # nothing may be sent there for now
    may_unblock: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A mail, what happened to it in sentences, and who did not get it."""

    line: Line
    icon: str
    css: str
    said: str
    troubles: list[Trouble]


_LOOKS = {
    _State.UNCERTAIN: ("help", ""),
    _State.RETRYING: ("hourglass", "check-row--wait"),
    _State.FAILED: ("bounce", "check-row--bad"),
    _State.SENT: ("bounce", "check-row--bad"),
}


def check(viewer: User, mail: Outgoing) -> Check:
    """`mail` as it is looked at; its recipients and their bounces are prefetched."""
    state = _State(mail.state)
    icon, css = _LOOKS[state]
    if delivery.waits_for_login(mail):
        icon, css = "plug", "check-row--bad"
    said = _SAID[state](mail)
    return Check(line(viewer, mail), icon, css, said, troubles(viewer, mail))


def troubles(viewer: User, mail: Outgoing) -> list[Trouble]:
    """Those of its recipients who did not get it."""
    bad = [r for r in mail.recipients.all() if r.state in (_Recipient.REFUSED, _Recipient.BOUNCED)]
    return [_trouble(viewer, recipient) for recipient in bad]


def _trouble(viewer: User, recipient: OutgoingRecipient) -> Trouble:
    address, fate = recipient.address, delivery.fate(recipient)
    return Trouble(
        address=address,
        words=fate.words,
        status=delivery.status_of(recipient),
        answer=fate.hint,
        is_closed=bool(address.invalid_at or address.blocked_at),
        may_unblock=suppression.may_lift(viewer, address),
    )


def _uncertain(mail: Outgoing) -> str:
    values = {"at": moment(mail.updated_at)}
    if mail.error_code == "interrupted":
        return (
            _(
                "Relance was stopped on %(at)s while it was leaving. It is not in the Sent folder. "
                "Relance does not send it again by itself."
            )
            % values
        )
    return (
        _(
            "The outgoing server broke the connection on %(at)s after it had received the message, "
            "before it confirmed. It is not in the Sent folder. Relance does not send it again by "
            "itself."
        )
        % values
    )


def _retrying(mail: Outgoing) -> str:
    if delivery.waits_for_login(mail):
        return _(
            "The server of %(address)s refuses the login. The mail waits here and leaves by itself "
            "once the mailbox is reconnected."
        ) % {"address": mail.account.address}
    parts = [delivery.cause(mail.error_code)]
    parts.append(_("%(n)s attempts so far; Relance goes on for five days.") % {"n": mail.attempts})
    return " ".join(part for part in parts if part)


def _failed(mail: Outgoing) -> str:
    return delivery.cause(mail.error_code) or _("The server refused it for good.")


def _returned(mail: Outgoing) -> str:
    good = sum(r.state == _Recipient.ACCEPTED for r in mail.recipients.all())
    return _("The others have it.") if good else ""


_SAID = {
    _State.UNCERTAIN: _uncertain,
    _State.RETRYING: _retrying,
    _State.FAILED: _failed,
    _State.SENT: _returned,
}
