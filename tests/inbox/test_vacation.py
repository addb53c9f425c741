"""Answers while somebody is away: to people, once, never round in circles (RFC 3834; X9)."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from relance.addresses import book, suppression
from relance.inbox import vacation
from relance.inbox.models import VacationResponse, VacationSent
from relance.lib import clock
from relance.mail.models import MailAccount, Outgoing
from relance.mail.outbox import bytes_of
from relance.mime.parse import parse
from relance.users.models import User
from tests.inbox import builders
from tests.mail.local import Local, letter, local

pytestmark = pytest.mark.django_db
ME, ALICE = "me@clarte.example", "alice@client.example"
TEXTS = {
    "people": {"fr": "Bonjour {Person.firstName|à vous},\nabsent.", "en": "Hello, I am away."},
    "others": {"fr": "Absent.", "en": ""},
}


@pytest.fixture
def here(patricia: User) -> Local:
    return local(patricia, ME)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch, here: Local) -> None:
    """The clock stands where the mailbox's days are."""
    monkeypatch.setattr(clock, "now", lambda: here.day + timedelta(minutes=1))


def away(here: Local, **changes: Any) -> VacationResponse:
    today = here.day.date()
    values: dict[str, Any] = {
        "is_on": True,
        "starts_on": today - timedelta(days=1),
        "ends_on": today + timedelta(days=20),
        "time_zone": "Europe/Paris",
        "texts": TEXTS,
    }
    made, _ = VacationResponse.objects.update_or_create(
        account=here.account, defaults={**values, **changes}
    )
    return made


def note(number: int = 1, **fields: Any) -> bytes:
    return letter(f"question-{number}@client.example", **fields)


def answers(here: Local) -> list[Outgoing]:
    return list(Outgoing.objects.filter(account=here.account).order_by("pk"))


def people(outgoing: Outgoing) -> list[str]:
    return list(outgoing.recipients.values_list("address__address", flat=True))


def test_somebody_who_writes_by_name_is_answered(here: Local) -> None:
    away(here)
    copy = here.one(note())
    (answer,) = answers(here)
    assert people(answer) == [ALICE]
    assert answer.thread_id == copy.thread_id
    sent = parse(bytes_of(answer))
    assert sent.is_auto, "it says itself that it is automatic"
    assert sent.headers["auto-submitted"] == "auto-replied"
    assert sent.headers["x-auto-response-suppress"] == "All"
    assert sent.in_reply_to == ("question-1@client.example",)
    assert answer.subject == "Absence\u00a0: Devis"
    assert "Absent." in sent.text


def test_nobody_is_answered_outside_the_absence(here: Local) -> None:
    here.one(note(1))
    tomorrow = here.day.date() + timedelta(days=1)
    away(here, starts_on=tomorrow)
    here.one(note(2))
    away(here, starts_on=tomorrow - timedelta(days=9), ends_on=tomorrow - timedelta(days=2))
    here.one(note(3))
    away(here, is_on=False)
    here.one(note(4))
    assert answers(here) == []


def test_the_absence_ends_with_its_last_day_on_the_clock_of_its_zone() -> None:
    response = VacationResponse(
        is_on=True,
        starts_on=date(2026, 12, 21),
        ends_on=date(2027, 1, 4),
        time_zone="Europe/Paris",
    )
    assert not response.is_active_at(datetime(2026, 12, 20, 22, 59, tzinfo=UTC))
    assert response.is_active_at(datetime(2026, 12, 20, 23, 0, tzinfo=UTC))
    assert response.is_active_at(datetime(2027, 1, 4, 22, 59, tzinfo=UTC))
    assert not response.is_active_at(datetime(2027, 1, 4, 23, 0, tzinfo=UTC))


def test_each_correspondent_is_answered_once_a_week_and_once_an_absence(here: Local) -> None:
    response = away(here)
    here.one(note(1))
    here.one(note(2))
    here.wait(days=8)
    here.one(note(3))
    assert len(answers(here)) == 1, "still the same absence"
    away(here, starts_on=here.day.date())
    here.one(note(4))
    assert len(answers(here)) == 2
    away(here, starts_on=here.day.date() + timedelta(days=1))
    here.wait(days=2)
    here.one(note(5))
    assert len(answers(here)) == 2, "a new absence, but the same week"
    assert vacation.answered_count(response) == VacationSent.objects.count() == 1


