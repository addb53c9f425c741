"""Each conversation stands in exactly one column, by decisions D1–D8, D44 and D54."""

import pytest

from relance.addresses.models import CompanyDomain
from relance.crm.models import Deal, Person
from relance.inbox import streams
from relance.inbox.models import AddressOverride, ColumnCount, Placement, Stream
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import Organisation, User
from tests.inbox import builders
from tests.inbox.builders import receive

pytestmark = pytest.mark.django_db


def column_of(copy: MessageCopy) -> Stream | None:
    found = Placement.objects.filter(thread=copy.thread).first()
    return Stream(found.stream) if found else None


def again(*addresses: str) -> None:
    streams.replace_addresses({builders.address(a).pk for a in addresses})


def test_a_contact_with_an_open_deal_is_a_potential(mailbox: MailAccount, patricia: User) -> None:
    builders.deal(patricia, builders.person(patricia, "alice@client.example"))
    assert column_of(receive(mailbox, sender="alice@client.example")) == Stream.POTENTIALS


def test_a_contact_in_a_role_counts_and_a_colleague_of_hers_does_not(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Client")
    alice = builders.person(patricia, "alice@client.example", company=company)
    bob = builders.person(patricia, "bob@client.example", company=company)
    builders.person(patricia, "carl@client.example", company=company)
    builders.deal(patricia, alice, bob, company=company)
    assert column_of(receive(mailbox, sender="bob@client.example")) == Stream.POTENTIALS
    assert column_of(receive(mailbox, sender="carl@client.example")) == Stream.PEOPLE


@pytest.mark.parametrize("kind", ["won", "lost"])
def test_closing_the_deal_makes_the_mail_leave_the_potentials(
    mailbox: MailAccount, patricia: User, kind: str
) -> None:
    deal = builders.deal(patricia, builders.person(patricia, "alice@client.example"))
    copy = receive(mailbox)
    Deal.objects.filter(pk=deal.pk).update(stage=builders.stage(kind))
    again("alice@client.example")
    assert column_of(copy) == Stream.PEOPLE


def test_secondary_addresses_match_and_plus_addresses_do_not(
    mailbox: MailAccount, patricia: User
) -> None:
    builders.person(patricia, "bob@client.example", "bob@home.example")
    assert column_of(receive(mailbox, sender="Bob@Home.example")) == Stream.PEOPLE
    assert column_of(receive(mailbox, sender="bob+x@client.example")) == Stream.NOT_IN_CRM


def test_a_converted_lead_and_a_deleted_person_never_match(
    mailbox: MailAccount, patricia: User
) -> None:
    builders.person(patricia, "lead@a.example", kind="lead", status=Person.Status.CONVERTED)
    gone = builders.person(patricia, "gone@a.example")
    Person.objects.filter(pk=gone.pk).update(deleted_at=builders.START)
    assert column_of(receive(mailbox, sender="lead@a.example")) == Stream.NOT_IN_CRM
    assert column_of(receive(mailbox, sender="gone@a.example")) == Stream.NOT_IN_CRM


def test_the_mailboxes_own_domain_makes_colleagues_but_not_its_subdomains(
    mailbox: MailAccount,
) -> None:
    assert column_of(receive(mailbox, sender="jean@zylker.example")) == Stream.COLLEAGUES
    assert column_of(receive(mailbox, sender="jean@mail.zylker.example")) == Stream.NOT_IN_CRM


def test_a_public_webmail_domain_never_makes_a_colleague(patricia: User) -> None:
    home = builders.account(patricia, "patricia@gmail.com")
    assert column_of(receive(home, sender="emile@gmail.com")) == Stream.NOT_IN_CRM


def test_company_domains_make_colleagues_with_subdomains_when_so_said(
    mailbox: MailAccount,
) -> None:
    CompanyDomain.objects.create(domain="zylker.fr")
    CompanyDomain.objects.create(domain="holding.example", include_subdomains=True)
    assert column_of(receive(mailbox, sender="a@zylker.fr")) == Stream.COLLEAGUES
    assert column_of(receive(mailbox, sender="a@x.zylker.fr")) == Stream.NOT_IN_CRM
    assert column_of(receive(mailbox, sender="a@x.holding.example")) == Stream.COLLEAGUES


def test_users_of_the_instance_are_colleagues_even_as_contacts(
    mailbox: MailAccount, patricia: User
) -> None:
    builders.user("pdg@elsewhere.example", is_active=False)
    builders.deal(patricia, builders.person(patricia, "pdg@elsewhere.example"))
    assert column_of(receive(mailbox, sender="pdg@elsewhere.example")) == Stream.COLLEAGUES


def test_a_contact_of_the_own_domain_with_a_deal_is_a_potential_unless_the_domain_wins(
    mailbox: MailAccount, patricia: User
) -> None:
    builders.deal(patricia, builders.person(patricia, "partner@zylker.example"))
    copy = receive(mailbox, sender="partner@zylker.example")
    assert column_of(copy) == Stream.POTENTIALS
    Organisation.objects.create(name="Zylker", domain_first=True)
    streams.replace_account(mailbox)
    assert column_of(copy) == Stream.COLLEAGUES


def test_my_own_decision_comes_first(mailbox: MailAccount, patricia: User) -> None:
    builders.deal(patricia, builders.person(patricia, "alice@client.example"))
    override = AddressOverride.objects.create(
        user=patricia, address=builders.address("alice@client.example"), category="colleague"
    )
    copy = receive(mailbox)
    assert column_of(copy) == Stream.COLLEAGUES
    override.delete()
    again("alice@client.example")
    assert column_of(copy) == Stream.POTENTIALS


def test_a_forged_colleague_is_not_a_colleague(mailbox: MailAccount) -> None:
    forged = receive(mailbox, sender="pdg@zylker.example", authentication="fail")
    assert column_of(forged) == Stream.NOT_IN_CRM


def test_a_mail_without_sender_is_not_in_the_crm(mailbox: MailAccount) -> None:
    assert column_of(receive(mailbox, sender="")) == Stream.NOT_IN_CRM


def test_the_most_valuable_correspondent_decides_for_the_conversation(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice)
    first = receive(mailbox, sender="alice@client.example")
    receive(mailbox, sender="jean@zylker.example", thread=first.thread)
    placement = Placement.objects.get(thread=first.thread)
    assert placement.stream == Stream.POTENTIALS
    assert placement.decided_by == builders.address("alice@client.example")
    assert placement.message_count == 2
    MessageCopy.objects.filter(pk=first.pk).update(
        folder=mailbox.folders.get(special_use="archive")
    )
    streams.threads_changed(mailbox.pk, {first.thread_id or 0})
    assert column_of(first) == Stream.COLLEAGUES


@pytest.mark.parametrize("folder", ["sent", "archive", "trash", "spam", "drafts"])
def test_only_the_inbox_is_placed(mailbox: MailAccount, folder: str) -> None:
    assert column_of(receive(mailbox, folder=folder)) is None


def test_my_own_mail_in_the_inbox_is_not_placed(mailbox: MailAccount) -> None:
    assert column_of(receive(mailbox, sender=mailbox.address, outgoing=True)) is None


def test_counters_always_equal_the_placements(mailbox: MailAccount, patricia: User) -> None:
    alice = builders.person(patricia, "alice@client.example")
    copies = [receive(mailbox, sender=f"{n}@x.example", seen=n % 2 == 0) for n in range(5)]
    copies += [receive(mailbox, sender="alice@client.example") for _ in range(3)]
    builders.deal(patricia, alice)
    again("alice@client.example")
    MessageCopy.objects.filter(pk=copies[0].pk).delete()
    streams.threads_changed(mailbox.pk, {copies[0].thread_id or 0})
    for stream in Stream:
        placed = Placement.objects.filter(account=mailbox, stream=stream)
        count = ColumnCount.objects.filter(account=mailbox, stream=stream).first()
        total, unread = (count.total, count.unread) if count else (0, 0)
        assert (total, unread) == (placed.count(), placed.filter(is_unread=True).count())
    assert Placement.objects.filter(stream=Stream.POTENTIALS).count() == 3


def test_a_change_touches_only_the_threads_concerned(mailbox: MailAccount, patricia: User) -> None:
    for n in range(10):
        receive(mailbox, sender=f"{n}@x.example")
    receive(mailbox, sender="alice@client.example")
    builders.person(patricia, "alice@client.example")
    assert streams.replace_addresses({builders.address("alice@client.example").pk}) == 1
