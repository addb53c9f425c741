"""A mail's fate in words: where it is, what each recipient's server said, why it is held.

Said the same wherever a mail on its way, or one that has left, is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.mail.accounts import LOGIN_REFUSED
from relance.mail.models import Bounce, Outgoing, OutgoingRecipient
from relance.web.shell.wording import Calendar, language, locale_of, moment, number

_State, _Recipient = Outgoing.State, OutgoingRecipient.State


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as it is shown: an icon, its class, a few words, and more of them on hover."""

    icon: str
    css: str
    words: str
    hint: str = ""


_BOUNCES = {
    Bounce.Cause.NO_SUCH_USER: gettext_lazy("the address does not exist"),
    Bounce.Cause.NO_SUCH_DOMAIN: gettext_lazy("its domain does not exist"),
    Bounce.Cause.MAILBOX_FULL: gettext_lazy("the mailbox is full"),
    Bounce.Cause.TOO_LARGE: gettext_lazy("the mail is too large"),
    Bounce.Cause.SERVER_DOWN: gettext_lazy("the server cannot be reached"),
    Bounce.Cause.EXPIRED: gettext_lazy("the server gave up trying"),
    Bounce.Cause.BLOCKED: gettext_lazy("the recipient’s server blocks the mail"),
    Bounce.Cause.SPAM: gettext_lazy("the recipient’s server takes it for spam"),
    Bounce.Cause.OPTED_OUT: gettext_lazy("the recipient has unsubscribed"),
    Bounce.Cause.OTHER: gettext_lazy("the server refused it"),
}
_CAUSES = {
    "wrong_password": gettext_lazy("The server refuses the password of the mailbox."),
    "app_password_required": gettext_lazy("The provider wants an app password."),
    "oauth_required": gettext_lazy("The provider refuses passwords of this kind."),
    "login_disabled": gettext_lazy("The provider has closed the login of this mailbox."),
    "rejected": gettext_lazy("The server refused it."),
    "too_large": gettext_lazy("The server finds it too large."),
    "tls_failure": gettext_lazy("The encryption with the server failed."),
    "certificate": gettext_lazy("The certificate of the server cannot be trusted."),
    "timeout": gettext_lazy("The server did not answer in time."),
    "refused": gettext_lazy("The server cannot be reached."),
    "unknown_host": gettext_lazy("The server’s name is not known."),
    "disconnected": gettext_lazy("The connection broke."),
    "quota": gettext_lazy("The recipient’s mailbox is full."),
    "throttled": gettext_lazy("The server asks to slow down."),
    "unsupported": gettext_lazy("The server cannot carry this message."),
    "interrupted": gettext_lazy("Relance was stopped while it was leaving."),
}
_HELD = {
    "may_not_send": gettext_lazy("you may no longer send mail"),
    "author_inactive": gettext_lazy("its author has been deactivated"),
    "mailbox_disconnected": gettext_lazy("the mailbox %(address)s is disconnected"),
    "sender_not_allowed": gettext_lazy("you may no longer write as %(address)s"),
    "erased": gettext_lazy("the personal data of %(address)s were erased"),
    "invalid": gettext_lazy("the address %(address)s does not exist"),
    "blocked": gettext_lazy("the address %(address)s is blocked after a bounce"),
    "opted_out": gettext_lazy("%(address)s has unsubscribed"),
    "record_deleted": gettext_lazy("the record of %(name)s was deleted"),
    "missed": gettext_lazy("its hour passed more than a day ago, while Relance was stopped"),
    "file_missing": gettext_lazy("one of its files is missing from the storage"),
    "unwritable": gettext_lazy("it cannot be written as mail: edit it, and send it again"),
    "editing": gettext_lazy("it was being changed when its hour came"),
}
#: The same reason has had more than one name.
_SAME = {
    "no_permission": "may_not_send",
    "inactive": "author_inactive",
    "disconnected": "mailbox_disconnected",
    "invalid_address": "invalid",
    "blocked_address": "blocked",
    "edited": "editing",
}


def hour_ahead(at: datetime, zone: tzinfo | None = None) -> str:
    """An hour to come: 18:00 when it is today, else Tue 24 Nov, 09:10."""
    local = timezone.localtime(at, zone)
    hour = f"{local.hour:02}:{local.minute:02}"
    today = timezone.localtime(timezone=zone).date()
    if local.date() == today:
        return hour
    pattern = "EEE d MMM" if local.year == today.year else "EEE d MMM y"
    return f"{format_date(local.date(), pattern, locale=locale_of(language()))}, {hour}"


def cause(code: str) -> str:
    """What went wrong with the sending, as a sentence; "" when the code says nothing."""
    return str(_CAUSES.get(code, ""))


def bounced(bounce: Bounce) -> str:
    """Why it came back, in a few words."""
    return cause_of_bounce(bounce.cause)


def cause_of_bounce(code: str) -> str:
    """A value of `Bounce.Cause` in a few words."""
    return str(_BOUNCES[Bounce.Cause(code)])


def held(code: str, params: Mapping[str, Any]) -> str:
    """Why it is held, in a few words: "the address x@y.example does not exist"."""
    words = _HELD.get(_SAME.get(code, code))
    if words is None:
        return _("something changed since it was written")
    return str(words) % {"address": "", "name": "", **params}


def waits_for_login(outgoing: Outgoing) -> bool:
    """Is it put off because the server refuses the login?"""
    return outgoing.state == _State.RETRYING and outgoing.error_code in LOGIN_REFUSED


