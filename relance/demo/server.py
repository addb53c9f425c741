"""The demo's own mail server: IMAP by pymap on Maildir folders, SMTP by aiosmtpd.

Both listen on loopback alone. What is submitted for a mailbox of the demo is delivered there; for
anybody else it goes nowhere, and sometimes an answer comes back. Nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

from relance.demo import answers, maildir

HOST = "127.0.0.1"


def run(data: Path, imap_port: int, smtp_port: int) -> None:
    """Serve the folders of `data` until TERM or INT."""
    from aiosmtpd.controller import Controller

    logging.getLogger("mail.log").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="aiosmtpd")  # no TLS, on loopback
    controller = Controller(
        _Inbound(data),
        hostname=HOST,
        port=smtp_port,
        authenticator=_authenticate,
        auth_require_tls=False,
        auth_required=True,
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        _serve_imap(data, imap_port)
    finally:
        controller.stop()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, auth: Any) -> Any:
    from aiosmtpd.smtp import AuthResult

    login = auth.login.decode("utf-8", "replace").lower()
    password = auth.password.decode("utf-8", "replace")
    is_right = login in maildir.PASSWORDS and maildir.PASSWORDS[login] == password
    return AuthResult(success=is_right, handled=False)


class _Inbound:
    """Takes every mail; delivers what is for the demo's own people."""

    def __init__(self, data: Path) -> None:
        self.data = data

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        raw = bytes(envelope.content)
        for address in {a.lower() for a in envelope.rcpt_tos} & set(maildir.PASSWORDS):
            maildir.deliver(self.data, address, raw)
        sender = str(envelope.mail_from).lower()
        if sender in maildir.PASSWORDS:
            loop = asyncio.get_running_loop()
            for reply, delay in answers.to(raw, sender, envelope.rcpt_tos):
                loop.call_later(delay, maildir.deliver, self.data, sender, reply)
        return "250 2.0.0 taken, and it goes no further"


def _serve_imap(data: Path, port: int) -> None:
    from pymap import main as pymap

    sys.argv = [
        "pymap",
        *("--host", HOST, "--port", str(port), "--no-tls"),
        *("--no-service", "admin", "--no-service", "managesieve"),
        *("maildir", str(data / "mail")),
    ]
    pymap.main()
