"""The demo's mail server, spoken to as the product speaks to any."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from relance.demo import maildir, server
from relance.mime.parse import parse
from relance.wire.errors import WireError
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from tests.demo.conftest import in_folder, newest, serving
from tests.demo.ports import two_free

EMAIL = "camille@clarte.example"


@pytest.fixture
def ports(data: Path) -> Iterator[tuple[int, int]]:
    both = two_free()
    with serving(data, *both):
        yield both


def _session(port: int, password: str = maildir.PASSWORDS[EMAIL]) -> ImapSession:
    login = Server(server.HOST, port, "none", EMAIL, password)
    return ImapSession(login, Guard(frozenset({server.HOST})))


def _state(port: int) -> dict[str, tuple[int, list[int]]]:
    """(UIDVALIDITY, UIDs) of each folder."""
    found = {}
    with _session(port) as session:
        for folder in session.list_folders():
            state = session.select(folder.path)
            found[folder.path] = (state.uidvalidity, session.uids())
    return found


def _send(port: int, to: str, text: str, number: int = 1) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Camille <{EMAIL}>", to, "Devis"
    message["Message-ID"] = f"<{number}@clarte.example>"
    message.set_content(text)
    with smtplib.SMTP(server.HOST, port) as client:
        client.login(EMAIL, maildir.PASSWORDS[EMAIL])
        client.send_message(message)


def _wait_for_answer(data: Path, known: list[bytes], seconds: float) -> list[bytes]:
    until = time.monotonic() + seconds
    while not (found := newest(data, "camille", known)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_folders_have_their_uses(ports: tuple[int, int]) -> None:
    with _session(ports[0]) as session:
        uses = {folder.special_use for folder in session.list_folders()}
    assert uses == {"inbox", "sent", "drafts", "archive", "spam", "trash"}


def test_uids_and_uidvalidity_stay_over_a_restart_and_a_kill(data: Path) -> None:
    both = two_free()
    with serving(data, *both):
        first = _state(both[0])
    with serving(data, *both) as process:
        assert _state(both[0]) == first
        maildir.deliver(data, EMAIL, b"Subject: new\r\n\r\nHello\r\n")
        grown = _state(both[0])
        process.kill()
        process.join(10)
    assert grown["INBOX"][1][:-1] == first["INBOX"][1]
    with serving(data, *both):
        assert _state(both[0]) == grown


def test_a_mail_can_be_marked_and_moved(ports: tuple[int, int]) -> None:
    with _session(ports[0]) as session:
        session.select("INBOX", readonly=False)
        uid = session.uids()[0]
        session.move([uid], "Archive")
        assert uid not in session.uids()


def test_a_wrong_password_is_refused(ports: tuple[int, int]) -> None:
    with pytest.raises(WireError), _session(ports[0], "wrong"):
        pass
    with smtplib.SMTP(server.HOST, ports[1]) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(EMAIL, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail(EMAIL, ["sophie@clarte.example"], "Subject: x\r\n\r\nx")


def test_a_mail_to_a_colleague_reaches_her_and_nobody_else(
    data: Path, ports: tuple[int, int]
) -> None:
    known = {who: in_folder(data, who) for who in ("camille", "sophie", "hugo")}
    _send(ports[1], "Sophie@Clarte.example", "Le chiffre est prêt.")
    arrived = newest(data, "sophie", known["sophie"])
    assert [parse(raw).subject for raw in arrived] == ["Devis"]
    assert newest(data, "hugo", known["hugo"]) == []


def test_what_is_meant_for_the_real_world_comes_back_with_the_reason(
    data: Path, ports: tuple[int, int]
) -> None:
    known = in_folder(data, "camille")
    _send(ports[1], "somebody@gmail.com", "Hello")
    report = parse(_wait_for_answer(data, known, 10)[0])
    assert report.is_bounce
    assert report.in_reply_to == ("1@clarte.example",)
    assert "nothing leaves this machine" in report.text


def test_term_ends_the_server(data: Path) -> None:
    both = two_free()
    with serving(data, *both) as process:
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
