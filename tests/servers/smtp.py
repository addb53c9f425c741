"""SMTP servers for tests: one that records and refuses on demand, and Postfix's smtp-sink.

``SmtpServer`` plays each step of the conversation from a table, so that a test can put a refusal,
a silence or a broken connection exactly where it wants. ``smtp_sink`` is somebody else's code.
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.servers.certificates import Certificate, self_signed
from tests.servers.process import (
    answers,
    free_port,
    private_folder,
    start,
    stop,
    unprivileged,
    wait_until,
)

DROP = "drop"
STALL = "stall"

STAGES = (
    "connect",
    "banner",
    "ehlo",
    "starttls",
    "auth",
    "mail",
    "rcpt",
    "data",
    "body",
    "final",
    "quit",
)


class _Gone(Exception):
    """The conversation ends here."""


@dataclass
class Received:
    """One message taken: its envelope and its bytes, dots unstuffed, line ends as they came."""

    mail_from: str
    rcpt_to: list[str]
    data: bytes
    parameters: str = ""
    user: str = ""


@dataclass
class _Conversation:
    sock: socket.socket
    buffer: bytearray = field(default_factory=bytearray)
    user: str = ""
    mail_from: str | None = None
    parameters: str = ""
    rcpt_to: list[str] = field(default_factory=list)
    secured: bool = False

    def read_line(self) -> bytes:
        while b"\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                raise _Gone
            self.buffer += data
        line, _, rest = bytes(self.buffer).partition(b"\n")
        self.buffer = bytearray(rest)
        return line + b"\n"

    def say(self, text: str) -> None:
        self.sock.sendall(text.encode() + b"\r\n")


class SmtpServer:
    """A recording submission server.

    ``at[stage]`` replaces what happens there: a reply (``"451 4.3.0 later"``), :data:`DROP` or
    :data:`STALL`. ``at_rcpt[address]`` does so for one recipient. ``once=True`` forgets a
    replacement after its first use. At ``body`` a reply is sent in mid-message and the connection
    closed. ``final`` with DROP or STALL records the message first: it *was* taken.
    """

    def __init__(
        self,
        *,
        users: dict[str, str] | None = None,
        features: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "SIZE 50000000", "STARTTLS"),
        mechanisms: str = "PLAIN LOGIN",
        implicit_tls: bool = False,
    ) -> None:
        self.users = users if users is not None else {"alice": "secret"}
        self.features = features
        self.mechanisms = mechanisms
        self.implicit_tls = implicit_tls
        self.at: dict[str, str] = {}
        self.at_rcpt: dict[str, str] = {}
        self.once = False
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.connections = 0
        self.certificate: Certificate = self_signed(private_folder("smtp", unprivileged()))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate.cert, self.certificate.key)
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.host = "127.0.0.1"
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Forget replacements and records, and hang up on whoever is still there."""
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self.at.clear()
        self.at_rcpt.clear()
        self.once = False
        self.received.clear()
        self.commands.clear()
        self.connections = 0

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # replies are small
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        conversation = _Conversation(sock)
        self._open.add(sock)
        try:
            self._begin(conversation)
            while True:
                self._command(conversation, conversation.read_line())
        except (_Gone, OSError):
            pass
        finally:
            self._open.discard(sock)
            conversation.sock.close()

    def _begin(self, one: _Conversation) -> None:
        self._play("connect", one)
        if self.implicit_tls:
            one.sock = self._context.wrap_socket(one.sock, server_side=True)
            one.secured = True
        if not self._play("banner", one):
            one.say("220 test ESMTP")

    def _play(self, stage: str, one: _Conversation, *, address: str = "") -> bool:
        """Play a replacement; True when it has answered in place of the usual reply."""
        table, key = (self.at_rcpt, address) if address in self.at_rcpt else (self.at, stage)
        action = table.get(key)
        if action is None:
            return False
        if self.once:
            table.pop(key, None)
        if action == DROP:
            raise _Gone
        if action == STALL:
            self._stopping.wait(120)
            raise _Gone
        one.say(action)
        if action.startswith("421"):
            raise _Gone
        return True

    def _command(self, one: _Conversation, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        verb = text.split(" ", 1)[0].split(":")[0].upper()
        self.commands.append(text if verb != "AUTH" else "AUTH")
        handler = getattr(self, f"_on_{verb.lower()}", None)
        if handler is None:
            one.say("250 2.0.0 fine" if verb in ("RSET", "NOOP") else "502 5.5.2 what?")
        else:
            handler(one, text)
        if verb == "RSET":
            one.mail_from, one.rcpt_to = None, []

    def _on_ehlo(self, one: _Conversation, _text: str) -> None:
        if self._play("ehlo", one):
            return
        lines = ["test", *(f for f in self.features if f != "STARTTLS" or not one.secured)]
        if self.mechanisms and (one.secured or "STARTTLS" not in self.features):
            lines.append(f"AUTH {self.mechanisms}")
        one.say("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def _on_helo(self, one: _Conversation, _text: str) -> None:
        one.say("250 test")

    def _on_starttls(self, one: _Conversation, _text: str) -> None:
        if self._play("starttls", one):
            return
        one.say("220 2.0.0 go ahead")
        one.sock = self._context.wrap_socket(one.sock, server_side=True)
        one.secured = True

    def _on_auth(self, one: _Conversation, text: str) -> None:
        if self._play("auth", one):
            return
        words = text.split()
        if words[1].upper() == "PLAIN":
            token = words[2] if len(words) > 2 else self._ask(one, "")
            _, user, password = base64.b64decode(token).decode().split("\0")
        else:
            user = base64.b64decode(self._ask(one, "VXNlcm5hbWU6")).decode()
            password = base64.b64decode(self._ask(one, "UGFzc3dvcmQ6")).decode()
        if self.users.get(user) == password:
            one.user = user
            one.say("235 2.7.0 welcome")
        else:
            one.say("535 5.7.8 authentication failed")

    def _ask(self, one: _Conversation, question: str) -> str:
        one.say(f"334 {question}")
        return one.read_line().decode().strip()

    def _on_mail(self, one: _Conversation, text: str) -> None:
        if self._play("mail", one):
            return
        address, _, one.parameters = text.partition(":")[2].partition(">")
        one.mail_from = address.strip().lstrip("<")
        one.rcpt_to = []
        one.say("250 2.1.0 ok")

    def _on_rcpt(self, one: _Conversation, text: str) -> None:
        address = text.partition(":")[2].partition(">")[0].strip().lstrip("<")
        if self._play("rcpt", one, address=address):
            return
        one.rcpt_to.append(address)
        one.say("250 2.1.5 ok")

    def _on_data(self, one: _Conversation, _text: str) -> None:
        if self._play("data", one):
            return
        one.say("354 go ahead")
        if "body" in self.at:
            one.sock.recv(1000)
            self._play("body", one)
            raise _Gone
        data = self._read_message(one)
        refused = self.at.get("final", "").startswith(("4", "5"))
        if not refused:
            message = Received(one.mail_from or "", one.rcpt_to, data, one.parameters, one.user)
            self.received.append(message)
        if not self._play("final", one):
            one.say(f"250 2.0.0 queued as {len(self.received)}")

    def _read_message(self, one: _Conversation) -> bytes:
        lines = bytearray()
        while (line := one.read_line()) != b".\r\n":
            lines += line[1:] if line.startswith(b".") else line
        return bytes(lines)

    def _on_quit(self, one: _Conversation, _text: str) -> None:
        if not self._play("quit", one):
            one.say("221 2.0.0 bye")
        raise _Gone

    def stop(self) -> None:
        """Listen no more, and end silences."""
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@contextmanager
def smtp_sink(*options: str) -> Iterator[int]:
    """Run Postfix's smtp-sink with its own options (``-q rcpt`` …); yield its port."""
    account, port = unprivileged(), free_port()
    log = private_folder("sink", account) / "sink.log"
    command = ["/usr/sbin/smtp-sink", *options, f"127.0.0.1:{port}", "100"]
    process = start(command, account, log=log)
    try:
        wait_until(lambda: answers(port), process, log)
        yield port
    finally:
        stop(process)
