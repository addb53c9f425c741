"""What an IMAP server means when it says no (RFC 5530 response codes, then known words)."""

from __future__ import annotations

import re
from typing import Final

from relance.wire import wording
from relance.wire.errors import PermanentFailure, TransientFailure, WireError

_CODE = re.compile(r"\[([A-Z][A-Z-]*)")

_PERMANENT: Final = {
    "AUTHENTICATIONFAILED": "wrong_password",
    "AUTHORIZATIONFAILED": "wrong_password",
    "EXPIRED": "wrong_password",
    "PRIVACYREQUIRED": "login_disabled",
    "OVERQUOTA": "quota",
    "TOOBIG": "too_large",
    "CANNOT": "rejected",
    "NOPERM": "rejected",
    "NONEXISTENT": "rejected",
    "TRYCREATE": "rejected",
}
_TRANSIENT: Final = {
    "UNAVAILABLE": "throttled",
    "THROTTLED": "throttled",
    "LIMIT": "throttled",
    "INUSE": "rejected",
    "SERVERBUG": "rejected",
}


def refusal(text: str, *, at_login: bool = False) -> WireError:
    """Return the failure that a NO means."""
    if wording.APP_PASSWORD.search(text):
        return PermanentFailure("app_password_required", "an app password is needed", text)
    if wording.OAUTH.search(text):
        return PermanentFailure("oauth_required", "passwords are not accepted", text)
    match = _CODE.search(text)
    code = match[1] if match else ""
    if code in _PERMANENT:
        return PermanentFailure(_PERMANENT[code], f"the server refused ({code})", text)
    if code in _TRANSIENT:
        return TransientFailure(_TRANSIENT[code], f"not now ({code})", text)
    return _worded_refusal(text, at_login=at_login)


def _worded_refusal(text: str, *, at_login: bool) -> WireError:
    if wording.THROTTLED.search(text):
        return TransientFailure("throttled", "the server asks to slow down", text)
    if wording.QUOTA.search(text):
        return PermanentFailure("quota", "the mailbox is full", text)
    if at_login:
        return PermanentFailure("wrong_password", "the server refused the login", text)
    return PermanentFailure("rejected", "the server refused", text)


def goodbye(text: str) -> WireError:
    """Return the failure that an untimely BYE means."""
    if wording.THROTTLED.search(text) or "[UNAVAILABLE]" in text:
        return TransientFailure("throttled", "the server closes the connection", text)
    return TransientFailure("disconnected", "the server closes the connection", text)
