"""What the pages say when a server refuses: each trouble in its own words, with a way out."""

from __future__ import annotations

import threading

import pytest
from django.utils import translation

from relance.mail import connection
from relance.mail.models import MailAccount
from relance.web.mailboxes import trying, wording
from relance.wire import check
from tests.servers.scripted import Line, Scripted
from tests.web.mailboxes.conftest import Wizard

pytestmark = pytest.mark.django_db
#: What may come of a try; the other codes of the wire come of sending.
CODES = {
    *("wrong_password", "app_password_required", "oauth_required", "login_disabled"),
    *("wrong_port", "tls_failure", "certificate", "starttls_missing", "timeout", "refused"),
    *("refused_host", "unknown_host", "disconnected", "quota", "throttled", "rejected"),
    *("protocol", "clear_text", "busy"),
}


def _scripted_imap(wizard: Wizard, *lines: bytes, security: str = "none") -> str:
    """What the page says of an IMAP server that greets, then answers so to any command."""

    def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1] ready")
        while command := line.read():
            tag = command.split()[0]
            line.say(*(one.replace(b"TAG", tag) for one in lines))

    with Scripted(script) as server:
        wizard.credentials()
        page = wizard.servers(imap_port=server.port, imap_security=security)
    assert page.status_code == 422
    assert not MailAccount.objects.exists()
    return str(page.content.decode())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_trouble_has_words_of_its_own(language: str) -> None:
    with translation.override(language):
        texts = {code: wording.trouble(code) for code in CODES}
    assert len(set(texts.values())) == len(CODES)


def test_an_app_password_is_asked_for_with_the_way_to_make_one(wizard: Wizard) -> None:
    wizard.visitor.get("/mailboxes/new/")
    wizard.post("provider", provider="gmail")
    wizard.post("credentials", sender_name="C", address="c@clarte.example", password="x")
    said = b"TAG NO [ALERT] Application-specific password required: support.example"
    with Scripted(lambda line: _refuse(line, said)) as server:
        page = wizard.servers(imap_port=server.port).content.decode()
    assert "The server wants an app password" in page
    assert "https://myaccount.google.com/apppasswords" in page
    assert 'href="/mailboxes/new/credentials/"' in page


def _refuse(line: Line, answer: bytes) -> None:
    line.say(b"* OK [CAPABILITY IMAP4rev1] ready")
    while command := line.read():
        line.say(answer.replace(b"TAG", command.split()[0]))


def test_the_words_of_the_server_are_shown_as_text(wizard: Wizard) -> None:
    page = _scripted_imap(wizard, b"TAG NO <script>alert(1)</script> Bonjour")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_server_without_starttls_never_sees_the_password(wizard: Wizard) -> None:
    page = _scripted_imap(wizard, b"TAG BAD no", security="starttls")
    assert "offers no STARTTLS" in page


def test_a_silent_server_is_a_timeout_that_proposes_the_usual_port(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_ANSWER_WITHIN", 0.3)
    with Scripted(Line.wait) as server:
        wizard.credentials()
        page = wizard.servers(imap_port=server.port, imap_security="tls").content.decode()
    assert "did not answer in time" in page
    assert "port 993 with TLS, or port 143 with STARTTLS" in page


def test_a_certificate_for_nobody_is_named(wizard: Wizard) -> None:
    wizard.credentials()
    tls = wizard.mailbox.server(security="tls")
    page = wizard.servers(imap_port=tls.port, imap_security="tls").content.decode()
    assert "certificate is not valid" in page.replace("&#x27;", "'")


def test_the_side_that_let_us_in_says_so(wizard: Wizard) -> None:
    wizard.credentials()
    page = wizard.servers(smtp_port=1).content.decode()
    assert page.count("Connection verified") == 1
    assert page.index("Connection verified") < page.index("Nobody listens on this port")


def test_the_fields_to_look_at_are_marked(wizard: Wizard) -> None:
    wizard.credentials()
    page = wizard.servers(smtp_port=1).content.decode()
    marked = [part for part in page.split("<") if 'aria-invalid="true"' in part]
    assert sorted(name for name in ("smtp_port", "smtp_security") for m in marked if name in m) == [
        "smtp_port",
        "smtp_security",
    ]
    assert len(marked) == 2


def test_the_port_that_was_not_tried_is_proposed() -> None:
    with translation.override("en"):
        assert trying._advice("outgoing", (465, "tls")) == "Try port 587 with STARTTLS."
        assert trying._advice("outgoing", (587, "starttls")) == "Try port 465 with TLS."
        assert trying._advice("incoming", (993, "tls")) == "Try port 143 with STARTTLS."
        assert "port 465 with TLS, or port 587" in trying._advice("outgoing", (25, "none"))


def test_those_who_try_leave_threads_to_those_who_read(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_places", threading.BoundedSemaphore(1))
    wizard.credentials()
    with connection._places:
        page = wizard.servers()
        assert page.status_code == 422
        assert "Nothing was tried" in page.content.decode()
        assert "Connection verified" not in page.content.decode()
    assert wizard.servers().status_code == 302, "the place was given back"
