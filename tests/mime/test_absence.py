"""Which mails a machine may answer (RFC 3834), and in which language they are written."""

import pytest

from relance.mime.absence import language_of, may_answer
from tests.mime.letters import grows_linearly, headed, letter


def test_a_mail_by_a_person_may_be_answered() -> None:
    assert may_answer(letter())
    assert may_answer(letter(b"x", b"Auto-Submitted: no", b"Return-Path: <camille@clarte.example>"))
    assert may_answer(letter(b"x", b"X-Auto-Response-Suppress: DR, NDR, RN, NRN"))


@pytest.mark.parametrize(
    "line",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated (vacation)",
        b"Precedence: bulk",
        b"Precedence: list",
        b"Precedence: junk",
        b"Precedence: auto_reply",
        b"List-Id: <news.x.example>",
        b"List-Unsubscribe: <mailto:off@x.example>",
        b"Return-Path: <>",
        b"Return-Path: < >",
        b"X-Auto-Response-Suppress: All",
        b"X-Auto-Response-Suppress: DR, OOF",
        b"X-Auto-Response-Suppress: AutoReply",
        b"X-Autoreply: yes",
        b"X-Autorespond: away",
        b"X-Loop: x@y.example",
        b"X-Failed-Recipients: a@b.example",
        b"Feedback-ID: 1:2:3",
        b"Content-Type: multipart/report; report-type=delivery-status",
        b"X-Spam-Flag: YES",
        b"Sender: owner-news@x.example",
    ],
)
def test_machines_lists_reports_and_spam_are_not_answered(line: bytes) -> None:
    assert not may_answer(letter(b"x", line))


@pytest.mark.parametrize(
    "local",
    ["mailer-daemon", "Postmaster", "noreply", "no-reply", "do-not-reply", "donotreply",
     "ne-pas-repondre", "news-request", "owner-list", "bounces+abc=1", "majordomo", "newsletter",
     "team-bounces", "notifications"],
)  # fmt: skip
def test_addresses_nobody_reads_are_not_answered(local: str) -> None:
    assert not may_answer(headed(f"From: X <{local}@x.example>".encode(), b"To: me@y.example"))


@pytest.mark.parametrize(
    "local", ["jean.norepy", "rootes", "annie.reply", "bouncer.jean", "newson"]
)
def test_addresses_that_only_look_alike_are_answered(local: str) -> None:
    assert may_answer(headed(f"From: X <{local}@x.example>".encode(), b"To: me@y.example"))


def test_a_mail_from_nobody_is_not_answered() -> None:
    assert not may_answer(headed(b"To: me@y.example"))
    assert not may_answer(headed(b"From: <>"))
    assert not may_answer(b"")


def test_the_language_is_told_by_common_words() -> None:
    assert language_of("Bonjour, pouvez-vous nous envoyer le devis pour cette semaine ?") == "fr"
    assert language_of("Hello, could you please send us the quote for this week?") == "en"
    assert language_of("OK") == ""
    assert language_of("Guten Tag, bitte senden Sie uns das Angebot") == ""


@pytest.mark.parametrize("filler", [b"a-", b"bounce", b"<", b"owner-", b" ", b"@"])
def test_a_hostile_header_costs_linear_time(filler: bytes) -> None:
    def work(size: int):  # type: ignore[no-untyped-def]
        raw = headed(b"From: " + filler * size, b"X-A: b\n" * size)
        return lambda: may_answer(raw)

    assert grows_linearly(work, 20_000)
