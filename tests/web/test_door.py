"""Logging in, one-time links, logging out."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from relance.lib import clock
from relance.users import team
from relance.users.models import OneTimeLink, Organisation, User
from tests.web.conftest import LogIn

PASSWORD = "a long quiet sentence"


@pytest.fixture
def camille(organisation: Organisation) -> User:
    return User.objects.create_user("camille@clarte.example", PASSWORD, language="en")


@pytest.fixture(autouse=True)
def fast_hashing(settings: Settings) -> None:
    """These tests compare many passwords; how slowly is Django's own matter."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def log_in(client: Client, email: str, password: str, **data: str) -> Any:
    headers = {"Accept-Language": "en"}
    fields = {"email": email, "password": password, **data}
    return client.post("/login/", fields, headers=headers)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


class TestLogin:
    def test_the_right_password_opens(self, client: Client, camille: User) -> None:
        response = log_in(client, "Camille@Clarte.example", PASSWORD)
        assert response["Location"] == "/"
        assert is_in(client)

    def test_one_comes_back_to_the_page_one_wanted(self, client: Client, camille: User) -> None:
        assert log_in(client, camille.email, PASSWORD, next="/deals/")["Location"] == "/deals/"

    @pytest.mark.parametrize(
        "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
    )
    def test_nobody_is_sent_elsewhere(self, client: Client, camille: User, elsewhere: str) -> None:
        assert log_in(client, camille.email, PASSWORD, next=elsewhere)["Location"] == "/"

    def test_a_wrong_password_and_an_unknown_address_read_alike(
        self, client: Client, camille: User
    ) -> None:
        wrong = text(log_in(client, camille.email, "wrong password"))
        unknown = text(log_in(client, "nobody@clarte.example", "wrong password"))

        assert "do not go together" in wrong
        strip = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"|\w+@clarte')
        assert strip.sub("", wrong) == strip.sub("", unknown)
        assert not is_in(client)

    def test_whoever_left_is_refused_in_the_same_words(self, client: Client, camille: User) -> None:
        camille.is_active = False
        camille.save()
        assert "do not go together" in text(log_in(client, camille.email, PASSWORD))

    def test_a_typed_address_stays_and_a_password_does_not(
        self, client: Client, camille: User
    ) -> None:
        page = text(log_in(client, camille.email, "secret typed"))
        assert camille.email in page
        assert "secret typed" not in page

    def test_it_speaks_the_browsers_language(self, client: Client, db: None) -> None:
        page = client.get("/login/", headers={"Accept-Language": "fr"})
        assert page["Content-Language"] == "fr"
        assert '<html lang="fr"' in text(page)

    def test_somebody_logged_in_goes_straight_in(self, as_bob: Client) -> None:
        assert as_bob.get("/login/")["Location"] == "/"


class TestWaiting:
    def test_after_five_failures_even_the_right_password_waits(
        self, client: Client, camille: User
    ) -> None:
        for _ in range(5):
            log_in(client, camille.email, "wrong")
        assert "Too many attempts. Try again in 1 minute." in text(
            log_in(client, camille.email, PASSWORD)
        )
        with time_machine.travel(clock.now() + timedelta(seconds=31)):
            assert log_in(client, camille.email, PASSWORD)["Location"] == "/"

    def test_the_wait_grows(self, client: Client, camille: User) -> None:
        now = clock.now()
        for n in range(8):
            with time_machine.travel(now + timedelta(minutes=20 * n), tick=False):
                log_in(client, camille.email, "wrong")
        with time_machine.travel(now + timedelta(minutes=140, seconds=1), tick=False):
            assert "in 4 minutes" in text(log_in(client, camille.email, PASSWORD))

    def test_another_place_and_another_address_do_not_wait(
        self, client: Client, camille: User, bob: User
    ) -> None:
        bob.set_password(PASSWORD)
        bob.save()
        for _ in range(5):
            log_in(client, camille.email, "wrong")
        assert log_in(client, bob.email, PASSWORD)["Location"] == "/"
        elsewhere = Client(REMOTE_ADDR="203.0.113.9")
        assert log_in(elsewhere, camille.email, PASSWORD)["Location"] == "/"

    def test_an_unknown_address_waits_too(self, client: Client, db: None) -> None:
        for _ in range(5):
            log_in(client, "nobody@clarte.example", "wrong")
        assert "Too many attempts" in text(log_in(client, "nobody@clarte.example", "wrong"))

    def test_success_starts_the_count_over(self, client: Client, camille: User) -> None:
        for _ in range(4):
            log_in(client, camille.email, "wrong")
        log_in(client, camille.email, PASSWORD)
        client.post("/logout/")
        for _ in range(4):
            log_in(client, camille.email, "wrong")
        assert log_in(client, camille.email, PASSWORD)["Location"] == "/"


class TestLogout:
    def test_it_ends_the_session(self, as_bob: Client) -> None:
        assert as_bob.post("/logout/")["Location"] == "/login/"
        assert not is_in(as_bob)

    def test_a_link_does_not_log_out(self, as_bob: Client) -> None:
        assert as_bob.get("/logout/").status_code == 405
        assert is_in(as_bob)


