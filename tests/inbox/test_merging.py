"""The values of placeholders: what is read, how it is written, which records are meant."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe

from relance.criteria import fields
from relance.crm import deals, people
from relance.crm.models import Company, Deal, Person, Stage, Tag
from relance.inbox import merging
from relance.users.models import Organisation, Team, User
from relance.writing import merge
from tests.inbox import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille(db: None) -> User:
    Organisation.objects.create(name="Clarté")
    return builders.user(
        "camille@clarte.example", first_name="Camille", last_name="Laurent", language="fr"
    )


@pytest.fixture
def company(camille: User) -> Company:
    return Company.objects.create(
        owner=camille,
        name="Meunier & fils",
        street="8 quai des Forges",
        postcode="69007",
        city="Lyon",
        country="fr",
    )


@pytest.fixture
def eloise(camille: User, company: Company) -> Person:
    person = Person(kind="contact", first_name="Éloïse", last_name="Garnier", company=company)
    return people.create_person(
        camille, person, addresses=["e.garnier@meunier.example", "eloise@home.example"]
    )


def deal(owner: User, name: str, closes_on: date, *, kind: str = "open", **more: object) -> Deal:
    person = more.pop("person", None)
    made = Deal(
        name=name,
        stage=Stage.objects.filter(kind=kind)[0],
        closes_on=closes_on,
        **more,
    )
    parts = [deals.Part(person)] if isinstance(person, Person) else []
    return deals.create_deal(owner, made, parts=parts)


def test_every_field_of_the_registry_has_a_value_for_full_records(
    camille: User, eloise: Person, company: Company
) -> None:
    for name in ("title", "phone", "mobile", "city", "source"):
        setattr(eloise, name, f"{name} of hers")
    eloise.country = "FR"
    eloise.save()
    company.website, company.phone, company.domain = (
        "https://meunier.example",
        "04",
        "meunier.example",
    )
    company.save()
    camille.title, camille.phone = "Sales", "06"
    camille.save()
    made = deal(
        *(camille, "Quais", date(2027, 1, 1)),
        amount=Decimal(18200),
        company=company,
        person=eloise,
    )
    team, tag = Team.objects.create(name="Lyon"), Tag.objects.create(name="Fair")
    for record in (eloise, company, made):
        record.team = team
        record.save()
        record.tags.add(tag)
    values = merging.with_signature(
        merging.values(camille, person=eloise, deal=made), mark_safe("<b>C</b>")
    )
    empty = [
        field.code
        for entity in merging.ENTITIES
        for field in fields.fields_of(entity)
        if not values(field.entity, field.name)
    ]
    assert empty == ["User.photo"]


def test_amounts_dates_and_countries_are_written_in_the_viewers_language_or_the_one_asked(
    camille: User, eloise: Person
) -> None:
    deal(camille, "Quais", date(2026, 11, 27), amount=Decimal("18200.50"), person=eloise)
    french = merging.values(camille, person=eloise)
    english = merging.values(camille, person=eloise, language="en")
    assert french("Deal", "amount") == "18\u202f200,50\u00a0€"
    assert english("Deal", "amount") == "€18,200.50"
    assert french("Deal", "closeDate") == "27 novembre 2026"
    assert english("Deal", "closeDate") == "27 November 2026"
    assert english("Account", "address") == "8 quai des Forges\n69007 Lyon\nFrance"


def test_the_first_of_a_month_is_written_as_the_french_do(camille: User, eloise: Person) -> None:
    made = deal(camille, "Quais", date(2026, 12, 1))
    assert merging.values(camille, deal=made)("Deal", "closeDate") == "1er décembre 2026"


def test_of_several_open_deals_the_one_that_closes_first_is_meant(
    camille: User, eloise: Person
) -> None:
    deal(camille, "Later", date(2027, 5, 1), person=eloise)
    deal(camille, "Sooner", date(2027, 2, 1), person=eloise)
    deal(camille, "Same day", date(2027, 2, 1), person=eloise)
    deal(camille, "Won", date(2027, 1, 1), kind="won", person=eloise)
    deal(camille, "Of somebody else", date(2026, 12, 1))
    gone = deal(camille, "Deleted", date(2026, 12, 1), person=eloise)
    deals.delete(camille, gone)
    assert merging.values(camille, person=eloise)("Deal", "name") == "Sooner"


def test_the_deal_given_is_the_one_meant(camille: User, eloise: Person, company: Company) -> None:
    deal(camille, "Sooner", date(2027, 2, 1), person=eloise)
    given = deal(camille, "Given", date(2028, 2, 1), company=company)
    values = merging.values(camille, person=eloise, deal=given)
    assert values("Deal", "name") == "Given"
    assert merging.values(camille, deal=given)("Account", "name") == "Meunier & fils"


def test_an_account_alone_means_its_own_open_deal(camille: User, company: Company) -> None:
    deal(camille, "Its own", date(2027, 2, 1), company=company)
    assert merging.values(camille, company=company)("Deal", "name") == "Its own"


def test_a_lead_has_the_company_that_was_written(camille: User) -> None:
    lead = Person(kind="lead", last_name="Leclerc", company_name="Logis Ouest")
    people.create_person(camille, lead)
    values = merging.values(camille, person=lead)
    assert values("Account", "name") == values("Person", "accountName") == "Logis Ouest"
    assert values("Person", "emailAddress") is None
    assert values("Deal", "name") is None


def test_nothing_of_a_record_one_may_not_read_comes_out(
    camille: User, eloise: Person, company: Company
) -> None:
    made = deal(camille, "Quais", date(2027, 2, 1), company=company, person=eloise)
    people.delete(camille, eloise)
    deals.delete(camille, made)
    Company.objects.update(deleted_at="2026-01-01T00:00:00Z")
    values = merging.values(camille, person=eloise, deal=made, company=company)
    for entity in ("Person", "Account", "Deal"):
        for field in fields.fields_of(entity):
            assert values(entity, field.name) is None, field.code


def test_a_user_who_left_reads_nothing(camille: User, eloise: Person) -> None:
    camille.is_active = False
    values = merging.values(camille, person=eloise)
    assert values("Person", "name") is None
    assert merging.entries(camille) == []


def test_what_is_no_field_has_no_value(camille: User, eloise: Person) -> None:
    values = merging.values(camille, person=eloise)
    for entity, name in (
        ("User", "password"),
        ("Person", "createdBy"),
        ("Person", "pk"),
        ("X", "y"),
    ):
        assert values(entity, name) is None


def test_a_hostile_name_is_escaped_and_stays_in_its_line(camille: User) -> None:
    lead = Person(kind="lead", last_name="<img src=x onerror=alert(1)>\r\nBcc: eve@evil.example")
    people.create_person(camille, lead)
    values = merging.values(camille, person=lead)
    assert "<img" not in merge.render_html("<p>{Person.lastName}</p>", values).text
    subject = merge.render_text("{Person.lastName}", values, one_line=True).text
    assert "\n" not in subject


def test_the_menu_lists_every_entity_in_the_readers_language(camille: User) -> None:
    with translation.override("en"):
        menu = {entity: dict(codes) for entity, _label, codes in merging.entries(camille)}
    assert menu["Person"]["Person.firstName"] == "first name"
    assert list(menu) == list(merging.ENTITIES)


def test_records_are_looked_up_once_each(
    camille: User, eloise: Person, django_assert_max_num_queries: object
) -> None:
    deal(camille, "Quais", date(2027, 2, 1), person=eloise)
    text = "{Person.name} {Person.city} {Account.name} {Account.city} {Deal.name} {Deal.amount}"
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        merge.render_text(text, merging.values(camille, person=eloise))
