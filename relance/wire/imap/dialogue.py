"""IMAP commands and answers over one channel (RFC 9051), pipelining included.

The engine knows framing only: tags, lines, counted blocks, continuation. Blocks ("literals") are
bounded: of one beyond its limit only the beginning is kept, whatever the server announces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from relance.wire.channel import LINE_LIMIT, Channel
from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.imap.failures import goodbye, refusal

LITERAL_LIMIT: Final = 1 << 20
# What is kept of a block that passes its limit: room for any sane header.
LITERAL_PREFIX: Final = 256 * 1024
_MOST_LITERALS: Final = 64
_MOST_LITERAL_BYTES: Final = 1 << 33
_MOST_LINES: Final = 1_000_000

_LITERAL = re.compile(rb"~?\{(\d{1,19})\+?\}\r?\n$")
_STATUS = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)
_PLAIN = re.compile(rb"[\x20-\x7e]*")

_T = TypeVar("_T")


class Literal(NamedTuple):
    """A counted block: ``data`` may be a prefix, ``size`` is what the server announced."""

    data: bytes
    size: int


class Line(NamedTuple):
    """One response. In ``text``, literal number n stands as ``NUL n NUL``."""

    tag: bytes
    text: bytes
    literals: tuple[Literal, ...] = ()


@dataclass(frozen=True)
class Block:
    """A command argument to be sent as a literal."""

    data: bytes


@dataclass(frozen=True)
class Answer:
    """The tagged end of a command, and the untagged lines before it."""

    status: str
    text: str
    lines: tuple[Line, ...]

    def code(self, name: str) -> bytes | None:
        """Return the arguments of a response code such as ``COPYUID``, wherever it came."""
        pattern = re.compile(rb"\[" + name.encode() + rb"(?: ([^\]]*))?\]", re.IGNORECASE)
        texts = [line.text for line in self.lines if _STATUS.match(line.text)]
        for text in (self.text.encode("utf-8", "replace"), *texts):
            if match := pattern.search(text):
                return match[1] or b""
        return None


def astring(value: bytes) -> bytes | Block:
    """Return a command argument for any bytes: a quoted string, or a literal."""
    if _PLAIN.fullmatch(value):
        return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return Block(value)


class Dialogue:
    """Commands over a channel. After a broken read nothing more can be sent."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.literal_plus = False
        self._count = 0
        self._abandoned: set[bytes] = set()
        self._broken: WireError | None = None

    def send(self, *parts: bytes) -> bytes:
        """Send a command of plain parts without waiting; return its tag."""
        self._refuse_if_broken()
        self._settle()
        tag = self.next_tag()
        self._guarded(lambda: self.channel.send(b"%b %b\r\n" % (tag, b" ".join(parts))))
        return tag

    def read(self, *, literal_limit: int = LITERAL_LIMIT, line_limit: int = LINE_LIMIT) -> Line:
        """Read one response. Raises ``disconnected`` or ``throttled`` on BYE."""
        self._refuse_if_broken()
        line = self._guarded(lambda: self._read(literal_limit, line_limit))
        if line.text[:5].upper() == b"* BYE":
            self.broken_by(goodbye(line.text[5:].decode("utf-8", "replace")))
        return line

    def abandon(self, tags: set[bytes]) -> None:
        """Forget commands in flight: what still comes for them is read away before the next."""
        self._abandoned |= tags

    def _settle(self) -> None:
        """Read away what was abandoned. Servers mix the answers of commands in flight."""
        while self._abandoned:
            self._abandoned.discard(self.read().tag)

    def run(self, *parts: bytes | Block, line_limit: int = LINE_LIMIT) -> Answer:
        """Run one command to its end. A NO or BAD is returned, not raised."""
        self._refuse_if_broken()
        self._settle()
        tag = self.next_tag()
        early = self._send_parts(tag, parts)
        return early or self._collect(tag, line_limit)

    def ask(self, *parts: bytes | Block, line_limit: int = LINE_LIMIT) -> Answer:
        """Run one command; raise what a NO means, and ``protocol`` for BAD."""
        answer = self.run(*parts, line_limit=line_limit)
        require_ok(answer)
        return answer

    def broken_by(self, error: WireError) -> None:
        """Close the channel for good, and raise ``error``."""
        self._broken = error
        self.channel.close()
        raise error

    def next_tag(self) -> bytes:
        """Return a tag never used before on this connection."""
        self._count += 1
        return b"R%d" % self._count

    def _refuse_if_broken(self) -> None:
        if self._broken is not None:
            raise TransientFailure("disconnected", "the connection is already broken")

    def _guarded(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except WireError as error:
            self._broken = error
            self.channel.close()
            raise

    def _send_parts(self, tag: bytes, parts: tuple[bytes | Block, ...]) -> Answer | None:
        out = bytearray(tag)
        for part in parts:
            out += b" "
            if isinstance(part, bytes):
                out += part
                continue
            out += b"{%d%b}\r\n" % (len(part.data), b"+" if self.literal_plus else b"")
            if not self.literal_plus:
                early = self._await_continuation(tag, bytes(out))
                if early:
                    return early
                out.clear()
            out += part.data
        out += b"\r\n"
        self._guarded(lambda: self.channel.send(bytes(out)))
        return None

    def _await_continuation(self, tag: bytes, out: bytes) -> Answer | None:
        self._guarded(lambda: self.channel.send(out))
        while True:
            line = self.read()
            if line.tag == b"+":
                return None
            if line.tag == tag:
                return ended(line, [])

    def continuation(self, tag: bytes) -> Answer | None:
        """Wait until the server asks for more; an Answer means that it ended the command."""
        return self._await_continuation(tag, b"")

    def finish(self, tag: bytes, data: bytes) -> Answer:
        """Send the asked-for line and run the command to its end."""
        self._guarded(lambda: self.channel.send(data + b"\r\n"))
        return self._collect(tag, LINE_LIMIT)

    def _collect(self, tag: bytes, line_limit: int) -> Answer:
        lines: list[Line] = []
        while True:
            line = self.read(line_limit=line_limit)
            if line.tag == tag:
                return ended(line, lines)
            if line.tag == b"*":
                lines.append(line)
            if len(lines) > _MOST_LINES:
                self.broken_by(PermanentFailure("protocol", "an answer without end"))

    def _read(self, literal_limit: int, line_limit: int) -> Line:
        text = self.channel.line(line_limit)
        tag = text.partition(b" ")[0].rstrip(b"\r\n")
        if text[-3:] != b"}\r\n" or tag != b"*" or _STATUS.match(text):
            return Line(tag, text.rstrip(b"\r\n"))
        return self._read_literals(text, literal_limit, line_limit)

    def _read_literals(self, text: bytes, literal_limit: int, line_limit: int) -> Line:
        pieces: list[bytes] = []
        literals: list[Literal] = []
        while match := _LITERAL.search(text):
            size = int(match[1])
            if len(literals) >= _MOST_LITERALS or size > _MOST_LITERAL_BYTES:
                raise PermanentFailure("protocol", "a counted block passes all bounds")
            pieces.append(text[: match.start()] + b"\0%d\0" % len(literals))
            if size <= literal_limit:
                literals.append(Literal(self.channel.exact(size), size))
            else:
                literals.append(Literal(self.channel.prefix(size, LITERAL_PREFIX), size))
            text = self.channel.line(line_limit)
        pieces.append(text.rstrip(b"\r\n"))
        return Line(b"*", b"".join(pieces), tuple(literals))


def ended(line: Line, lines: list[Line]) -> Answer:
    """Read a tagged line as the end of its command."""
    words = line.text.decode("utf-8", "replace").split(" ", 2)
    status = words[1].upper() if len(words) > 1 else ""
    return Answer(status, words[2] if len(words) > 2 else "", tuple(lines))


def require_ok(answer: Answer, *, at_login: bool = False) -> None:
    """Raise what a NO means, and ``protocol`` for BAD."""
    if answer.status == "NO":
        raise refusal(answer.text, at_login=at_login)
    if answer.status != "OK":
        raise PermanentFailure("protocol", "the server does not understand", answer.text)
