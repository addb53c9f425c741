"""Fields edited where they are read."""

import re
from typing import Any

import pytest
from django.test import Client

from relance.crm import people
from relance.crm.models import Company, CustomField, Deal, Person, Tag
from relance.users.models import Team, User

HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def field(record: Any, name: str) -> str:
    entity = record._meta.model_name
    return f"/lists/fields/{entity}/{record.pk}/{name}/"


def put(client: Client, record: Any, name: str, **data: Any) -> Any:
    return client.post(field(record, name), data, headers=HTMX)


class TestCard:
    def test_it_shows_what_is_known_and_folds_the_rest_away(
        self, as_bob: Client, eloise: Person
    ) -> None:
        card = text(as_bob.get(f"/lists/card/person/{eloise.pk}/"))
        shown, _details, blank = card.partition("<details")
        assert "e.garnier@meunier.example" in shown
        assert "Meunier Logistique" in shown
        assert "Source" in blank

    def test_it_goes_without_its_head(self, as_bob: Client, eloise: Person) -> None:
        assert "<header" not in text(as_bob.get(f"/lists/card/person/{eloise.pk}/?bare=1"))

    @pytest.mark.parametrize("address", ["card/person/999/", "card/ghost/1/", "fields/ghost/1/x/"])
    def test_an_unknown_record_is_not_found(self, as_bob: Client, address: str) -> None:
        assert as_bob.get(f"/lists/{address}").status_code == 404

    def test_a_deleted_one_is_not_found(self, as_bob: Client, bob: User, eloise: Person) -> None:
        people.delete(bob, eloise)
        assert as_bob.get(f"/lists/card/person/{eloise.pk}/").status_code == 404
        assert put(as_bob, eloise, "source", source="Fair").status_code == 404


class TestEditing:
    def test_a_line_asks_for_its_field_alone(self, as_bob: Client, eloise: Person) -> None:
        form = text(as_bob.get(field(eloise, "source"), headers=HTMX))
        assert re.findall(r'name="(\w+)"', form) == ["csrfmiddlewaretoken", "source"]

    def test_saving_answers_with_the_card_and_a_way_back(
        self, as_bob: Client, eloise: Person
    ) -> None:
        response = put(as_bob, eloise, "source", source="Fair")

        assert response.status_code == 200
        assert f'id="card-person-{eloise.pk}"' in text(response)
        assert '"record-saved": {"kind": "person"' in response["HX-Trigger"]
        eloise.refresh_from_db()
        assert eloise.source == "Fair"

        [undo] = re.findall(r"/undo/\d+/", response["HX-Trigger"])
        as_bob.post(undo)
        eloise.refresh_from_db()
        assert eloise.source == ""

    def test_nothing_else_of_the_record_changes(
        self, as_bob: Client, alice: User, eloise: Person
    ) -> None:
        put(as_bob, eloise, "source", source="Fair", title="X", owner="999", last_name="")
        eloise.refresh_from_db()
        assert (eloise.title, eloise.owner, eloise.last_name) == ("", alice, "Garnier")
        assert eloise.company is not None

    def test_what_is_wrong_is_said_in_place_and_not_lost(
        self, as_bob: Client, eloise: Person
    ) -> None:
        response = put(as_bob, eloise, "name", first_name="Élo", last_name=" ", title="")
        assert "data-field-form" in text(response)
        assert 'value="Élo"' in text(response)
        assert "This field is required" in text(response)
        eloise.refresh_from_db()
        assert eloise.first_name == "Éloïse"

    @pytest.mark.parametrize("name", ["deleted_at", "kind", "converted_at", "pk", "custom_ghost"])
    def test_what_has_no_line_has_no_form(self, as_bob: Client, eloise: Person, name: str) -> None:
        assert put(as_bob, eloise, name, **{name: "x"}).status_code == 404

    def test_without_script_the_pencil_leads_to_all_fields(
        self, as_bob: Client, eloise: Person
    ) -> None:
        assert as_bob.get(field(eloise, "source"))["Location"] == f"/people/{eloise.pk}/edit/"

    def test_the_account_is_named_in_words(self, as_bob: Client, eloise: Person) -> None:
        put(as_bob, eloise, "organisation", organisation="Vasseur")
        eloise.refresh_from_db()
        assert eloise.company == Company.objects.get(name="Vasseur")

    def test_a_website_becomes_no_script(self, as_bob: Client, meunier: Company) -> None:
        response = put(as_bob, meunier, "website", website="javascript:alert(1)")
        assert "data-field-form" in text(response)

    def test_owner_team_and_place_of_an_account(
        self, as_bob: Client, bob: User, meunier: Company
    ) -> None:
        north = Team.objects.create(name="North")
        put(as_bob, meunier, "owner", owner=bob.pk)
        put(as_bob, meunier, "team", team=north.pk)
        place = {"shipping_street": "1 rue A", "shipping_city": "Lyon", "shipping_country": "FR"}
        card = text(put(as_bob, meunier, "delivery", **place))
        assert "1 rue A, Lyon, France" in card
        meunier.refresh_from_db()
        assert (meunier.owner, meunier.team) == (bob, north)

    def test_the_amount_of_a_deal_is_written_as_people_write(
        self, as_bob: Client, warehouse: Deal
    ) -> None:
        card = text(put(as_bob, warehouse, "amount", amount="50,000", currency="CHF"))
        assert "CHF50,000" in card.replace("\xa0", "")
        again = put(as_bob, warehouse, "amount", amount="many", currency="EUR")
        assert "data-field-form" in text(again)

    def test_tags_are_written_in_one_line(self, as_bob: Client, eloise: Person) -> None:
        Tag.objects.create(name="VIP")
        put(as_bob, eloise, "tags", tags="vip, Lamps , ")
        assert [tag.name for tag in eloise.tags.all()] == ["Lamps", "VIP"]
        put(as_bob, eloise, "tags", tags="")
        assert not eloise.tags.exists()


