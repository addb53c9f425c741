"""The fields an administrator adds: defined, put into records, read again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from relance.criteria import fields
from relance.crm import custom_criteria, custom_fields, custom_text
from relance.crm.models import Company, CustomField, Person
from relance.lib.money import Money
from relance.users.models import Organisation, User
from tests.crm.conftest import person

pytestmark = pytest.mark.django_db


def define(entity: str, label: str, kind: str, **more: Any) -> CustomField:
    definition = CustomField(entity=entity, label=label, kind=kind, **more)
    if kind == "choice":
        labels = [("", "Gold", "Or"), ("", "Silver", "Argent")]
        custom_fields.with_choices(definition, labels)
    return custom_fields.create(definition)


class TestKeys:
    def test_a_key_is_made_of_the_label_and_never_taken_twice(self) -> None:
        assert define("Account", "N° client", "text").key == "n_client"
        assert define("Account", "n client!", "text").key == "n_client_2"
        assert define("Account", "10 ans", "text").key == "field_10_ans"
        assert define("Account", "名前", "text").key == "field"

    def test_no_key_is_the_name_of_a_field_there_is(self) -> None:
        assert define("Account", "City", "text").key == "city_2"
        assert define("Person", "Phonenumber", "text").key == "phonenumber_2"

    def test_leads_and_contacts_share_a_key_of_one_kind_only(self) -> None:
        assert define("Lead", "Budget", "money").key == "budget"
        assert define("Person", "Budget", "money").key == "budget"
        assert define("Lead", "Zone", "text").key == "zone"
        assert define("Person", "Zone", "number").key == "zone_2"

    def test_an_amount_keeps_the_name_of_its_currency_free(self) -> None:
        define("Deal", "Price", "money")
        assert define("Deal", "Price currency", "text").key == "price_currency_2"
        define("Deal", "Cost currency", "text")
        assert define("Deal", "Cost", "money").key == "cost_2"


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "given", "kept"),
        [
            ("text", " Ça va\x00 ", "Ça va"),
            ("number", Decimal("12.500"), "12.5"),
            ("number", Decimal("1E+3"), "1000"),
            ("number", Decimal("-0.00004"), "0"),
            ("money", Money(Decimal("1200.00"), "CHF"), {"amount": "1200", "currency": "CHF"}),
            ("date", date(2026, 12, 31), "2026-12-31"),
            ("choice", "gold", "gold"),
            ("yes_no", False, False),
        ],
    )
    def test_each_kind_is_kept_and_read_again(
        self, alice: User, kind: str, given: Any, kept: Any
    ) -> None:
        definition = define("Person", "It", kind)
        record = person(alice)
        custom_fields.put(record, definition, given)
        record.save()
        record.refresh_from_db()
        assert record.custom == {definition.key: kept}
        value = custom_fields.value(record, definition)
        custom_fields.put(record, definition, value)
        assert record.custom == {definition.key: kept}

    def test_a_user_is_kept_by_its_key(self, alice: User) -> None:
        definition = define("Person", "Referent", "user")
        record = person(alice)
        custom_fields.put(record, definition, alice)
        assert custom_fields.value(record, definition) == alice.pk

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_nothing_takes_the_value_away(self, alice: User, nothing: Any) -> None:
        definition = define("Person", "It", "text")
        record = person(alice, custom={definition.key: "x", "other": 1})
        custom_fields.put(record, definition, nothing)
        assert record.custom == {"other": 1}

    @pytest.mark.parametrize(
        ("kind", "given"),
        [
            ("choice", "platinum"),
            ("number", Decimal("1e11")),
            ("number", Decimal("NaN")),
            ("number", True),
            ("money", Decimal(5)),
            ("date", "2026-12-31"),
            ("yes_no", "yes"),
            ("user", "1"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, alice: User, kind: str, given: Any) -> None:
        definition = define("Person", "It", kind)
        with pytest.raises(ValueError):
            custom_fields.put(person(alice), definition, given)

    @pytest.mark.parametrize("kept", [[], {}, {"amount": "x", "currency": "EUR"}, "tomorrow", 5])
    @pytest.mark.parametrize("kind", ["number", "money", "date", "yes_no"])
    def test_what_cannot_be_read_says_nothing(self, alice: User, kind: str, kept: Any) -> None:
        if kind == "number" and kept == 5:
            pytest.skip("a number")
        definition = define("Person", "It", kind)
        record = person(alice, custom={definition.key: kept})
        assert custom_fields.value(record, definition) is None

    def test_a_converted_lead_gives_what_the_contact_does_not_say(self, alice: User) -> None:
        for entity in ("Lead", "Person"):
            define(entity, "Budget", "money")
            define(entity, "Zone", "text")
        define("Lead", "Only leads", "text")
        kept = {"budget": {"amount": "5", "currency": "EUR"}, "zone": "A", "only_leads": "x"}
        lead = person(alice, kind="lead", custom=kept)
        contact = person(alice, custom={"zone": "B"})
        custom_fields.carry_over(lead, contact)
        assert contact.custom == {"zone": "B", "budget": kept["budget"]}


class TestText:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            ("text", "  a   b ", "a b"),
            ("number", "1 200,5", Decimal("1200.5")),
            ("number", "1,200.5", Decimal("1200.5")),
            ("money", "1 200 CHF", Money(Decimal(1200), "CHF")),
            ("money", "€99.90", Money(Decimal("99.90"), "EUR")),
            ("money", "12", Money(Decimal(12), "USD")),
            ("date", "31/12/2026", date(2026, 12, 31)),
            ("date", "2026-12-31", date(2026, 12, 31)),
            ("choice", "OR", "gold"),
            ("choice", "silver", "silver"),
            ("yes_no", "Oui", True),
            ("yes_no", "0", False),
            ("number", "", None),
        ],
    )
    def test_files_write_values_in_both_languages(self, kind: str, text: str, value: Any) -> None:
        Organisation.objects.create(name="Clarté", currency="USD")
        definition = define("Account", "It", kind)
        assert custom_text.read(definition, text) == value

    def test_a_user_is_named_by_address_or_name(self, alice: User) -> None:
        definition = define("Account", "It", "user")
        assert custom_text.read(definition, "ALICE@clarte.example") == alice.pk

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            ("number", "a"),
            ("number", "Infinity"),
            ("date", "31/02/2026"),
            ("yes_no", "maybe"),
            ("choice", "bronze"),
            ("user", "nobody"),
            ("money", "EUR"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, kind: str, text: str) -> None:
        with pytest.raises(ValueError):
            custom_text.read(define("Account", "It", kind), text)


class TestRegistry:
    def test_a_field_is_asked_from_the_moment_it_is_made(self) -> None:
        assert fields.find("Account", "level") is None
        define("Account", "Level", "choice")
        found = fields.find("Account", "LEVEL")
        assert found is not None
        assert found.code == "Account.level"

    def test_one_that_is_switched_off_is_asked_no_more(self) -> None:
        definition = define("Account", "Level", "text")
        definition.is_active = False
        custom_fields.edit(definition)
        assert fields.find("Account", "level") is None

    def test_leads_and_contacts_have_one_field_of_one_name(self) -> None:
        define("Lead", "Zone", "text")
        define("Person", "Zone", "text")
        define("Lead", "Only leads", "text")
        names = [f.name for f in fields.fields_of("Person")]
        assert names.count("zone") == 1
        assert custom_criteria.foreign("Person") == {"only_leads"}
        assert custom_criteria.foreign("Lead") == set()

    def test_its_label_is_in_the_readers_language(self) -> None:
        define("Account", "Level", "text", label_fr="Niveau")
        found = fields.find("Account", "level")
        assert found is not None
        with translation.override("fr"):
            assert str(found.label) == "Niveau"
        with translation.override("en"):
            assert str(found.label) == "Level"


class TestOrderAndChoices:
    def test_a_field_changes_places_with_its_neighbour(self) -> None:
        one, two = define("Deal", "One", "text"), define("Deal", "Two", "text")
        other = define("Case", "Other", "text")
        custom_fields.move(two, up=True)
        custom_fields.move(two, up=True)
        assert [d.key for d in custom_fields.defined("Deal")] == ["two", "one"]
        custom_fields.move(one, up=True)
        assert [d.key for d in custom_fields.defined("Deal")] == ["one", "two"]
        assert custom_fields.defined("Case") == (other,)

    def test_a_renamed_choice_keeps_its_code_and_a_new_one_takes_no_other(self) -> None:
        definition = define("Deal", "Level", "choice")
        labels = [("silver", "Plain", ""), ("gold", "Gold", "Or"), ("", "Gold", ""), ("x", "", "")]
        custom_fields.with_choices(definition, labels)
        codes = [(c.code, c.label, c.label_fr) for c in custom_fields.choices_of(definition)]
        assert codes == [("silver", "Plain", ""), ("gold", "Gold", "Or"), ("gold_2", "Gold", "")]

    def test_a_record_of_another_kind_has_other_fields(self, alice: User) -> None:
        define("Account", "Level", "text")
        assert custom_fields.of(Company(owner=alice, name="X"))
        assert not custom_fields.of(Person(owner=alice, last_name="X", kind="lead"))
