"""Lists as files: what they hold, and what they never do."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from relance.crm import people
from relance.crm.models import Company, Deal, Person
from relance.users.models import User
from relance.web.exports import csvfiles
from tests.crm.test_custom_fields import define


def body(client: Client, url: str) -> bytes:
    answer: Any = client.get(url)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer.streaming_content)


def table(client: Client, url: str, delimiter: str = ",") -> list[dict[str, str]]:
    written = body(client, url).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(written), delimiter=delimiter))


class TestCsv:
    def test_it_holds_the_list_as_it_is_asked(
        self, as_bob: Client, bob: User, eloise: Person, thomas: Person
    ) -> None:
        people.create_person(bob, Person(kind="contact", last_name="Roy", title="Boss"))
        rows = table(as_bob, "/lists/contacts/export.csv?sort=-name&cols=name,title,company")
        assert rows == [
            {"Name": "Roy", "Title": "Boss", "Account": ""},
            {"Name": "Éloïse Garnier", "Title": "", "Account": "Meunier Logistique"},
        ]
        assert table(as_bob, "/lists/contacts/export.csv?q=roy&cols=name") == [{"Name": "Roy"}]

    def test_chosen_records_and_no_others(
        self, as_bob: Client, bob: User, eloise: Person, thomas: Person
    ) -> None:
        people.create_person(bob, Person(kind="contact", last_name="Roy"))
        asked = f"id={eloise.pk}&id={thomas.pk}&id=x&whole="
        rows = table(as_bob, f"/lists/contacts/export.csv?cols=name&{asked}")
        assert rows == [{"Name": "Éloïse Garnier"}]

    def test_every_address_of_a_person(self, as_bob: Client, eloise: Person) -> None:
        [row] = table(as_bob, "/lists/contacts/export.csv")
        assert row["E-mail"] == "e.garnier@meunier.example, eloise@home.example"

    def test_every_column_there_is(self, as_bob: Client, alice: User, eloise: Person) -> None:
        define("Person", "Zone", "text")
        Person.objects.filter(pk=eloise.pk).update(custom={"zone": "North"})
        eloise.tags.create(name="Fair")
        [row] = table(as_bob, "/lists/contacts/export.csv?every=1")
        said = (row["Zone"], row["Tags"], row["First name"], row["Owner"])
        assert said == ("North", "Fair", "Éloïse", "Alice Martin")

    def test_amounts_have_their_currency_and_french_files_their_comma(
        self, as_bob: Client, bob: User, warehouse: Deal
    ) -> None:
        Deal.objects.update(amount=Decimal("48000.50"), currency="CHF")
        [row] = table(as_bob, "/lists/deals/export.csv")
        assert (row["Amount"], row["Currency (amount)"]) == ("48000.50", "CHF")
        assert row["Closing date"] == "2027-03-27"
        bob.language = "fr"
        bob.save()
        [row] = table(as_bob, "/lists/deals/export.csv?cols=name,amount", ";")
        assert "48000,50" in row.values()

    def test_what_was_deleted_is_not_in_it(self, as_bob: Client, eloise: Person) -> None:
        Person.objects.filter(pk=eloise.pk).update(deleted_at=eloise.created_at)
        assert table(as_bob, "/lists/contacts/export.csv") == []
        assert table(as_bob, f"/lists/contacts/export.csv?id={eloise.pk}") == []

    def test_formulas_are_harmless(self, as_bob: Client, alice: User) -> None:
        Company.objects.create(owner=alice, name='=HYPERLINK("http://evil.example")')
        Company.objects.create(owner=alice, name="+33 4 00 00 00 40")
        names = {row["Name"] for row in table(as_bob, "/lists/accounts/export.csv")}
        assert names == {'\'=HYPERLINK("http://evil.example")', "+33 4 00 00 00 40"}

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("@SUM(1)", "'@SUM(1)"),
            ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("-12", "-12"),
            ("+1-1", "'+1-1"),
            ("a=b", "a=b"),
            ("", ""),
        ],
    )
    def test_a_quote_stands_before_what_looks_like_one(self, text: str, kept: str) -> None:
        assert csvfiles.safe(text) == kept


class TestXlsx:
    def test_it_is_a_workbook_with_days_and_numbers(self, as_bob: Client, warehouse: Deal) -> None:
        data = body(as_bob, "/lists/deals/export.xlsx")
        sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
        assert "Entrepôt de Saint-Priest" in sheet
        assert "<v>48000.00</v>" in sheet
        serial = (date(2027, 3, 27) - date(1899, 12, 30)).days
        assert f'<c s="1"><v>{serial}</v></c>' in sheet

    def test_every_list_can_be_taken_home(
        self, as_bob: Client, warehouse: Deal, thomas: Person
    ) -> None:
        for key in ("leads", "contacts", "accounts", "deals", "cases", "tasks", "calls"):
            for kind in ("xlsx", "csv"):
                assert body(as_bob, f"/lists/{key}/export.{kind}?every=1")


class TestPage:
    def test_the_menu_knows_how_the_list_is_asked(self, as_bob: Client, eloise: Person) -> None:
        page = as_bob.get("/people/?kind=contact&q=garnier").content.decode()
        assert "/lists/contacts/export.xlsx?kind=contact&amp;q=garnier" in page
        assert "every=1" in page

    def test_there_is_nothing_to_take_from_an_empty_list(self, as_bob: Client) -> None:
        assert "export.xlsx" not in as_bob.get("/people/?kind=contact").content.decode()

    @pytest.mark.parametrize("url", ["/lists/secrets/export.csv", "/lists/deals/export.pdf"])
    def test_an_unknown_list_or_kind_is_none(self, as_bob: Client, url: str) -> None:
        assert as_bob.get(url).status_code == 404

    def test_nobody_takes_anything_without_logging_in(self, client: Client, db: None) -> None:
        assert client.get("/lists/contacts/export.csv").status_code == 302


def test_a_long_list_is_read_in_parts(
    as_bob: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relance.web.exports.tables.AT_ONCE", 7)
    for n in range(30):
        people.create_person(bob, Person(kind="contact", last_name=f"P{n:02}"))
    rows = table(as_bob, "/lists/contacts/export.csv?cols=name,openDeals")
    assert [row["Name"] for row in rows] == [f"P{n:02}" for n in range(30)]
