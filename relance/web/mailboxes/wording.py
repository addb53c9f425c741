"""What a mail server's refusal means, and what to do: one message per code of the wire."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TROUBLES: dict[str, str | Promise] = {
    "wrong_password": _(
        "The server refused this user name or password. Check both, then try again."
    ),
    "app_password_required": _(
        "The server wants an app password: two-step verification is on. "
        "Create one in your provider's security settings, then paste it here."
    ),
    "oauth_required": _(
        "This provider accepts no password from mail programs, only its own consent screen, "
        "which this version does not offer. This mailbox cannot be connected yet."
    ),
    "login_disabled": _("The server takes no password on this connection. Choose TLS or STARTTLS."),
    "clear_text": _(
        "Without encryption your password could be read on its way. Choose TLS or STARTTLS."
    ),
    "wrong_port": _(
        "Something answers on this port, but it is not the expected protocol. "
        "Check the port and the security: they go together."
    ),
    "tls_failure": _(
        "The encrypted connection could not be set up. Try another security, or another port."
    ),
    "certificate": _(
        "The server's certificate is not valid for this name, so nothing was sent. "
        "Check the server's name; otherwise its administrator must renew the certificate."
    ),
    "starttls_missing": _(
        "The server offers no STARTTLS here, and your password is never sent unencrypted. "
        "Choose TLS, usually on port 993 or 465."
    ),
    "timeout": _("The server did not answer in time. Check its name and port, or try again later."),
    "refused": _("Nobody listens on this port of the server. Check its name and port."),
    "refused_host": _(
        "This address belongs to a private network. "
        "An administrator can allow it under Settings, Organisation."
    ),
    "unknown_host": _("No server has this name. Check the spelling."),
    "disconnected": _("The server ended the connection. Try again in a moment."),
    "throttled": _("The server asks to slow down. Try again in a few minutes."),
    "quota": _("The mailbox is full. Make room, then try again."),
    "rejected": _("The server refused the connection."),
    "protocol": _("The server answered something unexpected. Check that this is a mail server."),
    "busy": _(
        "Several people are connecting a mailbox right now. Nothing was tried: "
        "try again in a few seconds."
    ),
    "internal": _(
        "Relance met an unexpected error here. It tries again by itself; "
        "if this lasts, tell your administrator."
    ),
}


def trouble(code: str) -> str:
    """The message for that code; one that is not listed is shown as a refusal."""
    return str(_TROUBLES.get(code) or _TROUBLES["rejected"])


STATES: dict[str, str | Promise] = {
    "pending": _("Waiting for its first synchronisation"),
    "importing": _("Importing"),
    "ok": _("Up to date"),
    "degraded": _("The server cannot be reached"),
    "auth_error": _("Reconnect needed"),
    "disconnected": _("Disconnected"),
}
