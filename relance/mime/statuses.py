"""What a refusal means: enhanced status codes (RFC 3463), reply codes (RFC 5321) and their words.

Servers use codes as they please: "550 5.7.1 No such user", "554 mailbox full", 5.2.2 for what
will pass. So the words decide first, where they are plain; then the enhanced status; then the
reply code. What stays unknown is temporary: an address is never given up for a doubt.
"""

import functools
import re
from enum import StrEnum
from importlib.resources import files
from typing import NamedTuple


class Kind(StrEnum):
    """How a report is shown; "delivered" and "" (nothing said) are no failures."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    DELIVERED = "delivered"


class Cause(StrEnum):
    """Why a mail did not arrive."""

    NO_SUCH_USER = "no_such_user"
    NO_SUCH_DOMAIN = "no_such_domain"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    SERVER_DOWN = "server_down"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    SPAM = "spam"
    OPTED_OUT = "opted_out"
    OTHER = "other"


class Verdict(NamedTuple):
    """What to show, and why it failed."""

    kind: Kind
    cause: Cause


UNFOUND = (Cause.NO_SUCH_USER, Cause.NO_SUCH_DOMAIN)
_HARD = {*UNFOUND, Cause.BLOCKED, Cause.SPAM, Cause.OPTED_OUT}
_MOST_WORDS = 2_000
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([245]\d\d)(?=[ \-,:;#]|\Z)(?!\.\d)")


def _read(text: str) -> tuple[tuple[Cause, re.Pattern[str]], ...]:
    """The sections of `refusals.txt`, in order, the lines of each as one pattern."""
    found: dict[Cause, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(Cause(line[1:-1]), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return tuple((cause, re.compile("|".join(some), re.I)) for cause, some in found.items())


@functools.cache
def _says() -> tuple[tuple[Cause, re.Pattern[str]], ...]:
    return _read(files("relance.mime").joinpath("refusals.txt").read_text("utf-8"))


_PERMANENT: dict[tuple[int, int], Cause] = {
    **{(1, detail): Cause.NO_SUCH_USER for detail in (0, 1, 3, 6)},
    (1, 2): Cause.NO_SUCH_DOMAIN,
    (1, 10): Cause.NO_SUCH_DOMAIN,
    (4, 4): Cause.NO_SUCH_DOMAIN,
    (4, 310): Cause.NO_SUCH_DOMAIN,
}
_TEMPORARY: dict[tuple[int, int], Cause] = {
    (2, 2): Cause.MAILBOX_FULL,
    (2, 3): Cause.TOO_LARGE,
    (3, 4): Cause.TOO_LARGE,
    (4, 1): Cause.SERVER_DOWN,
    (4, 7): Cause.EXPIRED,
    (4, 316): Cause.EXPIRED,
}
_VAGUE = {(0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (3, 0), (4, 4), (7, 1), (7, 0)}


def find_status(text: str) -> str:
    """The first enhanced status in `text`, "" when there is none."""
    found = _STATUS.search(text[:_MOST_WORDS])
    return found[0] if found else ""


def find_reply(text: str) -> int:
    """The first reply code in `text` (RFC 5321, 4.2), 0 when there is none."""
    found = _REPLY.search(text[:_MOST_WORDS])
    return int(found[1]) if found else 0


def said(text: str) -> Cause | None:
    """The cause that plain words give (`refusals.txt`), None when they give none."""
    words = " ".join(text[:_MOST_WORDS].split())
    return next((cause for cause, pattern in _says() if pattern.search(words)), None)


def verdict(status: str, text: str, *, reply: int = 0) -> Verdict:
    """What a refusal means. `status` is enhanced ("5.2.2") or "", `reply` the reply code or 0,
    `text` everything the server said. A status within the words completes a vague one."""
    status = _best_status(status, text)
    reply = reply or find_reply(text)
    cause = said(text)
    found = _STATUS.match(status)
    if found is None:
        return _by_reply(reply, cause)
    temporary = found[1] == "4"
    code = (int(found[2]), int(found[3]))
    if cause in (None, Cause.OTHER) or (cause in UNFOUND and _speaks_against(code, text)):
        cause = _by_code(code, switched_off=cause is Cause.OTHER)
    return Verdict(Kind.HARD if cause in _HARD and not temporary else Kind.SOFT, cause)


def _speaks_against(code: tuple[int, int], text: str) -> bool:
    """A code plain enough to stand against words such as "mailbox unavailable"."""
    return code not in _VAGUE or (code[0] == 7 and "available" in text.lower())


def _best_status(status: str, text: str) -> str:
    """The status of the report, or a plainer one quoted from the server's answer."""
    found = _STATUS.search(status)
    if found is None or (found[2], found[3]) == ("0", "0"):
        return find_status(text) or (found[0] if found else "")
    return found[0]


def _by_code(code: tuple[int, int], *, switched_off: bool) -> Cause:
    """What the status says; of an address that is said to be switched off, only a refusal."""
    subject = code[0]
    if subject in (6, 7):
        return Cause.BLOCKED
    if switched_off:
        return Cause.OTHER
    found = _PERMANENT.get(code) or _TEMPORARY.get(code)
    return found or (Cause.SERVER_DOWN if subject == 4 else Cause.OTHER)


def _by_reply(reply: int, cause: Cause | None) -> Verdict:
    """Without an enhanced status: 552 alone is a full mailbox; nothing else speaks for itself."""
    if cause is None:
        cause = Cause.MAILBOX_FULL if reply in (452, 552) else Cause.OTHER
    temporary = 400 <= reply < 500
    return Verdict(Kind.HARD if cause in _HARD and not temporary else Kind.SOFT, cause)
