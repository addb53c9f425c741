"""The pages of records: their tabs, history, photo, and what one does to a deal there."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from relance.crm import calls, deals, people
from relance.crm.models import Call, Company, Deal, Person
from relance.lib import clock
from relance.users.models import User
from tests.inbox import builders
from tests.web.conftest import stage

HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def history(client: Client, record: Any, query: str = "") -> str:
    page = client.get(f"/history/{record._meta.model_name}/{record.pk}/{query}")
    return text(page)


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "PNG")
    return SimpleUploadedFile("me.png", out.getvalue(), "image/png")


class TestTabs:
    @pytest.mark.parametrize("shown", ["mails", "deals", "activities", "notes", "files", "history"])
    def test_one_list_stands_alone(self, as_bob: Client, eloise: Person, shown: str) -> None:
        page = text(as_bob.get(f"/people/{eloise.pk}/?list={shown}"))
        assert f'?list={shown}" aria-current="true"' in page
        assert "rec--3" not in page

    def test_nonsense_shows_everything(self, as_bob: Client, meunier: Company) -> None:
        page = text(as_bob.get(f"/accounts/{meunier.pk}/?list=ghost"))
        assert "rec--3" in page

    def test_a_page_asks_the_database_little(
        self,
        as_bob: Client,
        warehouse: Deal,
        eloise: Person,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        as_bob.get(f"/people/{eloise.pk}/")
        for url in (f"/people/{eloise.pk}/", f"/accounts/{eloise.company_id}/"):
            with django_assert_max_num_queries(32):
                as_bob.get(url)
        with django_assert_max_num_queries(26):
            as_bob.get(f"/deals/{warehouse.pk}/")

    def test_the_head_is_shown_anew_alone(self, as_bob: Client, eloise: Person) -> None:
        head = text(as_bob.get(f"/people/{eloise.pk}/?part=head", headers=HTMX))
        assert "<h1>Éloïse Garnier</h1>" in head
        assert "<html" not in head


class TestHistory:
    def test_changes_calls_and_deals_stand_in_order(
        self, as_bob: Client, bob: User, eloise: Person, warehouse: Deal
    ) -> None:
        called = clock.now() - timedelta(days=3)
        held = {"status": Call.Status.HELD, "seconds": 720, "starts_at": called}
        calls.create(bob, Call(name="Budget", person=eloise, **held))
        eloise.title = "Director"
        people.edit(eloise, actor=bob)
        deals.move_to_stage(bob, warehouse, stage("won"))

        page = history(as_bob, eloise)

        won = page.index("→ Closed Won")
        titled = page.index("Title: Director")
        call = page.index("Outgoing call of Bob Durand, 12 min")
        assert won < titled < call
        assert "by Bob Durand" in page
        assert "Deal “Entrepôt de Saint-Priest”" in page
        assert "Deal opened" in page

    def test_an_account_tells_of_its_deals(self, as_bob: Client, warehouse: Deal) -> None:
        assert "Deal opened" in history(as_bob, warehouse.company)

    def test_codes_are_said_in_words(
        self, as_bob: Client, alice: User, bob: User, eloise: Person
    ) -> None:
        eloise.country, eloise.description = "DE", "Long"
        people.edit(eloise, actor=alice)
        assert "Country: Germany · Description changed" in history(as_bob, eloise)

        bob.language = "fr"
        bob.save()
        assert "Allemagne" in history(as_bob, eloise)

    def test_older_lines_follow(self, as_bob: Client, bob: User, eloise: Person) -> None:
        for n in range(25):
            eloise.title = f"Title {n}"
            people.edit(eloise, actor=bob)
        first = history(as_bob, eloise)
        assert "Title 24" in first
        assert "Title 3 " not in first
        [older] = set(re.findall(r'hx-get="/history/\w+/\d+/(\?before=[^"]+)"', first))
        page = history(as_bob, eloise, older)
        assert "Title 2 → Title 3" in page
        assert "Contact added" in page
        assert "<section" not in page

    @pytest.mark.parametrize("before", ["x", "2026-01-01", "9999-01-01T00:00:00+00:00"])
    def test_nonsense_shows_the_newest(self, as_bob: Client, eloise: Person, before: str) -> None:
        assert "<section" in history(as_bob, eloise, f"?before={before.replace('+', '%2B')}")

    def test_what_people_write_is_no_markup(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        eloise.title = "<script>alert(1)</script>"
        people.edit(eloise, actor=bob)
        assert "<script>" not in history(as_bob, eloise)

    def test_that_of_a_deleted_record_is_not_found(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        people.delete(bob, eloise)
        assert as_bob.get(f"/history/person/{eloise.pk}/").status_code == 404


class TestPhoto:
    def test_it_is_kept_small_and_shown(self, as_bob: Client, eloise: Person) -> None:
        as_bob.post(f"/people/{eloise.pk}/photo/", {"photo": picture()})

        response = as_bob.get(f"/people/{eloise.pk}/picture/")
        shown = Image.open(io.BytesIO(response.content))
        assert (shown.format, shown.size) == ("JPEG", (240, 240))
        assert response["X-Content-Type-Options"] == "nosniff"
        assert f"/people/{eloise.pk}/picture/" in text(as_bob.get(f"/people/{eloise.pk}/"))
        assert "Photo changed" in history(as_bob, eloise)

        as_bob.post(f"/people/{eloise.pk}/photo/", {"remove": "1"})
        assert as_bob.get(f"/people/{eloise.pk}/picture/").status_code == 404

    @pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"GIF89a"])
    def test_anything_else_is_refused(self, as_bob: Client, eloise: Person, data: bytes) -> None:
        file = SimpleUploadedFile("a.png", data, "image/png")
        page = as_bob.post(f"/people/{eloise.pk}/photo/", {"photo": file}, headers=HTMX)
        assert 'role="alert"' in text(page)
        eloise.refresh_from_db()
        assert eloise.photo_id is None

    def test_that_of_a_deleted_person_is_gone(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        as_bob.post(f"/people/{eloise.pk}/photo/", {"photo": picture()})
        people.delete(bob, eloise)
        assert as_bob.get(f"/people/{eloise.pk}/picture/").status_code == 404


class TestDeal:
    def test_a_loss_is_asked_about_and_proposes_former_reasons(
        self, as_bob: Client, bob: User, warehouse: Deal
    ) -> None:
        url = f"/deals/{warehouse.pk}"
        as_bob.post(f"{url}/stage/", {"kind": "lost", "reason": "Too  expensive"})
        warehouse.refresh_from_db()
        assert warehouse.lost_reason == "Too expensive"
        assert "Too expensive" in text(as_bob.get(f"{url}/"))

        dialog = text(as_bob.get(f"{url}/lose/", headers=HTMX))
        assert '<option value="Too expensive">' in dialog
        assert "<html" in text(as_bob.get(f"{url}/lose/"))

    def test_the_path_says_how_long_it_is_there(self, as_bob: Client, warehouse: Deal) -> None:
        warehouse.created_at = clock.now() - timedelta(days=6, hours=1)
        warehouse.save()
        assert "· 6 d" in text(as_bob.get(f"/deals/{warehouse.pk}/"))

    def test_a_role_is_proposed_in_the_dialog(
        self, as_bob: Client, warehouse: Deal, eloise: Person
    ) -> None:
        url = f"/deals/{warehouse.pk}/contacts/"
        as_bob.post(url, {"person": "e.garnier@meunier.example", "role": "Site owner"})
        dialog = text(as_bob.get(f"{url}?person={eloise.pk}", headers=HTMX))
        assert 'value="Site owner"' in dialog
        assert 'value="Éloïse Garnier &lt;e.garnier@meunier.example&gt;"' in dialog
        assert "Decision maker" in dialog


class TestTurn:
    def test_the_last_mail_that_waits_for_an_answer_is_told(
        self, as_alice: Client, alice: User, warehouse: Deal
    ) -> None:
        url = f"/history/deal/{warehouse.pk}/turn/"
        assert "Your turn" not in text(as_alice.get(url))
        mailbox = builders.account(alice)
        mail = builders.receive(
            mailbox, sender="e.garnier@meunier.example", name="Éloïse", subject="Which day?"
        )
        told = text(as_alice.get(url))
        assert "Your turn to answer." in told
        assert "Which day?" in told

        mail.is_answered = True
        mail.save()
        assert "Your turn" not in text(as_alice.get(url))

    def test_it_is_nobody_elses_turn(self, as_bob: Client, alice: User, warehouse: Deal) -> None:
        builders.receive(builders.account(alice), sender="e.garnier@meunier.example", name="É")
        assert "Your turn" not in text(as_bob.get(f"/history/deal/{warehouse.pk}/turn/"))


class TestConsent:
    def test_it_is_that_of_the_primary_address(self, as_bob: Client, eloise: Person) -> None:
        url = f"/people/{eloise.pk}/"
        page = text(as_bob.get(url))
        assert "No objection" in page
        assert "Nothing came back" in page
        addresses = eloise.addresses.filter(address="e.garnier@meunier.example")
        addresses.update(soft_bounces=2, opted_out_at=eloise.created_at)
        page = text(as_bob.get(url))
        assert "2 temporary failures" in page
        assert "No objection" not in page

    def test_without_an_address_nothing_is_said(self, as_bob: Client, bob: User) -> None:
        person = people.create_person(bob, Person(kind="contact", last_name="Zola"))
        assert "Consent" not in text(as_bob.get(f"/people/{person.pk}/"))


class TestAccount:
    def test_who_writes_from_its_domain_can_be_added(
        self, as_alice: Client, alice: User, meunier: Company, eloise: Person
    ) -> None:
        mailbox = builders.account(alice)
        builders.receive(mailbox, sender="bruno@meunier.example", name="Bruno Astier")
        builders.receive(mailbox, sender="e.garnier@meunier.example", name="Éloïse")

        page = text(as_alice.get(f"/accounts/{meunier.pk}/"))

        assert "Bruno Astier" in page
        asked = "kind=contact&amp;address=bruno%40meunier.example&amp;first_name=Bruno"
        assert asked in page
        assert "address=e.garnier" not in page

    def test_strangers_of_somebody_elses_mail_are_not_told(
        self, as_bob: Client, alice: User, meunier: Company
    ) -> None:
        builders.receive(builders.account(alice), sender="bruno@meunier.example", name="Bruno")
        assert "bruno@" not in text(as_bob.get(f"/accounts/{meunier.pk}/"))

    def test_many_people_are_cut_and_shown_in_their_tab(
        self, as_bob: Client, bob: User, meunier: Company
    ) -> None:
        for n in range(12):
            person = Person(kind="contact", last_name=f"Zola {n:02}", company=meunier)
            people.create_person(bob, person)
        assert "Zola 11" not in text(as_bob.get(f"/accounts/{meunier.pk}/"))
        assert "Zola 11" in text(as_bob.get(f"/accounts/{meunier.pk}/?list=people"))
        part = text(as_bob.get(f"/accounts/{meunier.pk}/?part=people", headers=HTMX))
        assert "Show all" in part
        assert "<html" not in part