@pytest.mark.parametrize(
    "raw",
    [
        note(to="sales@clarte.example"),
        note(sender="noreply@client.example"),
        note(sender=ME, to=ME),
        b"Auto-Submitted: auto-replied\r\n" + note(),
        b"Precedence: bulk\r\n" + note(),
        b"List-Id: <x.example>\r\n" + note(),
        b"Return-Path: <>\r\n" + note(),
        b"X-Auto-Response-Suppress: OOF\r\n" + note(),
        b"X-Spam-Flag: YES\r\n" + note(),
        b"Authentication-Results: mx; dmarc=fail header.from=client.example\r\n" + note(),
    ],
    ids=["not to me", "no-reply", "from me", "automatic", "bulk", "list", "null sender",
         "suppressed", "spam", "forged"],
)  # fmt: skip
def test_machines_lists_spam_and_mail_not_to_me_are_not_answered(here: Local, raw: bytes) -> None:
    away(here, audience="everyone")
    here.one(raw)
    assert answers(here) == []


@pytest.mark.parametrize("folder", ["sent", "archive"])
def test_only_the_inbox_is_answered(here: Local, folder: str) -> None:
    away(here)
    here.one(note(), folder=folder)
    assert answers(here) == []


def test_history_is_not_answered(here: Local) -> None:
    away(here)
    here.receive(note(), history=True)
    assert answers(here) == []


def test_an_address_that_takes_no_mail_or_wants_none_is_not_answered(here: Local) -> None:
    away(here)
    for mark in (suppression.mark_blocked, suppression.mark_opted_out, suppression.mark_invalid):
        mark(book.row_for(ALICE).pk)
        here.one(note())
    assert answers(here) == []


def test_who_gets_which_text(here: Local, patricia: User) -> None:
    builders.person(patricia, "contact@client.example", first_name="Élodie")
    colleague, numbers = "bruno@clarte.example", itertools.count(1)

    def told(audience: str) -> dict[str, str]:
        Outgoing.objects.all().delete()
        VacationSent.objects.all().delete()
        away(here, audience=audience)
        for sender in ("contact@client.example", ALICE, colleague):
            here.one(note(next(numbers), sender=sender, to=ME))
        return {people(o)[0].split("@")[0]: o.text.split("\n")[0] for o in answers(here)}

    known, unknown = "Bonjour Élodie,", "Absent."
    assert told("outside") == {"contact": known, "alice": unknown}
    assert told("people") == {"contact": known}
    assert told("everyone") == {"contact": known, "alice": unknown, "bruno": "Bonjour à vous,"}


def test_the_answer_is_in_the_language_of_the_question_where_there_is_a_text(
    here: Local, patricia: User
) -> None:
    builders.person(patricia, "contact@client.example")
    away(here)
    body = b"\r\n\r\nHello, could you please send us the offer for this week? Thanks\r\n"
    for number, sender in enumerate(("contact@client.example", ALICE)):
        head = note(number, sender=sender).partition(b"\r\n\r\n")[0]
        here.one(head + body)
    assert [o.text.strip() for o in answers(here)] == ["Hello, I am away.", "Absent."]
    assert [o.subject for o in answers(here)] == ["Out of office: Devis"] * 2


def test_a_strangers_subject_is_never_read_for_placeholders(here: Local) -> None:
    away(here)
    here.one(note(subject="{User.phone} {Person.firstName}"))
    (answer,) = answers(here)
    assert answer.subject == "Absence\u00a0: {User.phone} {Person.firstName}"


def test_without_a_text_nothing_is_sent(here: Local) -> None:
    away(here, texts={"people": {"fr": "x"}, "others": {"fr": "  "}})
    here.one(note())
    assert answers(here) == []
    assert not VacationSent.objects.exists()


@pytest.mark.parametrize("change", ["inactive", "may not send", "login refused"])
def test_who_cannot_send_answers_nobody(here: Local, change: str) -> None:
    away(here)
    if change == "login refused":
        MailAccount.objects.update(state=MailAccount.State.AUTH_ERROR)
    else:
        User.objects.update(**{"is_active" if change == "inactive" else "may_send": False})
    here.account = MailAccount.objects.select_related("owner").get(pk=here.account.pk)
    here.one(note())
    assert answers(here) == []


def test_two_absent_people_do_not_answer_each_other_for_ever(here: Local) -> None:
    there = local(builders.user("bruno@client.example"), "bruno@client.example")
    for box in (here, there):
        away(box, audience="everyone", starts_on=here.day.date(), ends_on=here.day.date())
    there.day = here.day
    there.one(letter("first@clarte.example", sender=ME, to="bruno@client.example"))
    for _ in range(10):
        for box, other in ((here, there), (there, here)):
            for answer in answers(box):
                other.one(bytes_of(answer))
    assert len(answers(there)) == 1
    assert answers(here) == []


def test_a_responder_that_does_not_say_so_is_answered_once(here: Local) -> None:
    away(here)
    for number in range(20):
        here.one(note(number, subject="I am on holiday"))
    assert len(answers(here)) == 1


def test_an_absence_of_any_mailbox_shows(here: Local, patricia: User) -> None:
    assert vacation.active_for(patricia) is None
    response = away(here)
    assert vacation.active_for(patricia) == response
    away(here, is_on=False)
    assert vacation.active_for(patricia) is None
