"""Lists of more records than anybody counts."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.crm import companies, people
from relance.crm.models import Company, Person
from relance.users.models import User
from tests.web.test_records import text, where


class TestLongLists:
    """What is looked for is not counted to its end."""

    @pytest.fixture(autouse=True)
    def many(self, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relance.web.records.finding.MOST_COUNTED", 60)
        for n in range(120):
            city = "Lyon" if n < 110 else "Rare"
            person = Person(kind="contact", last_name=f"Many{n:03}", city=city)
            people.create_person(bob, person)

    def test_a_common_word_is_counted_so_far(self, as_bob: Client) -> None:
        shown = text(as_bob.get("/people/?kind=contact&q=many"))
        assert "more than 60 of 120" in shown
        assert "1 to 50<" in shown
        assert 'data-total="60+"' in shown

    def test_its_pages_follow_to_the_last(self, as_bob: Client) -> None:
        asked = "/people/?kind=contact&q=many&sort=-name&page="
        assert 'rel="next"' in text(as_bob.get(f"{asked}2"))
        last = text(as_bob.get(f"{asked}3"))
        assert "Many019" in last
        assert "Many020" not in last
        assert 'rel="next"' not in last

    def test_a_rare_one_is_counted_and_in_order(self, as_bob: Client) -> None:
        asked = where({"field": "city", "op": "is", "value": "rare"})
        shown = text(as_bob.get(f"/people/?kind=contact&sort=-name&{asked}"))
        assert "10 of 120" in shown
        assert shown.index("Many119") < shown.index("Many110")

    def test_the_editor_counts_so_far(self, as_bob: Client) -> None:
        asked = where({"field": "city", "op": "is", "value": "lyon"})
        shown = text(as_bob.get(f"/lists/contacts/criteria/?kind=contact&{asked}"))
        assert "More than 60 records found" in shown

    def test_everything_found_can_be_changed_at_once(self, as_bob: Client, alice: User) -> None:
        url = "/lists/contacts/bulk/owner/?kind=contact&q=many&whole=1"
        as_bob.post(url, {"owner": alice.pk})
        assert Person.objects.filter(owner=alice).count() == 120

    def test_what_has_no_order_comes_last(self, as_bob: Client, bob: User) -> None:
        company = companies.create_company(bob, Company(name="Zed"))
        Person.objects.filter(last_name="Many005").update(company=company)
        for way in ("", "-"):
            shown = text(as_bob.get(f"/people/?kind=contact&sort={way}company"))
            rows = shown[shown.index("<tbody") :]
            assert rows.index("Many005") < rows.index("Many0", rows.index("Many005") + 20)
