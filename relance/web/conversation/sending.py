"""A mail on its way, in words: where it is, what went wrong, what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.mail.models import Outgoing, OutgoingRecipient
from relance.mime.quotes import own_words

_STATES = {
    Outgoing.State.QUEUED: ("scheduled", "", gettext_lazy("Waiting to leave")),
    Outgoing.State.SENDING: ("send", "", gettext_lazy("Leaving…")),
    Outgoing.State.RETRYING: (
        "hourglass",
        "state--time",
        gettext_lazy("The server put it off; a new attempt follows by itself"),
    ),
    Outgoing.State.SENT: ("check", "state--ok", gettext_lazy("It has left")),
    Outgoing.State.FAILED: ("bounce", "state--bad", gettext_lazy("Not sent")),
    Outgoing.State.UNCERTAIN: (
        "help",
        "state--unknown",
        gettext_lazy("Uncertain: the connection broke at the end. It may have left."),
    ),
}
_CAUSES = {
    "wrong_password": gettext_lazy("The server refuses the password of the mailbox."),
    "app_password_required": gettext_lazy("The provider wants an app password."),
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


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail on its way, as the template shows it."""

    id: int
    state: str
    icon: str
    css: str
    words: str
    cause: str
    to: str
    snippet: str
    outgoing: Outgoing

    @property
    def can_send_again(self) -> bool:
        return self.state in (Outgoing.State.FAILED, Outgoing.State.UNCERTAIN)


def sent(outgoing: Outgoing) -> Sent:
    """`outgoing` in words; its recipients are prefetched."""
    icon, css, words = _STATES[Outgoing.State(outgoing.state)]
    recipients = list(outgoing.recipients.all())
    refused = [r for r in recipients if r.state == OutgoingRecipient.State.REFUSED]
    cause = str(_CAUSES.get(outgoing.error_code, ""))
    if refused:
        cause = _("%(address)s was refused: %(answer)s") % {
            "address": refused[0].address.address,
            "answer": refused[0].answer,
        }
    return Sent(
        id=outgoing.pk,
        state=outgoing.state,
        icon=icon,
        css=css,
        words=str(words),
        cause=cause if outgoing.state != Outgoing.State.SENT or refused else "",
        to=", ".join(r.name or r.address.address for r in recipients),
        snippet=own_words(outgoing.text, limit=160),
        outgoing=outgoing,
    )
