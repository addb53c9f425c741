"""Everything that can go wrong on a wire, and what may be done about it.

::

    WireError                 any failure of a conversation with a server
    ├── TransientFailure      trying again later, unchanged, may succeed
    ├── PermanentFailure      trying again unchanged will fail again
    └── UncertainOutcome      the server may or may not have taken the message: never
                              resend by itself, look for evidence first

``code`` is one word of :data:`CODES`, for programs and for the wording of pages. ``detail`` is a
short English sentence for logs and developers; it never holds mail, passwords or addresses.
``server_text`` is what the server said, cleaned of control characters and bounded: show it to the
owner of the mailbox, do not log it. ``stage`` names the step of an SMTP conversation.
"""

from __future__ import annotations

import re
from typing import Final

CODES: Final[frozenset[str]] = frozenset(
    {
        "wrong_password",  # the server knows the protocol and refuses these credentials
        "app_password_required",  # the account password will not do, an app password will
        "oauth_required",  # no password works here
        "login_disabled",  # the server offers no way to log in on this connection
        "wrong_port",  # something answers, but another protocol, or TLS against plain text
        "tls_failure",  # the TLS negotiation broke
        "certificate",  # TLS works, the certificate is not to be trusted
        "starttls_missing",  # STARTTLS was asked for and is not offered
        "timeout",  # nothing came in time
        "refused",  # nobody listens there, or the network cannot reach it
        "refused_host",  # our own guard says no
        "unknown_host",  # the name does not resolve
        "disconnected",  # the connection broke
        "quota",  # the mailbox is full
        "rejected",  # the server said no
        "throttled",  # too many connections or commands; slow down
        "protocol",  # the server broke the protocol, or passed one of our bounds
        "too_large",  # the message is larger than the server takes
        "unsupported",  # the message needs an extension this server lacks
    }
)

SERVER_TEXT_LIMIT: Final = 500
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class WireError(Exception):
    """A failed conversation; raise one of the subclasses."""

    def __init__(self, code: str, detail: str, server_text: str = "", *, stage: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"unknown wire error code {code!r}")
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.server_text = clean_server_text(server_text)
        self.stage = stage
        self.smtp_code = 0
        self.enhanced_status = ""


class TransientFailure(WireError):
    """Trying again later, unchanged, may succeed."""


class PermanentFailure(WireError):
    """Trying again unchanged will fail again."""


class UncertainOutcome(WireError):
    """The whole message left and no answer came (RFC 1047): it may have been delivered."""


def clean_server_text(text: str | bytes) -> str:
    """Return a server's words as one printable line of at most 500 characters."""
    if isinstance(text, bytes):
        text = text[: SERVER_TEXT_LIMIT * 4].decode("utf-8", "replace")
    return _CONTROLS.sub(" ", text[: SERVER_TEXT_LIMIT * 4]).strip()[:SERVER_TEXT_LIMIT]
