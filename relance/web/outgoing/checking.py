"""Mails that need a look: what happened to each, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.crm.models import Person, PersonAddress
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
    person: Person | None = None  # whose address it is, as far as the viewer may know


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


def checks(viewer: User, mails: Sequence[Outgoing]) -> list[Check]:
    """`mails` as they are looked at; their recipients and bounces are prefetched."""
    people = _people(viewer, [r for mail in mails for r in _unreached(mail)])
    return [_check(viewer, mail, people) for mail in mails]


def _check(viewer: User, mail: Outgoing, people: Mapping[int, Person]) -> Check:
    state = _State(mail.state)
    icon, css = _LOOKS[state]
    if delivery.waits_for_login(mail):
        icon, css = "plug", "check-row--bad"
    bad = [_trouble(viewer, r, people.get(r.address_id)) for r in _unreached(mail)]
    return Check(line(viewer, mail), icon, css, _SAID[state](mail), bad)


def troubles(viewer: User, mail: Outgoing) -> list[Trouble]:
    """Those of its recipients who did not get it."""
    bad = _unreached(mail)
    people = _people(viewer, bad)
    return [_trouble(viewer, r, people.get(r.address_id)) for r in bad]


def _unreached(mail: Outgoing) -> list[OutgoingRecipient]:
    bad = (_Recipient.REFUSED, _Recipient.BOUNCED)
    return [r for r in mail.recipients.all() if r.state in bad]


def _people(viewer: User, recipients: Sequence[OutgoingRecipient]) -> dict[int, Person]:
    """By address, the people the viewer may read."""
    ids = {r.address_id for r in recipients}
    if not ids:
        return {}
    rows = PersonAddress.objects.filter(
        address__in=ids, person__in=access.people_for(viewer)
    ).select_related("person")
    return {row.address_id: row.person for row in rows.order_by("-pk")}


def _trouble(viewer: User, recipient: OutgoingRecipient, person: Person | None) -> Trouble:
    address, fate = recipient.address, delivery.fate(recipient)
    return Trouble(
        address=address,
        words=fate.words,
        status=delivery.status_of(recipient),
        answer=fate.hint,
        is_closed=bool(address.invalid_at or address.blocked_at),
        may_unblock=suppression.may_lift(viewer, address),
        person=person,
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