class TestInvitation:
    @pytest.fixture
    def lea(self, organisation: Organisation) -> User:
        return User.objects.create_user("lea@clarte.example", first_name="Léa", language="en")

    def test_only_the_button_spends_it(self, client: Client, lea: User) -> None:
        url = f"/welcome/{team.new_link(lea)}/"
        for _ in range(2):
            assert "Welcome, Léa" in text(client.get(url, headers={"Accept-Language": "en"}))
        assert not is_in(client)

        assert client.post(url, {"password": PASSWORD})["Location"] == "/"
        lea.refresh_from_db()
        assert lea.check_password(PASSWORD)
        assert is_in(client)

        again = Client().post(url, {"password": "another long sentence"})
        assert again.status_code == 410
        lea.refresh_from_db()
        assert lea.check_password(PASSWORD)

    @pytest.mark.parametrize("password", ["short", "password123", "lea@clarte.example", ""])
    def test_a_weak_password_is_refused_and_the_link_lives(
        self, client: Client, lea: User, password: str
    ) -> None:
        url = f"/welcome/{team.new_link(lea)}/"
        assert 'class="err"' in text(client.post(url, {"password": password}))
        assert client.post(url, {"password": PASSWORD}).status_code == 302

    def test_it_ends_after_a_week_or_with_its_user(self, client: Client, lea: User) -> None:
        url = f"/welcome/{team.new_link(lea)}/"
        with time_machine.travel(clock.now() + timedelta(days=8)):
            assert client.get(url).status_code == 410
        lea.is_active = False
        lea.save()
        assert client.post(url, {"password": PASSWORD}).status_code == 410

    def test_a_newer_link_ends_the_older(self, client: Client, lea: User) -> None:
        older = team.new_link(lea)
        team.new_link(lea)
        assert client.get(f"/welcome/{older}/").status_code == 410


class TestDemoLink:
    def test_it_leads_straight_in_once(self, client: Client, camille: User) -> None:
        url = f"/welcome/{OneTimeLink.issue('login', camille)}/"
        assert client.get(url)["Location"] == "/"
        assert is_in(client)
        assert Client().get(url).status_code == 410

    def test_whoever_is_in_already_is_not_stopped_by_a_spent_link(self, as_bob: Client) -> None:
        assert as_bob.get("/welcome/whatever/")["Location"] == "/"


class TestSetUp:
    FIELDS = {
        "name": "Clarté",
        "language": "en",
        "time_zone": "Europe/Paris",
        "currency": "EUR",
        "first_name": "Romain",
        "last_name": "Daly",
        "email": "Romain@Clarte.example",
        "password": PASSWORD,
    }

    def test_the_first_page_makes_the_organisation_and_its_admin(
        self, client: Client, db: None
    ) -> None:
        url = f"/welcome/{OneTimeLink.issue('setup')}/"
        assert "Clarté" not in text(client.get(url))

        assert client.post(url, self.FIELDS)["Location"] == "/"

        admin = User.objects.get()
        assert (admin.email, admin.is_admin) == ("romain@clarte.example", True)
        organisation = Organisation.current()
        assert organisation is not None
        assert (organisation.name, organisation.currency) == ("Clarté", "EUR")
        assert is_in(client)

    def test_it_works_once(self, client: Client, db: None) -> None:
        url = f"/welcome/{OneTimeLink.issue('setup')}/"
        client.post(url, self.FIELDS)
        assert Client().post(url, self.FIELDS).status_code == 410
        assert Organisation.objects.count() == User.objects.count() == 1

    def test_another_link_makes_no_second_organisation(
        self, client: Client, organisation: Organisation
    ) -> None:
        url = f"/welcome/{OneTimeLink.issue('setup')}/"
        assert client.post(url, self.FIELDS).status_code == 410
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"password": "short"},
            {"password": "romain.daly"},
            {"email": "no address"},
            {"time_zone": "Mars/Olympus"},
            {"currency": "ZZZ"},
            {"name": " "},
        ],
    )
    def test_nonsense_is_refused_and_nothing_typed_is_lost(
        self, client: Client, db: None, wrong: dict[str, str]
    ) -> None:
        url = f"/welcome/{OneTimeLink.issue('setup')}/"
        page = text(client.post(url, {**self.FIELDS, **wrong}))
        assert 'class="err"' in page
        assert 'value="Daly"' in page
        assert PASSWORD not in page
        assert not Organisation.objects.exists()
        assert client.post(url, self.FIELDS).status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 500, "%00", "..%2f.."])
def test_an_invented_link_has_ended(client: Client, db: None, token: str) -> None:
    assert client.get(f"/welcome/{token}/").status_code in {404, 410}


def test_whoever_is_deactivated_is_out_at_once(bob: User, alice: User, logged_in: LogIn) -> None:
    visitor = logged_in(bob)
    assert visitor.get("/deals/").status_code == 200
    team.deactivate(alice, bob)
    assert visitor.get("/deals/")["Location"].startswith("/login/")
