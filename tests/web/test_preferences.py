"""What a user sets for herself, and in what language and on what clock pages answer."""

import re
from typing import Any

import pytest
from django.test import Client

from relance.addresses.models import EmailAddress
from relance.inbox import remote
from relance.users.models import User
from tests.web.conftest import LogIn

FIELDS = {
    "language": "fr",
    "theme": "dark",
    "time_zone": "America/New_York",
    "single_key_shortcuts": "",
    "first_name": "Robert",
    "last_name": "Durand",
    "title": "Sales",
    "phone": "",
    "undo_seconds": "20",
    "quote_below": "False",
    "external_mail_client": "on",
}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_they_are_saved_and_the_page_follows(as_bob: Client, bob: User) -> None:
    response = as_bob.post("/preferences/", FIELDS, follow=True)

    bob.refresh_from_db()
    assert (bob.language, bob.theme, bob.time_zone) == ("fr", "dark", "America/New_York")
    assert (bob.first_name, bob.single_key_shortcuts) == ("Robert", False)
    page = text(response)
    assert '<html lang="fr" data-theme="dark"' in page
    assert as_bob.cookies["relance_language"].value == "fr"


def test_how_one_writes_is_kept(as_bob: Client, bob: User) -> None:
    as_bob.post("/preferences/", FIELDS)
    bob.refresh_from_db()
    assert (bob.undo_seconds, bob.quote_below, bob.external_mail_client) == (20, False, True)
    as_bob.post("/preferences/", {**FIELDS, "undo_seconds": "0", "quote_below": "True",
                                  "external_mail_client": ""})  # fmt: skip
    bob.refresh_from_db()
    assert (bob.undo_seconds, bob.quote_below, bob.external_mail_client) == (0, True, False)


def test_a_waiting_time_chosen_by_other_means_stays_choosable(as_bob: Client, bob: User) -> None:
    bob.undo_seconds = 45
    bob.save()
    assert '<option value="45" selected>' in text(as_bob.get("/preferences/"))


def test_a_silenced_warning_is_turned_on_again(as_bob: Client, bob: User) -> None:
    bob.silenced_guards = ["empty_subject", "greeting_differs"]
    bob.save()
    assert "The subject is empty" in text(as_bob.get("/preferences/"))
    as_bob.post("/preferences/warnings/empty_subject/")
    as_bob.post("/preferences/warnings/never_heard_of/")
    bob.refresh_from_db()
    assert bob.silenced_guards == ["greeting_differs"]
    page = text(as_bob.get("/preferences/"))
    assert "The subject is empty" not in page
    assert "The greeting names somebody else" in page


def test_every_warning_that_can_be_silenced_has_a_name() -> None:
    from relance.inbox.guards import SILENCEABLE
    from relance.web.preferences.warnings import NAMES

    assert set(NAMES) == set(SILENCEABLE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "de"},
        {"theme": "pink"},
        {"time_zone": "Mars/Olympus"},
        {"undo_seconds": "3600"},
    ],
)
def test_nonsense_is_refused(as_bob: Client, bob: User, wrong: dict[str, str]) -> None:
    page = text(as_bob.post("/preferences/", {**FIELDS, **wrong}))
    assert 'class="err"' in page
    assert 'value="Robert"' in page
    bob.refresh_from_db()
    assert bob.first_name == "Bob"


def test_nobody_gives_herself_a_role(as_bob: Client, bob: User) -> None:
    as_bob.post("/preferences/", {**FIELDS, "role": "admin", "is_active": ""})
    bob.refresh_from_db()
    assert (bob.role, bob.is_active) == ("member", True)


def test_hours_are_on_the_readers_clock(as_bob: Client, bob: User) -> None:
    from relance.notices import tell

    notice = tell(bob.pk, "mailbox_imported", {"address": "b@x.example", "count": 3})
    notice.created_at = notice.created_at.replace(year=2026, month=1, day=1, hour=3, minute=30)
    notice.save()
    bob.time_zone = "America/New_York"
    bob.save()
    assert "31 December 2025, 22:30" in text(as_bob.get("/notices/"))


def test_an_unknown_time_zone_breaks_no_page(as_bob: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(time_zone="Europe/Atlantis")
    assert as_bob.get("/preferences/").status_code == 200


class TestPassword:
    OLD, NEW = "a long quiet sentence", "another long sentence"

    @pytest.fixture
    def bob_with_password(self, bob: User) -> User:
        bob.set_password(self.OLD)
        bob.save()
        return bob

    def test_it_changes_and_other_sessions_end(
        self, bob_with_password: User, logged_in: LogIn
    ) -> None:
        here, elsewhere = logged_in(bob_with_password), logged_in(bob_with_password)

        here.post("/preferences/password/", {"present": self.OLD, "password": self.NEW})

        bob_with_password.refresh_from_db()
        assert bob_with_password.check_password(self.NEW)
        assert here.get("/preferences/").status_code == 200
        assert elsewhere.get("/preferences/").status_code == 302

    @pytest.mark.parametrize(
        ("present", "new", "said"),
        [
            ("wrong", NEW, "This is not your present password"),
            (OLD, "short", "too short"),
            (OLD, "bob@clarte.example", "too similar"),
        ],
    )
    def test_it_is_refused_and_stays(
        self, bob_with_password: User, logged_in: LogIn, present: str, new: str, said: str
    ) -> None:
        visitor = logged_in(bob_with_password)
        data = {"present": present, "password": new}
        page = text(visitor.post("/preferences/password/", data))
        assert said in page
        assert f'name="password" value="{new}' not in page
        bob_with_password.refresh_from_db()
        assert bob_with_password.check_password(self.OLD)


def test_a_sender_allowed_images_is_asked_about_again(as_bob: Client, bob: User) -> None:
    sender = EmailAddress.objects.create(address="news@shop.example")
    remote.allow(bob, sender)
    assert "news@shop.example" in text(as_bob.get("/preferences/"))

    page = as_bob.post(f"/preferences/images/{sender.pk}/", follow=True)

    assert remote.consents(bob) == []
    assert "news@shop.example" not in text(page)
    assert as_bob.post(f"/preferences/images/{sender.pk}/").status_code == 302  # no more to revoke


def test_nobody_revokes_what_another_allowed(as_bob: Client, alice: User) -> None:
    sender = EmailAddress.objects.create(address="news@shop.example")
    remote.allow(alice, sender)
    as_bob.post(f"/preferences/images/{sender.pk}/")
    assert [consent.address for consent in remote.consents(alice)] == [sender]
