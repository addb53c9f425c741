"""The mails on the pages of records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from relance.addresses.models import EmailAddress
from relance.crm.models import Company, Deal, Person
from relance.lib import clock
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HERS = "e.garnier@meunier.example"


@pytest.fixture
def mailbox(alice: User, make_account: Callable[..., MailAccount]) -> MailAccount:
    return make_account(alice)


def _panel(client: Client, record: Person | Company | Deal, query: str = "") -> str:
    entity = record._meta.model_name
    answer = client.get(
        f"/mails/{entity}/{record.pk}/panel/{query}", headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store" or "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_the_pages_of_records_ask_for_their_mails(
    as_alice: Client, eloise: Person, meunier: Company, warehouse: Deal
) -> None:
    for record in (eloise, meunier, warehouse):
        page = as_alice.get(record.get_absolute_url()).content.decode()
        assert f'hx-get="/mails/{record._meta.model_name}/{record.pk}/panel/"' in page


def test_the_panel_says_who_wrote_and_where_each_mail_is(
    as_alice: Client, alice: User, mailbox: MailAccount, eloise: Person
) -> None:
    builders.receive(mailbox, subject="Plans <du> quai", sender=HERS, name="Éloïse", attachments=1)
    builders.receive(
        mailbox, subject="Planning", sender=alice.email, to=HERS, outgoing=True, folder="sent"
    )
    waiting = Outgoing.objects.create(
        account=mailbox, author=alice, subject="Relance", state="held", message_id="1@x"
    )
    OutgoingRecipient.objects.create(outgoing=waiting, address=builders.address(HERS))
    html = _panel(as_alice, eloise)
    assert html.index("Relance") < html.index("Planning") < html.index("Plans &lt;du&gt; quai")
    assert "Received" in html
    assert "Incoming mail" in html
    assert "Outgoing mail" in html
    assert "Is held back" in html
    assert "With attachments" in html
    assert "?to=e.garnier%40meunier.example" in html
    assert "Whose mailbox" not in html


def test_the_list_is_searched_and_read_on_by_key(
    as_alice: Client, mailbox: MailAccount, eloise: Person
) -> None:
    for n in range(10):
        builders.receive(mailbox, subject=f"Quai {n}", sender=HERS)
    html = _panel(as_alice, eloise)
    assert "Quai 9" in html
    assert "Quai 1" not in html
    older = html.split("/panel/?before=")[1].split('"')[0]
    rest = _panel(as_alice, eloise, f"?before={older}")
    assert "Quai 1" in rest
    assert "<section" not in rest
    found = _panel(as_alice, eloise, "?part=rows&q=quai+4")
    assert "Quai 4" in found
    assert "Quai 5" not in found
    assert "No e-mail holds all these words" in _panel(as_alice, eloise, "?part=rows&q=xyzzy")


def test_their_own_page_works_without_script(
    as_alice: Client, mailbox: MailAccount, eloise: Person
) -> None:
    builders.receive(mailbox, subject="Quai nord", sender=HERS)
    page = as_alice.get(f"/mails/person/{eloise.pk}/?q=nord").content.decode()
    assert "Quai nord" in page
    assert "<html" in page
    assert 'value="nord"' in page


def test_a_record_without_an_address_says_so(as_alice: Client, alice: User) -> None:
    person = builders.person(alice)
    html = _panel(as_alice, person)
    assert "Without an e-mail address" in html
    assert "compose" not in html
    assert "None of its people" in _panel(as_alice, builders.company(alice, "Empty"))
    assert "No mail is linked" in _panel(as_alice, builders.deal(alice))


def test_a_deal_shows_the_mails_of_its_primary_contact_until_one_is_linked(
    as_alice: Client, mailbox: MailAccount, warehouse: Deal, eloise: Person
) -> None:
    builders.receive(mailbox, subject="Quai nord", sender=HERS)
    assert "Quai nord" in _panel(as_alice, warehouse)
    assert "Quai nord" not in _panel(as_alice, warehouse, "?scope=deal")
    assert "Quai nord" in _panel(as_alice, warehouse, f"?scope={eloise.pk}")
    assert "Quai nord" in _panel(as_alice, warehouse, "?scope=999999")


def test_nobody_reads_the_mails_of_another(
    as_alice: Client, as_bob: Client, mailbox: MailAccount, eloise: Person
) -> None:
    builders.receive(mailbox, subject="Quai nord", text="secret", sender=HERS)
    assert "Quai nord" in _panel(as_alice, eloise)
    assert "Quai nord" not in _panel(as_bob, eloise)
    assert "Quai nord" not in _panel(as_bob, eloise, f"?owner={mailbox.owner_id}&q=secret")


def test_what_is_not_there_is_not_found(as_alice: Client, eloise: Person) -> None:
    for place in ("person/999999", "nonsense/1", "user/1", "stage/1"):
        assert as_alice.get(f"/mails/{place}/panel/").status_code == 404
        assert as_alice.get(f"/mails/{place}/").status_code == 404
    eloise.deleted_at = eloise.created_at
    eloise.save()
    assert as_alice.get(f"/mails/person/{eloise.pk}/panel/").status_code == 404
    assert as_alice.post(f"/mails/person/{eloise.pk}/panel/").status_code == 405


def test_nonsense_in_the_address_is_taken_for_nothing(
    as_alice: Client, mailbox: MailAccount, eloise: Person
) -> None:
    builders.receive(mailbox, subject="Quai nord", sender=HERS)
    for query in (
        "?owner=x",
        "?owner=" + "9" * 30,
        "?q=%00%22*",
        "?scope=%27",
        "?before=abc",
        "?before=" + "9" * 19,
    ):
        _panel(as_alice, eloise, query)
    assert "Quai nord" in _panel(as_alice, eloise, "?owner=999")


def test_the_panel_takes_few_queries(
    as_alice: Client,
    mailbox: MailAccount,
    warehouse: Deal,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for _ in range(10):
        builders.receive(mailbox, sender=HERS)
    with django_assert_max_num_queries(22):  # type: ignore[attr-defined]
        _panel(as_alice, warehouse)


def test_a_dead_primary_address_offers_the_other_one_and_writes_to_none_by_itself(
    as_alice: Client, mailbox: MailAccount, eloise: Person
) -> None:
    html = _panel(as_alice, eloise)
    assert "Send to another address" in html
    assert "?to=eloise%40home.example" in html
    EmailAddress.objects.filter(address=HERS).update(invalid_at=clock.now())
    html = _panel(as_alice, eloise)
    assert "?to=e.garnier%40meunier.example" not in html
    assert f"{HERS} does not exist any more." in html
    assert "Write to another address?" in html
    assert "?to=eloise%40home.example" in html


def test_nobody_who_may_not_send_is_offered_to(
    as_alice: Client, alice: User, mailbox: MailAccount, eloise: Person
) -> None:
    alice.may_send = False
    alice.save()
    assert "?to=" not in _panel(as_alice, eloise)


def test_an_account_is_written_to_from_its_page(
    as_alice: Client, mailbox: MailAccount, eloise: Person, meunier: Company
) -> None:
    html = _panel(as_alice, meunier)
    assert f"record=company%3A{meunier.pk}" in html
    assert "?to=e.garnier%40meunier.example" in html