class TestAddressesAndPhones:
    def test_writing_over_an_address_asks_about_the_old_one(
        self, as_bob: Client, eloise: Person
    ) -> None:
        rows = {
            "address": ["new@meunier.example", "eloise@home.example"],
            "was": ["e.garnier@meunier.example", "eloise@home.example"],
        }
        asked = put(as_bob, eloise, "emails", **rows)
        assert "data-field-form" in text(asked)
        assert "Keep e.garnier@meunier.example as a secondary address" in text(asked)

        keep = ["e.garnier@meunier.example"]
        assert put(as_bob, eloise, "emails", **rows, asked="1", keep=keep).status_code == 200
        assert next(str(link) for link in eloise.address_links.all()) == "new@meunier.example"
        assert eloise.address_links.count() == 3

    def test_a_wrong_address_is_refused(self, as_bob: Client, eloise: Person) -> None:
        response = put(as_bob, eloise, "emails", address=["nonsense"], was=[""])
        assert "data-field-form" in text(response)
        assert 'value="nonsense"' in text(response)

    def test_an_account_has_addresses_of_its_own(self, as_bob: Client, meunier: Company) -> None:
        card = text(put(as_bob, meunier, "emails", address=["contact@meunier.example"], was=[""]))
        assert "contact@meunier.example" in card
        assert meunier.address_links.get().is_primary

    def test_several_numbers_each_of_its_kind(self, as_bob: Client, eloise: Person) -> None:
        rows = {"phone_kind": ["home", "bogus", "work"], "phone_number": ["04 1", "04 2", ""]}
        card = text(put(as_bob, eloise, "phones", phone="04 0", mobile="", **rows))
        assert 'href="tel:041"' in card
        found = eloise.phones.values_list("kind", "number")
        assert list(found) == [("home", "04 1"), ("other", "04 2")]

    def test_all_of_it_can_be_undone(self, as_bob: Client, eloise: Person) -> None:
        rows = {"phone_kind": ["home"], "phone_number": ["04 1"]}
        answers = [
            put(as_bob, eloise, "phones", phone="04 0", mobile="", **rows),
            put(as_bob, eloise, "emails", address=["a@x.example"], was=[""]),
            put(as_bob, eloise, "tags", tags="VIP"),
        ]
        for answer in reversed(answers):
            [undo] = re.findall(r"/undo/\d+/", answer["HX-Trigger"])
            as_bob.post(undo)

        eloise.refresh_from_db()
        assert (eloise.phone, eloise.phones.count(), eloise.tags.count()) == ("", 0, 0)
        assert [str(link) for link in eloise.address_links.all()] == [
            "e.garnier@meunier.example",
            "eloise@home.example",
        ]

    def test_a_bad_address_is_marked(self, as_bob: Client, eloise: Person) -> None:
        address = eloise.addresses.get(address="eloise@home.example")
        address.opted_out_at = eloise.created_at
        address.save()
        assert "Unsubscribed" in text(as_bob.get(f"/lists/card/person/{eloise.pk}/"))


class TestCustomFields:
    def test_they_are_lines_of_the_card_and_edited_like_the_others(
        self, as_bob: Client, eloise: Person
    ) -> None:
        kind = CustomField.Kind
        rows = {"entity": "Person", "label_fr": "Étage"}
        CustomField.objects.create(key="floor", label="Floor", kind=kind.NUMBER, **rows)
        assert "Floor" in text(as_bob.get(f"/lists/card/person/{eloise.pk}/"))

        answer = put(as_bob, eloise, "custom_floor", custom_floor="1,250.5")

        assert "1,250.5" in text(answer)
        eloise.refresh_from_db()
        assert set(eloise.custom) == {"floor"}
        assert "Floor: " in text(as_bob.get(f"/history/person/{eloise.pk}/"))
        [undo] = re.findall(r"/undo/\d+/", answer["HX-Trigger"])
        as_bob.post(undo)
        eloise.refresh_from_db()
        assert eloise.custom == {}

    def test_a_required_one_is_asked_for_where_it_is_edited_only(
        self, as_bob: Client, warehouse: Deal
    ) -> None:
        CustomField.objects.create(
            entity="Deal", key="why", label="Why", kind=CustomField.Kind.TEXT, is_required=True
        )
        refused = put(as_bob, warehouse, "custom_why", custom_why="")
        assert "This field is required" in text(refused)
        assert "data-field-form" not in text(
            put(as_bob, warehouse, "amount", amount="5", currency="EUR")
        )
