"""Custom fields: the administrator's page, forms, lists, criteria, placeholders."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from relance.crm import custom_fields
from relance.crm.models import Case, Company, CustomField, Deal, Person
from relance.inbox import merging
from relance.lib.money import Money
from relance.users.models import User
from relance.web.components import custom_fields as shown_fields
from tests.crm.test_custom_fields import define

HTMX = {"HX-Request": "true"}
LIST = "/settings/fields/"


def text(response: Any, status: int = 200) -> str:
    assert isinstance(response, HttpResponse)
    assert response.status_code == status
    return response.content.decode()


class TestPage:
    def test_it_is_for_administrators(self, as_bob: Client, as_alice: Client) -> None:
        made = define("Account", "Level", "text")
        urls = [LIST, f"{LIST}new/Deal/", f"{LIST}{made.pk}/"]
        for url in urls:
            assert as_bob.get(url).status_code == 403
            assert as_alice.get(url).status_code == 200
        for act in ("move", "active"):
            assert as_bob.post(f"{LIST}{made.pk}/{act}/").status_code == 403
        assert "Custom fields" in text(as_alice.get("/preferences/"))
        assert "Custom fields" not in text(as_bob.get("/preferences/"))

    def test_a_field_is_added(self, as_alice: Client) -> None:
        data = {"label": "Level", "label_fr": "Niveau", "kind": "text", "is_required": "on"}
        answer = as_alice.post(f"{LIST}new/Account/", data, headers=HTMX)
        assert answer.status_code == 204
        made = CustomField.objects.get()
        assert (made.key, made.label_fr, made.is_required) == ("level", "Niveau", True)
        shown = text(as_alice.get(LIST))
        assert "{Account.level}" in shown
        assert "Must be filled in" in shown

    def test_a_list_has_its_choices_in_both_languages(self, as_alice: Client) -> None:
        data = {"label": "Level", "kind": "choice", "choice_code": ["", "", ""]}
        data |= {"choice_label": ["Gold", " ", "Other"], "choice_label_fr": ["Or", "", ""]}
        as_alice.post(f"{LIST}new/Account/", data)
        made = CustomField.objects.get()
        assert [c["code"] for c in made.choices] == ["gold", "other"]
        data = {"label": "Level", "choice_code": ["other", "gold"]}
        data |= {"choice_label": ["Others", "Gold"], "choice_label_fr": ["", "Or"]}
        as_alice.post(f"{LIST}{made.pk}/", data)
        made.refresh_from_db()
        assert [(c["code"], c["label"]) for c in made.choices] == [
            ("other", "Others"),
            ("gold", "Gold"),
        ]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"kind": "text"}, "one language at least"),
            ({"label": "L", "kind": "choice", "choice_label": [" "]}, "one choice at least"),
            ({"label": "L"}, "required"),
            ({"label": "L", "kind": "secret"}, "valid"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_lost(
        self, as_alice: Client, data: dict[str, Any], words: str
    ) -> None:
        answer = as_alice.post(f"{LIST}new/Account/", {"label_fr": "", **data}, headers=HTMX)
        assert words in text(answer, 422)
        assert not CustomField.objects.exists()

    def test_its_kind_stays_what_it_is(self, as_alice: Client) -> None:
        made = define("Account", "Level", "text")
        as_alice.post(f"{LIST}{made.pk}/", {"label": "Rank", "kind": "number"})
        made.refresh_from_db()
        assert (made.label, made.kind, made.key) == ("Rank", "text", "level")

    def test_it_is_moved_and_switched_off_and_on(self, as_alice: Client) -> None:
        one, two = define("Deal", "One", "text"), define("Deal", "Two", "text")
        as_alice.post(f"{LIST}{two.pk}/move/", {"to": "up"})
        assert [d.key for d in custom_fields.defined("Deal")] == ["two", "one"]
        as_alice.post(f"{LIST}{one.pk}/active/", {"active": "0"})
        assert [d.key for d in custom_fields.defined("Deal")] == ["two"]
        as_alice.post(f"{LIST}{one.pk}/active/", {"active": "1"})
        assert [d.key for d in custom_fields.defined("Deal")] == ["two", "one"]

    def test_there_is_none_of_an_unknown_module(self, as_alice: Client) -> None:
        assert as_alice.get(f"{LIST}new/Secret/").status_code == 404
        assert as_alice.get(f"{LIST}999/").status_code == 404


class CompanyForm(shown_fields.WithCustomFields, forms.ModelForm[Company]):
    class Meta:
        model = Company
        fields = ("name",)


@pytest.mark.django_db
class TestForms:
    @pytest.fixture(autouse=True)
    def defined(self, alice: User) -> dict[str, CustomField]:
        self.alice = alice
        kinds = CustomField.Kind.values
        return {kind: define("Account", f"My {kind}", kind) for kind in kinds}

    def sent(self, language: str = "en", **values: str) -> CompanyForm:
        company = Company(owner=self.alice, name="X")
        data = {"name": "X", **{f"custom_my_{name}": value for name, value in values.items()}}
        with translation.override(language):
            form = CompanyForm(data, instance=company)
            form.is_valid()
        return form

    def test_every_kind_is_filled_in_and_shown_again(self) -> None:
        user = str(self.alice.pk)
        form = self.sent(
            **{"text": "A", "number": "1,250.5", "money": "1,200 CHF", "date": "2026-12-31"},
            **{"choice": "gold", "yes_no": "False", "user": user},
        )
        assert not form.errors
        company = form.save()
        company.refresh_from_db()
        assert company.custom == {
            **{"my_text": "A", "my_number": "1250.5", "my_date": "2026-12-31"},
            **{"my_money": {"amount": "1200", "currency": "CHF"}, "my_choice": "gold"},
            **{"my_yes_no": False, "my_user": user},
        }
        again = str(CompanyForm(instance=company))
        for written in ("1,250.5", "1,200 CHF", "2026-12-31", '"gold" sel', '"False" sel'):
            assert written in again
        with translation.override("fr"):
            lines = {line.key: line.html for line in shown_fields.shown("Account", company)}
        assert lines["my_money"] == "1\u202f200\u00a0CHF"
        assert lines["my_choice"] == "Or"
        assert lines["my_user"] == "Alice Martin"
        card = render_to_string("components/_custom_fields.html", {"record": company})
        assert "<dt>My number</dt><dd>1,250.5</dd>" in card

    def test_numbers_are_written_as_the_reader_does(self) -> None:
        assert self.sent("fr", number="1.250,5").instance.custom == {"my_number": "1250.5"}
        assert self.sent("fr", money="12 500,50 €").instance.custom["my_money"]["amount"] == (
            "12500.5"
        )

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            *(("number", "a lot"), ("number", "9" * 12), ("money", "EUR"), ("date", "soon")),
            *(("choice", "platinum"), ("yes_no", "perhaps"), ("user", "0"), ("text", "x" * 1001)),
        ],
    )
    def test_what_cannot_be_read_is_refused_in_place(self, kind: str, value: str) -> None:
        form = self.sent(**{kind: value})
        assert list(form.errors) == [f"custom_my_{kind}"]
        assert form.instance.custom == {}

    def test_one_that_is_required_is_asked_for(self, defined: dict[str, CustomField]) -> None:
        defined["text"].is_required = True
        custom_fields.edit(defined["text"])
        assert list(self.sent().errors) == ["custom_my_text"]

    def test_a_choice_that_went_is_kept_until_another_is_made(
        self, defined: dict[str, CustomField]
    ) -> None:
        company = Company(owner=self.alice, name="X", custom={"my_choice": "bronze"})
        form = CompanyForm({"name": "X", "custom_my_choice": "bronze"}, instance=company)
        assert form.is_valid()
        assert company.custom["my_choice"] == "bronze"

    def test_forms_ask_as_many_as_they_like(self) -> None:
        form = CompanyForm(instance=Company(owner=self.alice))
        assert len(form.custom_inputs) == len(CustomField.Kind.values)
        del form.fields["custom_my_text"]
        assert len(form.custom_inputs) == len(CustomField.Kind.values) - 1

    def test_a_hostile_text_is_escaped(self) -> None:
        form = self.sent(text="<script>alert(1)</script>")
        card = render_to_string("components/_custom_fields.html", {"record": form.instance})
        assert "<script" not in card


class TestLists:
    def test_they_are_columns_of_their_module_alone(
        self, as_bob: Client, eloise: Person, thomas: Person
    ) -> None:
        define("Person", "Zone", "text")
        define("Lead", "Budget", "money")
        Person.objects.filter(pk=eloise.pk).update(custom={"zone": "North"})
        budget = {"amount": "5000", "currency": "EUR"}
        Person.objects.filter(pk=thomas.pk).update(custom={"budget": budget})
        shown = text(as_bob.get("/people/?kind=contact&cols=name,zone,budget"))
        assert "North" in shown
        assert "Budget" not in shown
        shown = text(as_bob.get("/people/?kind=lead&cols=name,zone,budget"))
        assert "€5,000" in shown
        assert "Zone" not in shown

    def test_they_are_sorted_by_and_asked_for(self, as_bob: Client, alice: User) -> None:
        kinds = CustomField.Kind.values
        for kind in kinds:
            define("Account", f"My {kind}", kind)
        for n, name in enumerate(("Aa", "Bb", "Cc")):
            custom = {"my_number": ("9", "10", "-1")[n], "my_date": f"2026-0{n + 1}-01"}
            Company.objects.create(owner=alice, name=name, custom=custom)
        Company.objects.create(owner=alice, name="Dd")
        for sort, order in (("my_number", "CABD"), ("-my_number", "BACD"), ("-my_date", "CBAD")):
            shown = text(as_bob.get(f"/accounts/?sort={sort}"))
            places = [shown.index(f">{letter}{letter.lower()}<") for letter in order]
            assert places == sorted(places), sort
        for kind in kinds:
            assert text(as_bob.get(f"/accounts/?sort=-my_{kind}&cols=name,my_{kind}"))
        asked = {"field": "my_number", "op": "gt", "value": "9"}
        found = text(as_bob.get(f"/accounts/?{urlencode({'c': json.dumps(asked)})}"))
        assert "Bb" in found
        assert "Aa" not in found

    def test_the_editor_offers_choices_and_users(self, as_bob: Client, bob: User) -> None:
        define("Account", "Level", "choice")
        define("Account", "Referent", "user")
        asked = [
            {"field": "level", "op": "in", "value": ["gold"]},
            {"field": "referent", "op": "is", "value": str(bob.pk)},
        ]
        query = urlencode({"c": json.dumps({"all": asked})})
        shown = text(as_bob.get(f"/lists/accounts/criteria/?{query}"))
        assert '<option value="gold" selected>Gold' in shown
        assert f'<option value="{bob.pk}" selected>Bob Durand' in shown

    def test_a_view_whose_field_was_switched_off_still_opens(
        self, as_bob: Client, meunier: Company
    ) -> None:
        made = define("Account", "Level", "text")
        made.is_active = False
        custom_fields.edit(made)
        asked = json.dumps({"field": "level", "op": "filled"})
        assert "Meunier" in text(as_bob.get(f"/accounts/?{urlencode({'c': asked})}&sort=level"))


class TestPlaceholders:
    def test_they_stand_for_what_the_record_says(
        self, bob: User, eloise: Person, warehouse: Deal
    ) -> None:
        for kind in CustomField.Kind.values:
            define("Person", f"My {kind}", kind)
        for definition in custom_fields.defined("Person"):
            value: Any = {
                **{"text": "A", "number": Decimal("1250.5"), "choice": "gold", "yes_no": True},
                **{"money": Money(Decimal(1200), "CHF"), "date": date(2026, 12, 1), "user": bob},
            }[definition.kind]
            custom_fields.put(eloise, definition, value)
        eloise.save()
        values = merging.values(bob, person=eloise, language="fr")
        said = {kind: values("Person", f"my_{kind}") for kind in CustomField.Kind.values}
        assert said == {
            **{"text": "A", "number": "1\u202f250,5", "choice": "Or", "yes_no": "oui"},
            **{"money": "1\u202f200\u00a0CHF", "date": "1er décembre 2026", "user": "Bob Durand"},
        }
        codes = [code for _e, _label, several in merging.entries(bob) for code, _words in several]
        assert "Person.my_text" in codes

    def test_nothing_is_said_for_nothing(self, bob: User, eloise: Person) -> None:
        define("Person", "Zone", "text")
        assert merging.values(bob, person=eloise)("Person", "zone") is None
        assert merging.values(bob)("Person", "zone") is None

    def test_tags_and_the_team_are_words(self, bob: User, eloise: Person) -> None:
        eloise.tags.create(name="Fair")
        values = merging.values(bob, person=eloise)
        assert values("Person", "tags") == "Fair"
        assert values("Person", "team") is None


def test_cases_have_them_too(as_bob: Client, bob: User) -> None:
    define("Case", "Under warranty", "yes_no")
    Case.objects.create(owner=bob, number=1, name="Lamp", custom={"under_warranty": True})
    asked = json.dumps({"field": "under_warranty", "op": "yes"})
    assert "Lamp" in text(as_bob.get(f"/cases/?view=all&{urlencode({'c': asked})}"))
