"""SMTP commands and replies over one channel."""

from __future__ import annotations

import contextlib
import re
import select
from collections.abc import Iterator
from typing import Final

from relance.wire.channel import Channel
from relance.wire.errors import PermanentFailure, WireError
from relance.wire.smtp.replies import REPLY_LINE, Reply, failure, read_reply

# RFC 5321 says 512 octets; some servers write much more.
_REPLY_LINE_LIMIT: Final = 8_192
_MOST_REPLY_LINES: Final = 200
_CONTROL = re.compile(r"[\x00-\x1f]")
_KEYWORD = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =](.*))?$")


class SmtpDialogue:
    """One connection to a submission server."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.features: dict[str, str] = {}

    def reply(self) -> Reply:
        """Read one reply. Raises ``protocol`` for what is not one, ``throttled`` for 421."""
        lines: list[bytes] = []
        while len(lines) < _MOST_REPLY_LINES:
            line = self.channel.line(_REPLY_LINE_LIMIT).rstrip(b"\r\n")
            match = REPLY_LINE.match(line)
            if match is None:
                raise PermanentFailure("protocol", "not an SMTP reply", line.decode("latin-1"))
            lines.append(match[3] or b"")
            if match[2] != b"-":
                return self._judged(read_reply(lines, int(match[1])))
        raise PermanentFailure("protocol", "a reply without end")

    def _judged(self, reply: Reply) -> Reply:
        if reply.code == 421:
            raise failure(reply)
        return reply

    def command(self, text: str) -> Reply:
        """Send one command line and read its reply."""
        self.send_commands(text)
        return self.reply()

    def send_commands(self, *texts: str) -> None:
        """Send command lines in one go (RFC 2920); the caller reads as many replies."""
        if any(_CONTROL.search(text) for text in texts):
            raise PermanentFailure("rejected", "a control character in a command")
        self.channel.send("".join(f"{text}\r\n" for text in texts).encode("utf-8"))

    def greet(self) -> None:
        """Say EHLO, or HELO where that is unknown, and learn what the server can do."""
        name = self.channel.sock.getsockname()[0]
        literal = f"[IPv6:{name}]" if ":" in name else f"[{name}]"
        reply = self.command(f"EHLO {literal}")
        self.features = {}
        if reply.code in (500, 501, 502, 504):
            reply = self.command(f"HELO {literal}")
        elif reply.is_positive:
            self.features = _features(reply)
        if not reply.is_positive:
            raise failure(reply)

    def is_idle(self) -> bool:
        """Whether the connection stands and the server has said nothing unasked."""
        if self.channel.buffered:
            return False
        try:
            return not select.select([self.channel.sock], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def quit(self) -> None:
        """Say goodbye without waiting for an answer, and close. Never raises."""
        with contextlib.suppress(WireError):
            self.channel.send(b"QUIT\r\n")
        self.channel.close()


def _features(reply: Reply) -> dict[str, str]:
    features: dict[str, str] = {}
    for line in reply.lines[1:]:
        if match := _KEYWORD.match(line):
            keyword = match[1].upper()
            features[keyword] = f"{features.get(keyword, '')} {match[2] or ''}".strip()
    return features


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Name the step of the conversation in any failure that passes."""
    try:
        yield
    except WireError as error:
        error.stage = error.stage or name
        raise
