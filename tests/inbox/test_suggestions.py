"""Whom one may mean: records first, only what one may read, nobody else's correspondents."""

import pytest
from django.core.cache import cache

from relance.addresses import suppression
from relance.inbox.suggestions import Suggestion, suggest
from relance.lib.money import Money
from relance.mail.models import MailAccount
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_remembered() -> None:
    cache.clear()


def addresses(found: list[Suggestion]) -> list[str]:
    return [one.address for one in found]


def test_accents_and_case_do_not_matter_and_any_word_may_begin_so(patricia: User) -> None:
    builders.person(patricia, "e.garnier@meunier.example", first_name="Éloïse", last_name="Garnier")
    for typed in ("elo", "GARN", "Éloïse ga", "garnier elo"):
        assert addresses(suggest(patricia, typed)) == ["e.garnier@meunier.example"], typed
    assert suggest(patricia, "loise") == []


def test_open_deals_stand_beside_the_name_and_bring_it_forward(patricia: User) -> None:
    builders.person(patricia, "anne@a.example", first_name="Marc", last_name="Anselme")
    marc = builders.person(patricia, "marc@b.example", first_name="Marc", last_name="Vasseur")
    builders.deal(patricia, marc, amount=18200)
    builders.deal(patricia, marc, kind="won", amount=5000)
    found = suggest(patricia, "marc")
    assert addresses(found)[0] == "marc@b.example"
    assert [int(m.amount) for m in found[0].amounts] == [18200]
    assert found[0].record == f"person:{marc.pk}"


def test_an_account_and_a_deal_lead_to_their_contact(patricia: User) -> None:
    company = builders.company(patricia, "Meunier Logistique", city="Saint-Priest")
    person = builders.person(patricia, "e@meunier.example", last_name="Garnier", company=company)
    deal = builders.deal(patricia, person, name="Entrepôt de Saint-Priest", amount=48000)
    found = {one.kind: one for one in suggest(patricia, "saint-pr")}
    assert found["company"].address == found["deal"].address == "e@meunier.example"
    assert found["company"].record == f"company:{company.pk}"
    assert found["company"].via == found["deal"].via == person.name
    assert found["deal"].record == f"deal:{deal.pk}"
    assert found["deal"].amounts == (Money(deal.amount, "EUR"),)


def test_what_has_no_address_is_not_offered(patricia: User) -> None:
    builders.person(patricia, last_name="Sansadresse")
    builders.company(patricia, "Sansadresse et fils")
    builders.deal(patricia, name="Affaire Sansadresse")
    assert suggest(patricia, "sansadresse") == []


def test_deleted_and_converted_records_are_invisible_and_so_is_all_to_who_has_left(
    patricia: User,
) -> None:
    builders.person(patricia, "a@x.example", last_name="Zola", deleted_at="2026-01-01T00:00Z")
    builders.person(patricia, "b@x.example", last_name="Zola", kind="lead", status="converted")
    builders.person(patricia, "c@x.example", last_name="Zola")
    assert addresses(suggest(patricia, "zola")) == ["c@x.example"]
    patricia.is_active = False
    assert suggest(patricia, "zola") == []


def test_an_address_or_its_domain_may_be_typed_and_a_second_address_too(patricia: User) -> None:
    builders.person(patricia, "e@meunier.example", "eloise@home.example", last_name="Garnier")
    assert addresses(suggest(patricia, "e@meu")) == ["e@meunier.example"]
    assert addresses(suggest(patricia, "@meunier")) == ["e@meunier.example"]
    found = suggest(patricia, "eloise@ho")
    assert [(one.address, one.is_secondary) for one in found] == [("eloise@home.example", True)]


def test_a_dead_first_address_says_so_and_the_others_are_proposed_beside_it(patricia: User) -> None:
    builders.person(patricia, "e@meunier.example", "eloise@home.example", last_name="Garnier")
    suppression.mark_invalid(builders.address("e@meunier.example").pk)
    found = suggest(patricia, "garnier")
    assert [(one.address, one.verdict.code if one.verdict else "") for one in found] == [
        ("e@meunier.example", "invalid"),
        ("eloise@home.example", ""),
    ]


def test_people_written_to_before_come_after_the_records(
    patricia: User, mailbox: MailAccount
) -> None:
    builders.receive(
        mailbox, sender=mailbox.address, folder="sent", outgoing=True, to="juge@tribunal.example"
    )
    builders.receive(mailbox, sender="stranger@spam.example")
    assert addresses(suggest(patricia, "jug")) == ["juge@tribunal.example"]
    assert suggest(patricia, "stran") == []
    assert suggest(patricia, "jug", records_only=True) == []


def test_nobody_sees_whom_somebody_else_writes_to(patricia: User, mailbox: MailAccount) -> None:
    builders.receive(
        mailbox, sender=mailbox.address, folder="sent", outgoing=True, to="secret@lover.example"
    )
    other = builders.user("manager@zylker.example", role=User.Role.ADMIN)
    builders.account(other)
    for typed in ("secret", "secret@lover", "@lover", ""):
        assert suggest(other, typed) == [], typed
    assert addresses(suggest(patricia, "secret")) == ["secret@lover.example"]


def test_colleagues_are_offered_once_however_they_are_known(
    patricia: User, mailbox: MailAccount
) -> None:
    builders.user("amelia@zylker.example", first_name="Amelia", last_name="Burrows")
    builders.receive(
        mailbox, sender=mailbox.address, folder="sent", outgoing=True, to="amelia@zylker.example"
    )
    found = suggest(patricia, "amel")
    assert [(one.kind, one.name) for one in found] == [("colleague", "Amelia Burrows")]


def test_what_was_typed_is_no_pattern(patricia: User) -> None:
    builders.person(patricia, "c@x.example", last_name="Zola")
    for typed in ("%", "_ola", "' OR 1=1 --", "zola%", "\\", "<script>", "\x00", "é" * 5000):
        assert suggest(patricia, typed) == [], typed
