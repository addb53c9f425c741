"""The corpus is what it says it is."""

import random
import re
from datetime import UTC, datetime
from itertools import islice

import pytest

from bench import corpus, letters, malformed
from relance.mime.parse import parse

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ODD = 107  # an ordinary mail in two parts


@pytest.fixture(scope="module")
def mails() -> list[corpus.Mail]:
    return list(corpus.mails(1_000))


def test_the_corpus_is_always_the_same(mails: list[corpus.Mail]) -> None:
    assert list(islice(corpus.mails(), 120)) == mails[:120]


def test_its_mails_weigh_what_business_mails_do(mails: list[corpus.Mail]) -> None:
    average = sum(len(raw) for raw, _, _ in mails) / len(mails)
    assert 48_000 < average < 58_000


def test_one_mail_in_fifty_is_malformed_in_one_of_eighteen_ways() -> None:
    assert len(set(malformed.KINDS)) == 18
    met = [malformed.KINDS[n // 50 % 18] for n in range(7, 1_000, 50)]
    assert set(met) == set(malformed.KINDS)


@pytest.mark.parametrize("kind", malformed.KINDS, ids=lambda kind: kind.__name__)
def test_a_malformed_mail_differs_from_an_ordinary_one(kind: malformed.Kind) -> None:
    spoiled = kind(ODD, random.Random(1), AT)
    assert spoiled != letters.ordinary(ODD, random.Random(1), AT)
    assert spoiled == kind(ODD, random.Random(1), AT)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (malformed.no_date, "date"),
        (malformed.no_message_id, "message_id"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_is_left_out_is_not_found(kind: malformed.Kind, field: str) -> None:
    whole = parse(letters.ordinary(ODD, random.Random(1), AT))
    assert getattr(whole, field)
    assert not getattr(parse(kind(ODD, random.Random(1), AT)), field)


def test_answers_refer_to_mails_of_the_corpus(mails: list[corpus.Mail]) -> None:
    sources = [raw for raw, _, _ in mails]
    own = set(re.findall(rb"^Message-ID: <(.+)>\r$", b"\n".join(sources), re.MULTILINE))
    answered = re.findall(rb"^In-Reply-To: <(.+)>\r$", b"\n".join(sources), re.MULTILINE)
    assert len(answered) > 500
    # Those whose Message-ID was taken away are answered all the same, as it happens.
    assert sum(one in own for one in answered) / len(answered) > 0.95


def test_conversations_are_of_one_to_forty_mails() -> None:
    firsts = [letters.conversation(n)[0] for n in range(870)]
    lengths = {firsts.count(first) for first in firsts}
    assert {1, 2, 3, 40} <= lengths
    assert max(lengths) == 40


def test_a_conversation_has_one_sender() -> None:
    assert {letters.sender(n) for n in letters.conversation(66)} == {letters.sender(66)}


def test_both_languages_and_several_charsets_are_there(mails: list[corpus.Mail]) -> None:
    text = b"\n".join(raw[:3_000] for raw, _, _ in mails)
    for charset in (b"utf-8", b"iso-8859-1", b"windows-1252", b"iso-8859-15"):
        assert b"charset=" + charset in text
    assert b"facilities" in text
    assert b"fa=E7ade" in text


def test_delivery_reports_are_read_as_such(mails: list[corpus.Mail]) -> None:
    reports = [parse(raw) for n, (raw, _, _) in enumerate(mails) if n % 97 == 3 and n % 50 != 7]
    assert len(reports) >= 10
    assert all(report.is_bounce for report in reports)


def test_only_the_last_mails_are_unread() -> None:
    assert [flags for _, flags, _ in corpus.mails(5)] == [("\\Seen",)] * 5
