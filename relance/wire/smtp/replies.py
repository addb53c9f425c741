"""SMTP replies (RFC 5321, section 4.2) and what a refusal means for the message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from relance.wire import wording
from relance.wire.errors import PermanentFailure, TransientFailure, WireError, clean_server_text

REPLY_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?$", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b\s*")
_TOO_LARGE: Final = {"5.3.4", "5.2.3", "4.3.4"}


class Reply(NamedTuple):
    """One reply: its code, its enhanced status (RFC 3463) or "", and its lines without both."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The reply in one line, code and status left out."""
        return clean_server_text(" ".join(self.lines))

    @property
    def said(self) -> str:
        """The reply in one line, as the server said it."""
        return clean_server_text(f"{self.code} {self.enhanced} {self.text}".replace("  ", " "))

    @property
    def is_positive(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.code < 300


@dataclass(frozen=True)
class Refusal:
    """Why one recipient was refused."""

    code: int
    enhanced: str
    text: str

    @property
    def is_transient(self) -> bool:
        """Whether this recipient may be tried again later."""
        return 400 <= self.code < 500


def read_reply(lines: list[bytes], code: int) -> Reply:
    """Build a reply from its lines, without their codes; the enhanced status comes off each."""
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    match = _ENHANCED.match(texts[-1]) if texts else None
    enhanced = match[1] if match else ""
    if enhanced:
        texts = [_ENHANCED.sub("", text, count=1) for text in texts]
    return Reply(code, enhanced, tuple(texts))


def refusal_of(reply: Reply) -> Refusal:
    """Return a recipient's refusal."""
    return Refusal(reply.code, reply.enhanced, reply.text)


def failure(reply: Reply) -> WireError:
    """Return what a negative or unexpected reply means for the message as a whole."""
    kind = TransientFailure if 400 <= reply.code < 500 else PermanentFailure
    return _with_reply(kind(_code(reply), f"the server answered {reply.code}", reply.said), reply)


def _code(reply: Reply) -> str:
    if reply.code < 400:
        return "protocol"
    if reply.enhanced in _TOO_LARGE or (reply.code == 552 and not reply.enhanced.endswith("2.2")):
        return "too_large"
    if reply.enhanced.endswith(".2.2") or wording.QUOTA.search(reply.text):
        return "quota"
    if reply.code == 421 or (reply.code < 500 and wording.THROTTLED.search(reply.text)):
        return "throttled"
    if reply.code == 530 and "STARTTLS" in reply.text.upper():
        return "starttls_missing"
    return "rejected"


def login_failure(reply: Reply) -> WireError:
    """Return what a negative reply to AUTH means."""
    text = f"{reply.enhanced} {reply.text}"
    error: WireError
    if wording.APP_PASSWORD.search(text):
        error = PermanentFailure("app_password_required", "an app password is needed", reply.said)
    elif wording.OAUTH.search(text):
        error = PermanentFailure("oauth_required", "passwords are not accepted", reply.said)
    elif reply.code < 500 or wording.THROTTLED.search(text):
        error = TransientFailure("throttled", "no login at the moment", reply.said)
    elif reply.code == 538:
        error = PermanentFailure("starttls_missing", "login needs TLS", reply.said)
    elif reply.code in (502, 503, 504):
        error = PermanentFailure("login_disabled", "this login is not offered", reply.said)
    else:
        error = PermanentFailure("wrong_password", "the server refused the login", reply.said)
    return _with_reply(error, reply)


def _with_reply(error: WireError, reply: Reply) -> WireError:
    error.smtp_code = reply.code
    error.enhanced_status = reply.enhanced
    return error
