"""Submitting messages, with an outcome that says what may be done next.

::

    connect → (tls) → greeting → (tls) → auth → mail → rcpt… → data → body → final dot → 250
       └────────┴─────────┴────────┴──────┴──────┴───────┴──────┴──────▶ Transient / Permanent
                                                           final dot sent, no answer
                                                                 └─────▶ UncertainOutcome

Each failure names its ``stage``, and the reply's code and enhanced status where there was one.
Recipients are answered one by one: a refused one does not keep the others from the message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from relance.wire.errors import PermanentFailure, TransientFailure, UncertainOutcome, WireError
from relance.wire.guard import Guard
from relance.wire.servers import Server
from relance.wire.smtp.dialogue import SmtpDialogue, stage
from relance.wire.smtp.login import open_dialogue
from relance.wire.smtp.replies import Refusal, Reply, failure, refusal_of

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>\"\\,;:@\x00-\x20\x7f-\x9f]{1,64}@[^\s<>\"\\,;@\x00-\x20\x7f]{1,255}")
_BODY_CHUNK: Final = 64 * 1024
_AT_ONCE: Final = 50  # commands sent before their replies are read
# RFC 5321, section 4.5.3.2.6: a server may take long over the final dot.
_FINAL_PATIENCE: Final = 5
# How long to look for a refusal sent just before the server hung up, in seconds.
_LAST_WORDS: Final = 2.0


@dataclass(frozen=True)
class Submitted:
    """What became of a message: recipients taken, and recipients refused with the reason."""

    accepted: tuple[str, ...]
    refused: dict[str, Refusal]
    server_text: str = ""


class SmtpSession:
    """A connection that submits messages one after the other, reconnecting when it must.

    One thread at a time. ``submit`` opens the connection by itself.
    """

    def __init__(self, server: Server, guard: Guard, timeout: float = 60.0) -> None:
        self.server = server
        self.guard = guard
        self.timeout = timeout
        self._dialogue: SmtpDialogue | None = None

    def open(self) -> None:
        """Connect, secure and log in. Raises what went wrong, with its stage."""
        self.close()
        self._dialogue = open_dialogue(self.server, self.guard, timeout=self.timeout)

    def ready(self) -> None:
        """Have a connection that stands: the one there is, else a fresh one, as ``open`` does."""
        if self._dialogue is None or not self._dialogue.is_idle():
            self.open()

    def close(self) -> None:
        """Say QUIT if the connection stands, and close. Never raises."""
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            dialogue.quit()

    @property
    def is_open(self) -> bool:
        """Whether a connection stands, as far as is known without asking."""
        return self._dialogue is not None

    @property
    def size_limit(self) -> int:
        """Bytes of the largest message the server takes (SIZE, RFC 1870); 0 when it says none."""
        limit = self._dialogue.features.get("SIZE", "") if self._dialogue else ""
        return int(limit) if limit.isdecimal() and limit.isascii() else 0

    def abort(self) -> None:
        """Close at once, from any thread."""
        if self._dialogue is not None:
            self._dialogue.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, *, mail_from: str, rcpt_to: Sequence[str], data: bytes) -> Submitted:
        """Submit one message (line ends are made CRLF); return each recipient's answer.

        ``accepted`` may be empty: then the message was not sent. An address that could smuggle a
        command is refused here (553, 5.1.3) and never written. ``mail_from`` may be empty, for
        the null sender. Raises ``TransientFailure``, ``PermanentFailure`` or
        ``UncertainOutcome`` for the message as a whole.
        """
        submission = _Submission(mail_from, canonical(data))
        fresh = self._dialogue is None or not self._dialogue.is_idle()
        try:
            return self._submit(submission, rcpt_to, fresh=fresh)
        except TransientFailure as error:
            if fresh or error.stage != "mail" or error.code not in ("disconnected", "throttled"):
                raise
        # A connection kept open had died unnoticed; nothing was sent on it.
        return self._submit(submission, rcpt_to, fresh=True)

    def _submit(self, submission: _Submission, rcpt_to: Sequence[str], *, fresh: bool) -> Submitted:
        if fresh:
            self.open()
        assert self._dialogue is not None
        try:
            return submission.run(self._dialogue, rcpt_to)
        except BaseException:
            self.close()
            raise


class _Submission:
    """One message on its way through one connection."""

    def __init__(self, mail_from: str, data: bytes) -> None:
        self._mail_from = mail_from
        self._data = data
        self._is_8bit = not data.isascii()
        self._header_is_8bit = not data.partition(b"\r\n\r\n")[0].isascii()

    def run(self, dialogue: SmtpDialogue, rcpt_to: Sequence[str]) -> Submitted:
        recipients = list(dict.fromkeys(rcpt_to))
        refused = {one: _UNSAFE for one in recipients if wire_address(one) is None}
        safe = [one for one in recipients if one not in refused]
        accepted = self._offer(dialogue, safe, refused)
        if not accepted:
            with stage("rcpt"):
                dialogue.command("RSET")
            return Submitted((), refused)
        with stage("data"):
            _expect(dialogue.command("DATA"), 354)
        with stage("body"):
            self._send_body(dialogue)
        with stage("final"):
            reply = _final_reply(dialogue)
        return Submitted(tuple(accepted), refused, reply.said)

    def _offer(
        self, dialogue: SmtpDialogue, recipients: list[str], refused: dict[str, Refusal]
    ) -> list[str]:
        """Name the sender and the recipients, in one go where the server allows it (RFC 2920);
        returns those accepted."""
        accepted = []
        some = _AT_ONCE if "PIPELINING" in dialogue.features else 1
        waiting = ["", *recipients]  # the sender's command comes first
        for start in range(0, len(waiting), some):
            group = waiting[start : start + some]
            with stage("rcpt" if start else "mail"):
                dialogue.send_commands(
                    *(self._rcpt(one) if one else self._mail(dialogue, recipients) for one in group)
                )
            for one in group:
                with stage("rcpt" if one else "mail"):
                    reply = dialogue.reply()
                    if not one:
                        _expect(reply, 250)
                    elif reply.is_positive:
                        accepted.append(one)
                    else:
                        refused[one] = refusal_of(reply)
        return accepted

    def _mail(self, dialogue: SmtpDialogue, recipients: list[str]) -> str:
        sender = wire_address(self._mail_from) if self._mail_from else ""
        if sender is None:
            raise PermanentFailure("rejected", "the sender is not an address")
        return f"MAIL FROM:<{sender}>{self._parameters(dialogue, sender, recipients)}"

    def _rcpt(self, recipient: str) -> str:
        return f"RCPT TO:<{wire_address(recipient)}>"

    def _parameters(self, dialogue: SmtpDialogue, sender: str, recipients: list[str]) -> str:
        features = dialogue.features
        limit = features.get("SIZE", "")
        if limit.isdigit() and 0 < int(limit) < len(self._data):
            raise PermanentFailure("too_large", f"the server takes at most {limit} bytes")
        parameters = f" SIZE={len(self._data)}" if "SIZE" in features else ""
        addresses = [sender, *(wire_address(one) or "" for one in recipients)]
        if self._header_is_8bit or not all(address.isascii() for address in addresses):
            _require(features, "SMTPUTF8")
            return f"{parameters} BODY=8BITMIME SMTPUTF8"
        if self._is_8bit:
            _require(features, "8BITMIME")
            parameters += " BODY=8BITMIME"
        return parameters

    def _send_body(self, dialogue: SmtpDialogue) -> None:
        dotted = b"\n." in self._data or self._data.startswith(b".")
        stuffed = _LEADING_DOT.sub(b"..", self._data) if dotted else self._data
        try:
            for start in range(0, len(stuffed), _BODY_CHUNK):
                dialogue.channel.send(stuffed[start : start + _BODY_CHUNK])
        except TransientFailure as error:
            raise _last_words(dialogue) or error from error


_UNSAFE: Final = Refusal(553, "5.1.3", "not an address that can be sent")


def canonical(data: bytes) -> bytes:
    """Return a message with CRLF line ends only, the last line ended."""
    if data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r") and data.endswith(b"\n"):
        return data
    text = _LINE_END.sub(b"\r\n", data)
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def wire_address(address: str) -> str | None:
    """Return an address as it may stand between angle brackets, or None when it must not.

    A domain in another script is written in ASCII where the local part allows it, so that
    servers without SMTPUTF8 (RFC 6531) take it.
    """
    if not _ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    if address.isascii() or not local.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def _require(features: dict[str, str], name: str) -> None:
    if name not in features:
        raise PermanentFailure("unsupported", f"the message needs {name}")


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise failure(reply)


def _last_words(dialogue: SmtpDialogue) -> WireError | None:
    """A server that hangs up inside a body has often refused it just before."""
    dialogue.channel.sock.settimeout(_LAST_WORDS)
    try:
        reply = dialogue.reply()
    except WireError as error:
        return error if error.smtp_code else None
    return failure(reply) if reply.code >= 400 else None


def _final_reply(dialogue: SmtpDialogue) -> Reply:
    """Send the final dot and learn the outcome; without an answer it cannot be known."""
    channel = dialogue.channel
    channel.wait_longer(_FINAL_PATIENCE)
    sent = False
    try:
        channel.send(b".\r\n")
        sent = True
        reply = dialogue.reply()
    except WireError as error:
        if error.smtp_code:
            raise
        if not sent and error.code == "disconnected":
            # The system took no byte of the dot: the server cannot have the whole message.
            error.stage = "body"
            raise _last_words(dialogue) or error from error
        detail = f"no answer to the final dot ({error.detail})"
        raise UncertainOutcome(error.code, detail, error.server_text) from error
    channel.wait_longer(1)
    if not reply.is_positive:
        raise failure(reply)
    return reply


def submit(
    server: Server, guard: Guard, *, mail_from: str, rcpt_to: Sequence[str], data: bytes
) -> Submitted:
    """Submit one message over a connection of its own; see :meth:`SmtpSession.submit`."""
    with SmtpSession(server, guard) as session:
        return session.submit(mail_from=mail_from, rcpt_to=rcpt_to, data=data)
