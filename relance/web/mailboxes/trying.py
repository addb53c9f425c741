"""What the servers answered to what a form says, in words and at the fields concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.forms import Form
from django.utils.translation import gettext as _

from relance.mail import accounts, connection
from relance.mail.models import MailAccount
from relance.users.models import User
from relance.web.mailboxes import wording

#: The usual ports of each side, the preferred first (RFC 8314).
_USUAL = {
    "incoming": ((993, "tls"), (143, "starttls")),
    "outgoing": ((465, "tls"), (587, "starttls")),
}
_OTHER_PORT_MAY_DO = frozenset(
    {"timeout", "refused", "wrong_port", "tls_failure", "starttls_missing", "clear_text"}
)
_LOGIN = frozenset({"wrong_password", "app_password_required"})
_CONCERNED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OTHER_PORT_MAY_DO, ("port", "security")),
    "timeout": ("host", "port"),
    **dict.fromkeys(("unknown_host", "certificate", "refused_host"), ("host",)),
    **dict.fromkeys(_LOGIN, ("username",)),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A refusal as the page tells it: what happened and what to do, what else may be tried, and
    the server's own words. `is_login` when another password is the way out."""

    side: str
    code: str
    text: str
    advice: str
    answer: str

    @property
    def is_login(self) -> bool:
        return self.code in _LOGIN

    @property
    def wants_app_password(self) -> bool:
        return self.code == "app_password_required"


def trial(owner: User, settings: accounts.Settings) -> MailAccount:
    """An account as it would be saved; it never is."""
    made = MailAccount(owner=owner, address=settings.address)
    for name in accounts.Settings.__slots__:
        if name != "excluded_domains":
            setattr(made, name, getattr(settings, name))
    return made


def answers(account: MailAccount) -> dict[str, Answer]:
    """Log in to both servers; the refusals by side, none when both let us in."""
    return {t.side: _worded(t, account) for t in connection.try_servers(account)}


def mark(form: Form, found: Mapping[str, Answer]) -> None:
    """Mark the fields that the refusals are about."""
    for one in found.values():
        side = _side(one.side)
        for field in _CONCERNED.get(one.code, ()):
            if f"{side}_{field}" in form.fields:
                form.fields[f"{side}_{field}"].widget.attrs["aria-invalid"] = "true"


def _worded(trouble: connection.Trouble, account: MailAccount) -> Answer:
    side = _side(trouble.side)
    port, security = getattr(account, f"{side}_port"), getattr(account, f"{side}_security")
    advice = _advice(trouble.side, (port, security)) if trouble.code in _OTHER_PORT_MAY_DO else ""
    text = wording.trouble(trouble.code)
    return Answer(trouble.side, trouble.code, text, advice, trouble.answer)


def _advice(side: str, present: tuple[int, str]) -> str:
    """The usual ports that were not tried."""
    ways = [
        _("port %(port)s with %(security)s") % {"port": port, "security": security.upper()}
        for port, security in _USUAL[side]
        if (port, security) != present
    ]
    if len(ways) == 1:
        return _("Try %(way)s.") % {"way": ways[0]}
    return _("Usual here: %(way)s, or %(other)s.") % {"way": ways[0], "other": ways[1]}


def _side(side: str) -> Literal["imap", "smtp"]:
    return "imap" if side == "incoming" else "smtp"
