"""Lists of records: what is asked of them, and what they answer."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from relance.criteria.models import SavedView
from relance.crm import access, bulk, companies, deals, people
from relance.crm.models import Company, Deal, Person, Tag
from relance.crm.signals import addresses_affected
from relance.journal.models import Entry
from relance.users.models import Team, User
from tests.web.conftest import stage

NumQueries = Callable[[int], Any]
HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    assert isinstance(response, HttpResponse)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def where(*conditions: dict[str, Any]) -> str:
    return urlencode({"c": json.dumps({"all": list(conditions)})})


def asks(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


class TestCriteria:
    def test_a_list_shows_what_meets_them_and_says_so(
        self, as_bob: Client, eloise: Person, bob: User
    ) -> None:
        people.create_person(bob, Person(kind="contact", last_name="Roy", city="Lyon"))
        shown = text(as_bob.get(f"/people/?{where(asks('city', 'is', 'lyon'))}"))
        assert "Roy" in shown
        assert "Garnier" not in shown
        assert "City is “lyon”" in shown
        assert "1 of 2" in shown

    def test_taking_the_only_one_away_shows_everything(
        self, as_bob: Client, eloise: Person
    ) -> None:
        everything = urlencode({"c": json.dumps({"all": []})})
        shown = text(as_bob.get(f"/people/?{where(asks('city', 'is', 'lyon'))}"))
        assert everything.replace("+", "") in shown.replace("+", "").replace("&amp;", "&")

    def test_a_deal_beside_a_person_is_asked_as_a_whole(
        self, as_bob: Client, warehouse: Deal, thomas: Person
    ) -> None:
        rich = {"field": "amount", "op": "ge", "value": {"amount": "30000", "currency": "EUR"}}
        criteria = {"all": [{"some": "deals", "where": {"all": [rich]}}]}
        shown = text(as_bob.get(f"/people/?{urlencode({'c': json.dumps(criteria)})}"))
        assert "Garnier" in shown
        assert "There is a deal of which amount is at least €30,000" in shown

    @pytest.mark.parametrize(
        "nonsense",
        ["{", "[]", "null", '{"all":[{"field":"password","op":"is","value":"x"}]}', "[" * 3000],
    )
    def test_criteria_that_mean_nothing_are_ignored(
        self, as_bob: Client, eloise: Person, nonsense: str
    ) -> None:
        assert "Garnier" in text(as_bob.get(f"/people/?{urlencode({'c': nonsense})}"))

    def test_converted_leads_are_left_out_until_asked_for(
        self, as_bob: Client, thomas: Person
    ) -> None:
        Person.objects.filter(pk=thomas.pk).update(status=Person.Status.CONVERTED)
        assert "Leclerc" not in text(as_bob.get("/people/?kind=lead"))
        assert "Leclerc" in text(as_bob.get("/people/?kind=lead&view=all"))

    def test_a_list_never_shows_another_modules_records(
        self, as_bob: Client, eloise: Person, thomas: Person
    ) -> None:
        anybody = where(asks("kind", "in", ["lead", "contact"]))
        assert "Leclerc" not in text(as_bob.get(f"/people/?kind=contact&{anybody}"))


class TestEditor:
    URL = "/lists/contacts/criteria/"

    def sent(self, **parts: str) -> dict[str, str]:
        given = {"0.k": "all", "0-0.k": "field", "0-0.f": "city", "0-0.was": "city"}
        return {**given, "0-0.o": "is", "0-0.v": "Lyon", **parts}

    def test_it_opens_with_a_line_to_fill_in(self, as_bob: Client) -> None:
        shown = text(as_bob.get(self.URL, headers=HTMX))
        assert shown.count('class="crit"') == 1
        assert "<dialog" in shown
        assert "<html" not in shown

    def test_it_opens_with_the_criteria_of_the_list(self, as_bob: Client) -> None:
        shown = text(as_bob.get(f"{self.URL}?{where(asks('city', 'is', 'Lyon'))}"))
        assert 'value="Lyon"' in shown
        assert "<html" in shown

    def test_it_says_what_they_mean_and_how_many_there_are(
        self, as_bob: Client, eloise: Person
    ) -> None:
        shown = text(as_bob.post(self.URL, self.sent(), headers=HTMX))
        assert "City is “Lyon”" in shown
        assert "0 records found" in shown

    def test_a_button_adds_a_line_and_keeps_what_was_typed(self, as_bob: Client) -> None:
        shown = text(as_bob.post(self.URL, self.sent(act="add:0"), headers=HTMX))
        assert shown.count('class="crit"') == 2
        assert 'value="Lyon"' in shown

    def test_a_button_takes_a_line_away(self, as_bob: Client) -> None:
        shown = text(as_bob.post(self.URL, self.sent(act="remove:0-0"), headers=HTMX))
        assert 'class="crit"' not in shown

    def test_a_deal_beside_a_person_has_its_own_lines(self, as_bob: Client) -> None:
        shown = text(as_bob.post(self.URL, self.sent(act="some:0:deals"), headers=HTMX))
        assert "There is a deal" in shown
        assert 'name="0-1-0.f"' in shown
        assert 'value="closeDate"' in shown

    def test_another_field_forgets_the_value_of_the_one_before(self, as_bob: Client) -> None:
        shown = text(as_bob.post(self.URL, self.sent(**{"0-0.f": "country"}), headers=HTMX))
        assert 'value="Lyon"' not in shown
        assert "France" in shown

    def test_applying_leads_to_the_list_with_all_that_it_was_asked(self, as_bob: Client) -> None:
        answer = as_bob.post(f"{self.URL}?q=roy&owner=me", self.sent(act="apply"), headers=HTMX)
        assert answer.status_code == 204
        to = answer["HX-Redirect"]
        assert to.startswith("/people/?kind=contact&")
        assert "q=roy" in to
        assert "owner=me" in to
        assert "Lyon" in to

    def test_without_the_script_applying_redirects(self, as_bob: Client) -> None:
        answer = as_bob.post(self.URL, self.sent(act="apply"))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/people/?")

    def test_a_missing_value_is_marked_and_nothing_is_applied(self, as_bob: Client) -> None:
        shown = text(as_bob.post(self.URL, self.sent(act="apply", **{"0-0.v": ""}), headers=HTMX))
        assert 'aria-invalid="true"' in shown
        assert "missing" in shown

    @pytest.mark.parametrize(
        "parts",
        [
            {"act": "remove:0-9"},
            {"act": "remove:0"},
            {"act": "add:0-0"},
            {"act": "add:7"},
            {"act": "some:0:secrets"},
            {"act": "group:0-0-0-0"},
            {"0-0.f": "password"},
            {"0-0.o": "drop table"},
            {"0-0.k": "some", "0-0.r": "nothing"},
            {"0-1.k": "any", "0-1-0.k": "any", "0-1-0-0.k": "field", "0-1-0-0.f": "city"},
        ],
    )
    def test_nonsense_does_no_harm(self, as_bob: Client, parts: dict[str, str]) -> None:
        assert text(as_bob.post(self.URL, self.sent(**parts), headers=HTMX))

    def test_amounts_dates_and_users_have_their_controls(self, as_bob: Client, bob: User) -> None:
        lines = [
            asks("amount", "between", [{"amount": "1", "currency": "EUR"}] * 2),
            asks("closeDate", "between", ["2026-01-01", "2026-12-31"]),
            asks("owner", "in", [str(bob.pk)]),
        ]
        shown = text(as_bob.get(f"/lists/deals/criteria/?{where(*lines)}"))
        assert 'type="date" name="0-1.v2" value="2026-12-31"' in shown
        assert f'<option value="{bob.pk}" selected>Bob Durand' in shown
        assert 'name="0-0.c2"' in shown

    def test_there_is_none_for_an_unknown_module(self, as_bob: Client) -> None:
        assert as_bob.get("/lists/secrets/criteria/").status_code == 404


class TestColumns:
    def test_the_chosen_ones_show_in_their_order(self, as_bob: Client, eloise: Person) -> None:
        answer = as_bob.post("/lists/contacts/columns/", {"column": ["city", "name", "nope"]})
        shown = text(as_bob.get(answer["Location"]))
        assert shown.index(">City") < shown.index(">Name")
        assert "Open deals" not in shown

    def test_every_field_can_be_a_column(self, as_bob: Client, warehouse: Deal) -> None:
        for key in ("leads", "contacts", "accounts", "deals"):
            form = text(as_bob.get(f"/lists/{key}/columns/"))
            names = [part.split('"')[0] for part in form.split('name="column" value="')[1:]]
            answer = as_bob.post(f"/lists/{key}/columns/", {"column": names})
            assert text(as_bob.get(answer["Location"]))

    def test_every_column_can_be_sorted_by_both_ways(self, as_bob: Client, warehouse: Deal) -> None:
        for path, names in (
            ("/people/", ("name", "company", "city", "owner", "createdAt", "emailAddress")),
            ("/deals/", ("name", "amount", "stage", "closeDate", "probability")),
            ("/accounts/", ("name", "city", "people")),
        ):
            for name in names:
                assert text(as_bob.get(f"{path}?sort={name}"))
                assert text(as_bob.get(f"{path}?sort=-{name}"))


class TestPeopleOfMyTeam:
    def test_their_records_show(
        self, as_bob: Client, alice: User, bob: User, eloise: Person, charlie: User
    ) -> None:
        assert "My team’s" not in text(as_bob.get("/people/"))
        team = Team.objects.create(name="Lyon")
        team.members.add(alice, bob)
        people.create_person(charlie, Person(kind="contact", last_name="Lointain"))
        shown = text(as_bob.get("/people/?owner=team"))
        assert "My team’s" in shown
        assert "Garnier" in shown
        assert "Lointain" not in shown


class TestCost:
    @pytest.mark.parametrize("path", ["/people/", "/people/?kind=lead", "/accounts/", "/deals/"])
    @pytest.mark.parametrize("query", ["", "q=a", "owner=team", "c"])
    def test_a_list_asks_the_database_little(
        self,
        as_bob: Client,
        bob: User,
        warehouse: Deal,
        thomas: Person,
        path: str,
        query: str,
        django_assert_max_num_queries: NumQueries,
    ) -> None:
        for n in range(60):
            people.create_person(bob, Person(kind="contact", last_name=f"Ba{n}"))
            companies.create_company(bob, Company(name=f"Ca{n}"))
            deal = Deal(
                name=f"Da{n}", stage=stage("open"), closes_on=date(2027, 1, 1), amount=Decimal(n)
            )
            deals.create_deal(bob, deal)
        mark = "&" if "?" in path else "?"
        asked = where(asks("owner", "me")) if query == "c" else query
        with django_assert_max_num_queries(12):
            text(as_bob.get(f"{path}{mark}{asked}"))


class TestViews:
    def test_nobody_sees_anothers_unless_it_is_shared(
        self, as_bob: Client, alice: User, eloise: Person
    ) -> None:
        criteria = {"all": [asks("lastName", "is", "nobody")]}
        view = SavedView.objects.create(
            owner=alice, module="contacts", name="Alice’s own", criteria=criteria
        )
        shown = text(as_bob.get(f"/people/?view={view.pk}"))
        assert "Alice’s own" not in shown
        assert "Garnier" in shown
        view.is_shared = True
        view.save()
        shown = text(as_bob.get(f"/people/?view={view.pk}"))
        assert "Alice’s own" in shown
        assert "Garnier" not in shown

    def test_ones_default_opens_first(self, as_bob: Client, bob: User, eloise: Person) -> None:
        criteria = {"all": [asks("lastName", "is", "nobody")]}
        SavedView.objects.create(
            owner=bob, module="contacts", name="Nobody", criteria=criteria, is_default=True
        )
        assert "Garnier" not in text(as_bob.get("/people/"))
        assert "Garnier" in text(as_bob.get("/people/?view=all"))

    def test_a_view_whose_field_is_no_more_shows_everything(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        view = SavedView.objects.create(
            owner=bob, module="contacts", name="Old", criteria={"all": [asks("gone", "filled")]}
        )
        assert "Garnier" in text(as_bob.get(f"/people/?view={view.pk}"))

    def test_a_list_is_kept_as_it_is_asked(self, as_bob: Client, bob: User, eloise: Person) -> None:
        asked = f"{where(asks('lastName', 'starts', 'G'))}&owner=me&sort=-city&cols=name,city"
        answer = as_bob.post(f"/lists/contacts/views/new/?{asked}", {"name": "Mine in G"})
        view = SavedView.objects.get()
        assert view.owner == bob
        assert view.criteria["all"] == [
            asks("lastName", "starts", "G"),
            {"field": "owner", "op": "me"},
        ]
        assert (view.columns, view.sort) == (["name", "city"], "-city")
        shown = text(as_bob.get(answer["Location"]))
        assert "Mine in G" in shown
        assert "Garnier" not in shown
        assert "(changed)" not in shown

    def test_a_view_has_a_name(self, as_bob: Client) -> None:
        answer = as_bob.post("/lists/contacts/views/new/", {"name": " "}, headers=HTMX)
        assert "dialog" in text(answer)
        assert not SavedView.objects.exists()

    def test_the_present_list_takes_the_place_of_what_was_kept(
        self, as_bob: Client, bob: User
    ) -> None:
        view = SavedView.objects.create(owner=bob, module="contacts", name="V")
        as_bob.post(f"/lists/contacts/views/{view.pk}/update/?view={view.pk}&sort=-city")
        view.refresh_from_db()
        assert view.sort == "-city"

    def test_one_view_at_most_opens_first(self, as_bob: Client, bob: User) -> None:
        old = SavedView.objects.create(owner=bob, module="contacts", name="A", is_default=True)
        as_bob.post("/lists/contacts/views/new/", {"name": "B", "is_default": "on"})
        old.refresh_from_db()
        assert not old.is_default

    def test_a_deleted_view_comes_back(self, as_bob: Client, bob: User) -> None:
        view = SavedView.objects.create(owner=bob, module="contacts", name="V", sort="-city")
        as_bob.post(f"/lists/contacts/views/{view.pk}/delete/")
        assert not SavedView.objects.exists()
        entry = Entry.objects.get()
        as_bob.post(f"/undo/{entry.pk}/")
        assert SavedView.objects.get().sort == "-city"

    @pytest.mark.parametrize("act", ["edit", "update", "delete"])
    def test_nobody_changes_anothers(self, as_bob: Client, alice: User, act: str) -> None:
        view = SavedView.objects.create(owner=alice, module="contacts", name="Hers", is_shared=True)
        answer = as_bob.post(f"/lists/contacts/views/{view.pk}/{act}/", {"name": "Mine"})
        assert answer.status_code == 404
        view.refresh_from_db()
        assert view.name == "Hers"


class TestBulk:
    def url(self, act: str, *records: Any, module: str = "contacts", **query: str) -> str:
        asked = urlencode([*query.items(), *(("id", r.pk) for r in records)])
        return f"/lists/{module}/bulk/{act}/?{asked}"

    def undo(self, client: Client) -> None:
        entry = Entry.objects.order_by("-pk").first()
        assert entry
        assert client.post(f"/undo/{entry.pk}/", headers=HTMX).status_code == 204

    def test_it_asks_first_and_says_how_many(self, as_bob: Client, eloise: Person) -> None:
        shown = text(as_bob.get(self.url("owner", eloise), headers=HTMX))
        assert "1 chosen record." in shown
        assert "Bob Durand" in shown

    def test_a_new_owner_and_the_old_one_again(
        self, as_bob: Client, alice: User, bob: User, eloise: Person
    ) -> None:
        roy = people.create_person(bob, Person(kind="contact", last_name="Roy"))
        other = people.create_person(alice, Person(kind="contact", last_name="Other"))
        as_bob.post(self.url("owner", eloise, roy), {"owner": bob.pk})
        assert owner_names() == {"Garnier": "bob", "Roy": "bob", "Other": "alice"}
        self.undo(as_bob)
        assert owner_names() == {"Garnier": "alice", "Roy": "bob", "Other": "alice"}
        assert other.pk

    def test_every_record_of_the_list_and_no_other(
        self, as_bob: Client, alice: User, bob: User, eloise: Person, thomas: Person
    ) -> None:
        for n in range(60):
            people.create_person(alice, Person(kind="contact", last_name=f"Many{n}"))
        answer = as_bob.post(
            self.url("owner", eloise, whole="1", q="many"), {"owner": bob.pk}, headers=HTMX
        )
        assert answer.status_code == 204
        assert Person.objects.filter(owner=bob, search_text__contains="many").count() == 60
        eloise.refresh_from_db()
        assert eloise.owner == alice

    def test_leads_are_out_of_reach_of_the_list_of_contacts(
        self, as_bob: Client, alice: User, thomas: Person
    ) -> None:
        as_bob.post(self.url("owner", thomas), {"owner": alice.pk})
        thomas.refresh_from_db()
        assert thomas.owner != alice

    def test_deleting_moves_their_mail_and_undoing_brings_it_back(
        self, as_bob: Client, eloise: Person, warehouse: Deal
    ) -> None:
        heard: list[tuple[set[int], str]] = []

        def hear(address_ids: set[int], reason: str, **_signal: Any) -> None:
            heard.append((address_ids, reason))

        addresses_affected.connect(hear)
        try:
            as_bob.post(self.url("delete", eloise))
            assert not access.people_for(eloise.owner).exists()
            self.undo(as_bob)
        finally:
            addresses_affected.disconnect(hear)
        assert access.people_for(eloise.owner).get() == eloise
        wanted = set(people.address_ids(eloise))
        assert heard == [(wanted, "bulk_delete"), (wanted, "bulk_restore")]

    def test_deleted_accounts_leave_their_people_and_take_them_back(
        self, as_bob: Client, meunier: Company, eloise: Person, warehouse: Deal
    ) -> None:
        as_bob.post(self.url("delete", meunier, module="accounts"))
        eloise.refresh_from_db()
        assert (eloise.company, eloise.company_name) == (None, "Meunier Logistique")
        self.undo(as_bob)
        eloise.refresh_from_db()
        assert eloise.company == meunier

    def test_a_tag_is_put_on_and_taken_away(self, as_bob: Client, eloise: Person) -> None:
        as_bob.post(self.url("tag", eloise), {"tag": " Salon  2026 "})
        as_bob.post(self.url("tag", eloise), {"tag": "salon 2026"})
        tag = Tag.objects.get()
        assert (tag.name, list(eloise.tags.all())) == ("Salon 2026", [tag])
        as_bob.post(self.url("untag", eloise), {"tag": tag.pk})
        assert not eloise.tags.exists()
        self.undo(as_bob)
        assert list(eloise.tags.all()) == [tag]

    def test_a_team_is_given_and_taken(self, as_bob: Client, eloise: Person) -> None:
        team = Team.objects.create(name="Lyon")
        as_bob.post(self.url("team", eloise), {"team": team.pk})
        eloise.refresh_from_db()
        assert eloise.team == team
        as_bob.post(self.url("team", eloise), {"team": ""})
        eloise.refresh_from_db()
        assert eloise.team is None

    def test_what_is_missing_is_said(self, as_bob: Client, eloise: Person) -> None:
        answer = text(as_bob.post(self.url("tag", eloise), {"tag": " "}, headers=HTMX))
        assert "required" in answer

    def test_too_many_at_once_are_refused(
        self, as_bob: Client, bob: User, eloise: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "MOST", 1)
        people.create_person(bob, Person(kind="contact", last_name="Roy"))
        answer = text(as_bob.post(self.url("owner", whole="1"), {"owner": bob.pk}, headers=HTMX))
        assert "2 records" in answer
        eloise.refresh_from_db()
        assert eloise.owner != bob

    def test_somebody_who_left_owns_nothing_new(
        self, as_bob: Client, charlie: User, eloise: Person
    ) -> None:
        charlie.is_active = False
        charlie.save()
        text(as_bob.post(self.url("owner", eloise), {"owner": charlie.pk}, headers=HTMX))
        eloise.refresh_from_db()
        assert eloise.owner != charlie

    def test_nobody_undoes_what_another_did(
        self, as_bob: Client, as_alice: Client, bob: User, eloise: Person
    ) -> None:
        as_bob.post(self.url("owner", eloise), {"owner": bob.pk})
        self.undo(as_alice)
        eloise.refresh_from_db()
        assert eloise.owner == bob

    def test_an_unknown_act_is_none(self, as_bob: Client) -> None:
        assert as_bob.get("/lists/contacts/bulk/burn/").status_code == 404


def owner_names() -> dict[str, str]:
    found = Person.objects.values_list("last_name", "owner__email")
    return {name: email.partition("@")[0] for name, email in found}