def badges(outgoing: Outgoing) -> list[Badge]:
    """Where a mail is. `outgoing` comes with its recipients and their bounces."""
    state = _State(outgoing.state)
    if state == _State.SENT:
        return _sent(outgoing)
    if state == _State.SCHEDULED and outgoing.scheduled_at:
        return [Badge("scheduled", "state--time", hour_ahead(outgoing.scheduled_at))]
    if state == _State.RETRYING:
        return [_retrying(outgoing)]
    return [_SIMPLE[state]()]


_SIMPLE = {
    _State.DRAFT: lambda: Badge("draft", "", _("Draft")),
    _State.SCHEDULED: lambda: Badge("scheduled", "state--time", _("Is scheduled")),
    _State.QUEUED: lambda: Badge("send", "state--accent", _("Waiting to leave")),
    _State.SENDING: lambda: Badge("send", "state--accent", _("Leaving…")),
    _State.FAILED: lambda: Badge("bounce", "state--bad", _("Not sent")),
    _State.UNCERTAIN: lambda: Badge("help", "unk", _("Uncertain")),
    _State.HELD: lambda: Badge("alert", "state--bad", _("Is held back")),
}


def _retrying(outgoing: Outgoing) -> Badge:
    if waits_for_login(outgoing):
        return Badge("plug", "state--bad", _("Waits for the mailbox to be reconnected"))
    if outgoing.next_try_at is None:
        return Badge("scheduled", "state--time", _("A new attempt follows"))
    words = _("New attempt at %(at)s") % {"at": hour_ahead(outgoing.next_try_at)}
    return Badge("scheduled", "state--time", words)


def _sent(outgoing: Outgoing) -> list[Badge]:
    recipients = list(outgoing.recipients.all())
    bad = [r for r in recipients if r.state in (_Recipient.REFUSED, _Recipient.BOUNCED)]
    found = [_returned(recipients, bad)] if bad else [_gone(outgoing)]
    if not bad and (late := _delayed(recipients)):
        found.append(late)
    if outgoing.answered_at:
        words = _("Answered %(at)s") % {"at": Calendar.current().when(outgoing.answered_at)}
        found.append(Badge("reply", "", words))
    return found


def _gone(outgoing: Outgoing) -> Badge:
    hint = _("Your mail server took it. It does not confirm the delivery; a bounce would be shown.")
    if outgoing.was_late:
        return Badge("send", "state--time", _("Sent late"), hint)
    return Badge("send", "", _("Left, delivery unknown"), hint)


def _returned(recipients: Sequence[OutgoingRecipient], bad: Sequence[OutgoingRecipient]) -> Badge:
    hint = " ".join(f"{r.address.address}: {fate(r).words}." for r in bad)
    if len(bad) < len(recipients):
        good = len(recipients) - len(bad)
        left = ngettext("%(n)s sent", "%(n)s sent", good) % {"n": number(good)}
        back = ngettext("%(n)s bounced", "%(n)s bounced", len(bad)) % {"n": number(len(bad))}
        return Badge("bounce", "state--bad", f"{left}, {back}", hint)
    is_soft = all(_is_soft(r) for r in bad)
    return Badge("bounce", "state--bad", _("Soft bounce") if is_soft else _("Hard bounce"), hint)


def _delayed(recipients: Sequence[OutgoingRecipient]) -> Badge | None:
    """A server on the way still tries: only said."""
    for recipient in recipients:
        report = next(iter(recipient.bounces.all()), None)
        if report is not None and report.kind == Bounce.Kind.DELAYED:
            words = _("Delayed on its way")
            return Badge("hourglass", "state--time", words, _reported(report))
    return None


def _is_soft(recipient: OutgoingRecipient) -> bool:
    report = _last_report(recipient)
    return report is not None and report.kind == Bounce.Kind.SOFT


def _last_report(recipient: OutgoingRecipient) -> Bounce | None:
    return next((b for b in recipient.bounces.all() if b.kind != Bounce.Kind.DELAYED), None)


def fate(recipient: OutgoingRecipient) -> Badge:
    """What became of one recipient."""
    report = _last_report(recipient)
    if recipient.state in (_Recipient.REFUSED, _Recipient.BOUNCED):
        said = bounced(report) if report else _("the server refused it")
        return Badge("bounce", "state--bad", said, _reported(report) or recipient.answer)
    if recipient.state == _Recipient.ACCEPTED:
        return Badge("check", "", _("sent"), recipient.answer)
    return Badge("scheduled", "state--time", _("waiting"))


def status_of(recipient: OutgoingRecipient) -> str:
    """The enhanced status code its server gave, such as 5.1.1; "" when none is known."""
    report = _last_report(recipient)
    return report.status if report else ""


def _reported(report: Bounce | None) -> str:
    if report is None:
        return ""
    return " ".join(part for part in (report.status, report.diagnostic, moment(report.at)) if part)


def returned_elsewhere(reports: Sequence[Bounce]) -> list[Badge]:
    """The fate of a mail that another program sent, of which only reports are known."""
    hard = [b for b in reports if b.kind in (Bounce.Kind.HARD, Bounce.Kind.SOFT)]
    if not hard:
        return []
    words = ngettext("%(n)s bounced", "%(n)s bounced", len(hard)) % {"n": number(len(hard))}
    hint = " ".join(f"{b.address.address}: {bounced(b)}." for b in hard)
    return [Badge("bounce", "state--bad", words, hint)]
