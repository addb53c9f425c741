"""The registry of fields."""

import pytest

from relance.criteria import fields

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("entity", "name", "code"),
    [
        ("Person", "firstName", "Person.firstName"),
        ("person", "FIRSTNAME", "Person.firstName"),
        ("Contact", "phoneNumber", "Person.phone"),
        ("Lead", "city", "Person.city"),
        ("Account", "billingAddressCity", "Account.city"),
        ("Opportunity", "amountCurrency", "Deal.currency"),
        ("User", "emailAddress", "User.emailAddress"),
        ("Organisation", "name", "Organisation.name"),
    ],
)
def test_a_field_answers_to_its_names_and_those_of_espocrm(
    entity: str, name: str, code: str
) -> None:
    found = fields.find(entity, name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(("entity", "name"), [("Person", "password"), ("Quote", "name"), ("", "")])
def test_what_was_never_registered_is_not_found(entity: str, name: str) -> None:
    assert fields.find(entity, name) is None


def test_every_field_has_a_label_and_no_name_is_taken_twice() -> None:
    for entity in fields.entities():
        taken: list[str] = []
        for field in fields.fields_of(entity.name):
            assert str(field.label)
            taken += [field.name.casefold(), *(alias.casefold() for alias in field.aliases)]
        assert len(taken) == len(set(taken)), entity.name


def test_the_password_of_a_user_is_no_field() -> None:
    assert not {f.name for f in fields.fields_of("User")} & {"password", "role", "id"}
