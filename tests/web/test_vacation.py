"""The page of one's absences, and what the frame says of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from relance.crm.models import Person
from relance.inbox.models import VacationResponse
from relance.mail.models import MailAccount, Outgoing
from relance.users.models import User
from tests.web.conftest import LogIn

PAGE = "/preferences/vacation/"
Make = Callable[..., MailAccount]


@pytest.fixture
def mailbox(alice: User, make_account: Make) -> MailAccount:
    return make_account(alice)


def text(response: Any) -> str:
    found = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(found))


def typed(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "is_on": "on",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=14)).isoformat(),
        "audience": "outside",
        "subject": "",
        "people_fr": "Bonjour {Person.firstName|}, je suis absente.",
        "people_en": "Hello {Person.firstName|there}, I am away.",
        "others_fr": "Je suis absente.",
        "others_en": "",
        **changes,
    }


def test_an_absence_is_saved_and_the_frame_says_so(as_alice: Client, mailbox: MailAccount) -> None:
    assert "Absence active" not in text(as_alice.get(PAGE))
    page = text(as_alice.post(PAGE, typed(), follow=True))
    response = VacationResponse.objects.get(account=mailbox)
    assert response.is_on
    assert response.time_zone == "Europe/Paris"
    assert response.texts["people"]["en"] == "Hello {Person.firstName|there}, I am away."
    assert page.count("Absence active until") == 2, "in the frame and on the page"
    assert "Absence active until" in text(as_alice.get("/"))


def test_one_to_come_says_when_and_one_that_is_over_or_off_says_so(
    as_alice: Client, mailbox: MailAccount
) -> None:
    today = timezone.localdate()
    soon = typed(starts_on=today + timedelta(days=32), ends_on=today + timedelta(days=40))
    page = text(as_alice.post(PAGE, soon, follow=True))
    assert "Starts in 32 days" in page
    assert "Absence active" not in page
    past = typed(starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    assert "Over" in text(as_alice.post(PAGE, past, follow=True))
    off = typed()
    del off["is_on"]
    page = text(as_alice.post(PAGE, off, follow=True))
    assert "Absence active" not in page


def test_a_preview_shows_both_texts_and_saves_nothing(
    as_alice: Client, mailbox: MailAccount, eloise: Person
) -> None:
    page = text(as_alice.post(PAGE, typed(preview="1")))
    assert "Hello Éloïse, I am away." in page
    assert "Je suis absente." in page, "the only text for unknown senders"
    assert "Out of office: Your quote" in page
    assert not VacationResponse.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ends_on": "2020-01-01"}, "The absence ends before it starts."),
        ({"people_fr": "{Person.frstName}"}, "Nothing is called {Person.frstName}."),
        ({"subject": "{Deal.nothing}"}, "Nothing is called {Deal.nothing}."),
        ({"others_fr": " ", "others_en": ""}, "Write what is answered."),
        ({"people_fr": "", "people_en": ""}, "Write what is answered."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    as_alice: Client, mailbox: MailAccount, wrong: dict[str, str], said: str
) -> None:
    response = as_alice.post(PAGE, typed(**{"subject": "Absente", **wrong}))
    assert said in text(response)
    assert "I am away" in text(response) or "people_en" in wrong
    assert not VacationResponse.objects.exists()


def test_who_answers_people_alone_needs_no_text_for_the_others(
    as_alice: Client, mailbox: MailAccount
) -> None:
    as_alice.post(PAGE, typed(audience="people", others_fr=""))
    assert VacationResponse.objects.get().audience == "people"


def test_each_mailbox_has_its_own(
    as_alice: Client, alice: User, mailbox: MailAccount, make_account: Make
) -> None:
    second = make_account(alice, "sales@clarte.example")
    as_alice.post(f"{PAGE}{second.pk}/", typed())
    assert VacationResponse.objects.get().account == second
    page = text(as_alice.get(PAGE))
    assert second.address in page


def test_nobody_sees_or_writes_the_absence_of_another(
    as_bob: Client, mailbox: MailAccount, make_account: Make, bob: User
) -> None:
    assert "No mailbox yet" in text(as_bob.get(PAGE))
    assert as_bob.get(f"{PAGE}{mailbox.pk}/").status_code == 404
    assert as_bob.post(f"{PAGE}{mailbox.pk}/", typed()).status_code == 404
    make_account(bob)
    assert as_bob.post(f"{PAGE}{mailbox.pk}/", typed()).status_code == 404
    assert not VacationResponse.objects.exists()


def test_it_counts_the_mails_that_leave_by_themselves(
    as_alice: Client, alice: User, mailbox: MailAccount
) -> None:
    as_alice.post(PAGE, typed())
    for number, days in enumerate((2, 3, 30)):
        Outgoing.objects.create(
            account=mailbox,
            author=alice,
            message_id=f"{number}@clarte.example",
            state=Outgoing.State.SCHEDULED,
            scheduled_at=timezone.now() + timedelta(days=days),
        )
    assert "2 mails leave by themselves in the period" in text(as_alice.get(PAGE))


def test_a_hostile_text_is_shown_as_text(as_alice: Client, mailbox: MailAccount) -> None:
    attack = "<script>alert(1)</script>"
    page = as_alice.post(PAGE, typed(preview="1", people_en=attack, subject=attack))
    assert attack not in page.content.decode()


def test_a_member_who_is_not_logged_in_is_sent_to_the_door(logged_in: LogIn, bob: User) -> None:
    assert Client().get(PAGE).status_code == 302
