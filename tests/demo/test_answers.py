"""What people of the demo answer."""

from __future__ import annotations

import pytest

from relance.demo import answers
from relance.mime.parse import parse

CAMILLE = "camille@clarte.example"
MARION = "marion.petit@belle-rive.example"


def _sent(
    number: int, text: str = "Bonjour, voici notre offre pour vous.", head: str = ""
) -> bytes:
    return (
        f"From: Camille Laurent <{CAMILLE}>\r\nTo: Marion Petit <{MARION}>\r\n"
        f"Subject: Re: Le hall\r\nMessage-ID: <{number}@clarte.example>\r\n"
        f"References: <first@belle-rive.example>\r\n{head}"
        "Date: Thu, 19 Nov 2026 10:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"\r\n{text}\r\n"
    ).encode()


def test_most_mails_are_answered_in_their_thread_some_seconds_later() -> None:
    found = [list(answers.to(_sent(n), CAMILLE, [MARION])) for n in range(40)]
    given = [one[0] for one in found if one]
    assert 22 < len(given) < 38
    assert all(5 < delay < 40 for _, delay in given)
    for raw, _ in given:
        answer = parse(raw)
        assert answer.references[0] == "first@belle-rive.example"
        assert answer.references[-1] == answer.in_reply_to[0]
        assert (answer.from_[0].name, answer.subject) == ("Marion Petit", "Re: Le hall")
        assert "Directrice technique, Hôtel Belle-Rive" in answer.text
        assert "> Bonjour, voici notre offre" in answer.text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Hello, thank you for the quote, we will see you on Monday.", "wrote:"),
        ("Guten Tag, wir danken und sind dabei.", "Marion"),
        ("Bonjour, merci, nous passons mardi.", "a écrit"),
    ],
)
def test_an_answer_is_in_the_language_of_the_mail(text: str, word: str) -> None:
    found = [a for n in range(8) for a, _ in answers.to(_sent(n, text), CAMILLE, [MARION])]
    assert found
    assert all(word in parse(raw).text for raw in found)


def test_robots_colleagues_and_one_s_own_are_not_answered() -> None:
    robot = [_sent(n, head="Auto-Submitted: auto-replied\r\n") for n in range(8)]
    assert not [x for raw in robot for x in answers.to(raw, CAMILLE, [MARION])]
    inside = "sophie@clarte.example"
    assert not [x for n in range(8) for x in answers.to(_sent(n), CAMILLE, [inside])]


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"Subject: \xff\xfe\r\n\r\n\x00{name}%s", b"x" * 5000]
)
def test_a_broken_mail_does_no_harm(raw: bytes) -> None:
    for answer, delay in answers.to(raw, CAMILLE, ["a{b}@x.example", "no-at-sign", MARION]):
        assert parse(answer).message_id
        assert delay > 0
