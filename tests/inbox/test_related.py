"""The mails of a record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.crm.models import PersonAddress
from relance.inbox import related, search
from relance.inbox.models import RecordLink
from relance.inbox.related import Asked, Concern
from relance.lib import clock
from relance.mail.models import (
    Attachment,
    CopyParticipant,
    MailAccount,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Participant,
)
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
CLIENT = "alice@client.example"


@pytest.fixture
def owner() -> User:
    return builders.user("owner@clarte.example")


@pytest.fixture
def mailbox(owner: User) -> MailAccount:
    return builders.account(owner)


def _subjects(viewer: User, record: object, **asked: object) -> list[str]:
    concern = record if isinstance(record, Concern) else related.concern_of(record)  # type: ignore[arg-type]
    return [m.message.subject for m in related.page(viewer, concern, Asked(**asked)).mails]  # type: ignore[arg-type]


def _with(copy: MessageCopy, role: int, address: str) -> None:
    Participant.objects.create(message=copy.message, role=role, address=builders.address(address))


def _again(copy: MessageCopy, account: MailAccount, folder: str = "inbox") -> MessageCopy:
    """The same mail in another place."""
    return MessageCopy.objects.create(
        account=account,
        folder=account.folders.get(special_use=folder),
        uid=copy.pk + 1000,
        uidvalidity=1,
        key=copy.key,
        received_at=copy.received_at,
        message=copy.message,
        thread=copy.thread if account == copy.account else None,
        stage=MessageCopy.Stage.PLACED,
    )


def test_all_addresses_of_a_person_count_in_from_to_and_cc(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT, "second@home.example")
    builders.receive(mailbox, subject="from her", sender=CLIENT)
    builders.receive(mailbox, subject="to her", sender=owner.email, to="second@home.example",
                     outgoing=True, folder="sent")  # fmt: skip
    _with(builders.receive(mailbox, subject="in cc", sender="x@other.example"), 5, CLIENT)
    _with(builders.receive(mailbox, subject="reply-to only", sender="y@other.example"), 3, CLIENT)
    builders.receive(mailbox, subject="of somebody else", sender="z@other.example")
    mails = related.page(owner, related.concern_of(person), Asked()).mails
    found = [(m.message.subject, m.is_outgoing) for m in mails]
    assert found == [("in cc", False), ("to her", True), ("from her", False)]


def test_each_mail_shows_once_however_many_copies_and_addresses_it_has(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT, "second@home.example")
    copy = builders.receive(mailbox, subject="once", sender=CLIENT)
    _with(copy, 5, "second@home.example")
    _again(copy, mailbox, "archive")
    assert _subjects(owner, person) == ["once"]


def test_the_archive_is_listed_and_searched_but_never_trash_or_spam(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT)
    for folder in ("inbox", "archive", "trash", "spam", "drafts"):
        builders.receive(mailbox, subject=f"Éclairage {folder}", folder=folder, sender=CLIENT)
    assert _subjects(owner, person) == ["Éclairage archive", "Éclairage inbox"]
    assert _subjects(owner, person, query="eclairage") == ["Éclairage archive", "Éclairage inbox"]


def test_a_search_stays_within_the_record(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    builders.receive(mailbox, subject="Devis hers", text="poutres", sender=CLIENT)
    builders.receive(mailbox, subject="Devis of another", text="poutres", sender="x@other.example")
    assert _subjects(owner, person, query="poutr") == ["Devis hers"]
    assert _subjects(owner, person, query="béton") == []
    assert _subjects(owner, person, query="!?") == []


def test_a_mail_is_found_by_the_names_of_its_files(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    copy = builders.receive(mailbox, sender=CLIENT, folder="archive")
    Attachment.objects.create(
        message=copy.message,
        part="2",
        content_type="application/pdf",
        filename="Plan_Quais-v4.pdf",
        size=1,
        sha256="0" * 64,
    )
    search.index({copy.message_id or 0: ""})
    assert _subjects(owner, person, query="quais v4") == ["Devis"]
    assert _subjects(owner, person, query="plan_quais") == ["Devis"]
    assert _subjects(owner, person, query="facture") == []


def test_what_others_received_stays_theirs(owner: User, mailbox: MailAccount) -> None:
    other = builders.user("other@clarte.example")
    person = builders.person(owner, CLIENT)
    builders.receive(builders.account(other), subject="private", text="secret", sender=CLIENT)
    assert _subjects(owner, person) == []
    assert _subjects(owner, person, query="secret") == []
    assert _subjects(other, person) == ["private"]


def test_mail_of_a_deactivated_user_is_hidden_from_everybody(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT)
    builders.receive(mailbox, sender=CLIENT)
    owner.is_active = False
    owner.save()
    assert _subjects(owner, person) == []


def test_a_blind_copy_shows_to_its_sender_alone(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    other = builders.user("other@clarte.example")
    copy = builders.receive(
        mailbox, subject="blind", sender=owner.email, to=other.email, outgoing=True, folder="sent"
    )
    CopyParticipant.objects.create(copy=copy, address=builders.address(CLIENT))
    _again(copy, builders.account(other))
    assert _subjects(owner, person) == ["blind"]
    assert _subjects(owner, person, query="devis") == []
    assert _subjects(owner, person, query="blind") == ["blind"]
    assert _subjects(other, person) == []


def test_an_account_has_the_mails_of_its_people_and_those_linked_to_its_deals(
    owner: User, mailbox: MailAccount
) -> None:
    company = builders.company(owner, "Meunier")
    builders.person(owner, CLIENT, company=company)
    stranger = builders.person(owner, "buyer@agency.example")
    deal = builders.deal(owner, stranger, company=company)
    builders.receive(mailbox, subject="of its contact", sender=CLIENT)
    linked = builders.receive(mailbox, subject="of its deal", sender="buyer@agency.example")
    builders.receive(mailbox, subject="other business", sender="buyer@agency.example")
    RecordLink.objects.create(
        thread=linked.thread, entity="deal", record_id=deal.pk, origin=RecordLink.Origin.MANUAL
    )
    assert _subjects(owner, company) == ["of its deal", "of its contact"]
    assert _subjects(owner, deal) == ["of its deal"]


def test_a_link_shows_nobody_what_is_not_hers(owner: User, mailbox: MailAccount) -> None:
    other = builders.user("other@clarte.example")
    deal = builders.deal(owner)
    copy = builders.receive(mailbox, subject="linked", sender=CLIENT)
    RecordLink.objects.create(
        thread=copy.thread, entity="deal", record_id=deal.pk, origin=RecordLink.Origin.MANUAL
    )
    assert _subjects(other, deal) == []
    RecordLink.objects.update(is_removed=True)
    assert _subjects(owner, deal) == []


def test_without_an_address_nothing_shows_but_what_was_linked(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner)
    copy = builders.receive(mailbox, subject="linked", sender=CLIENT)
    assert related.concern_of(person).is_nothing
    RecordLink.objects.create(
        message=copy.message, entity="person", record_id=person.pk, origin=RecordLink.Origin.MANUAL
    )
    assert _subjects(owner, person) == ["linked"]


def test_a_former_address_hides_its_mails_until_it_is_put_back(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT)
    builders.receive(mailbox, subject="old", sender=CLIENT)
    PersonAddress.objects.all().delete()
    assert _subjects(owner, person) == []
    PersonAddress.objects.create(person=person, address=builders.address(CLIENT), is_primary=True)
    assert _subjects(owner, person) == ["old"]


def test_pages_follow_each_other_by_key(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    for n in range(7):
        builders.receive(mailbox, subject=f"mail {n}", sender=CLIENT)
    for query in ("", "mail"):
        seen: list[str] = []
        before: int | None = None
        while True:
            asked = Asked(query=query, before=before, limit=3)
            page = related.page(owner, related.concern_of(person), asked)
            seen += [m.message.subject for m in page.mails]
            before = page.next_key
            if before is None:
                break
        assert seen == [f"mail {n}" for n in reversed(range(7))]


def test_only_the_chosen_mailbox_is_listed(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    builders.receive(mailbox, sender=CLIENT)
    assert _subjects(owner, person, owner=owner.pk) == ["Devis"]
    assert _subjects(owner, person, owner=owner.pk + 1) == []
    assert [user.pk for user in related.owners(owner)] == [owner.pk]


def _outgoing(account: MailAccount, state: str, role: str = "to", **fields: object) -> Outgoing:
    made = Outgoing.objects.create(
        account=account,
        author=account.owner,
        subject=state,
        state=state,
        message_id=f"{state}@out.example",
        **fields,  # type: ignore[misc]
    )
    OutgoingRecipient.objects.create(outgoing=made, role=role, address=builders.address(CLIENT))
    return made


def test_what_waits_shows_first_and_goes_once_it_is_filed(
    owner: User, mailbox: MailAccount
) -> None:
    person = builders.person(owner, CLIENT)
    at = clock.now() + timedelta(hours=3)
    scheduled = _outgoing(mailbox, "scheduled", scheduled_at=at)
    _outgoing(mailbox, "draft")
    sent = _outgoing(mailbox, "sent", sent_at=clock.now())
    concern = related.concern_of(person)
    page = related.page(owner, concern, Asked())
    assert {o.pk for o in page.waiting} == {scheduled.pk, sent.pk}
    copy = builders.receive(
        mailbox, subject="sent", sender=owner.email, to=CLIENT, outgoing=True, folder="sent"
    )
    message = copy.message
    assert message is not None
    from relance.lib import keys

    message.message_id, message.message_id_hash = sent.message_id, keys.short_hash(sent.message_id)
    message.save()
    page = related.page(owner, concern, Asked())
    assert [o.pk for o in page.waiting] == [scheduled.pk]
    assert page.mails[0].delivery is not None
    assert page.mails[0].delivery.outgoing == sent


def test_what_is_written_from_a_record_shows_there_at_once(
    owner: User, mailbox: MailAccount
) -> None:
    deal = builders.deal(owner, builders.person(owner, CLIENT))
    assert not related.has_any(owner, related.concern_of(deal))
    queued = _outgoing(mailbox, "queued")
    queued.recipients.update(record=f"deal:{deal.pk}")
    concern = related.concern_of(deal)
    assert concern.is_nothing
    assert related.has_any(owner, concern)
    assert [o.pk for o in related.page(owner, concern, Asked()).waiting] == [queued.pk]
    other = builders.user("other@clarte.example")
    assert related.page(other, concern, Asked()).waiting == []


def test_mails_of_others_on_their_way_are_not_seen(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT)
    _outgoing(builders.account(builders.user("other@clarte.example")), "scheduled")
    assert related.page(owner, related.concern_of(person), Asked()).waiting == []


def test_a_page_takes_the_same_queries_for_many_mails(owner: User, mailbox: MailAccount) -> None:
    person = builders.person(owner, CLIENT, "second@home.example")
    for n in range(30):
        builders.receive(mailbox, sender=CLIENT, outgoing=n % 2 == 0)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        related.page(owner, related.concern_of(person), Asked())
    assert len(queries) <= 9


def test_an_account_with_hundreds_of_addresses_is_read_in_pieces(
    owner: User, mailbox: MailAccount
) -> None:
    company = builders.company(owner, "Large")
    for n in range(130):
        builders.person(owner, f"p{n}@large.example", company=company)
    builders.receive(mailbox, subject="first", sender="p0@large.example")
    builders.receive(mailbox, subject="last", sender="p129@large.example")
    assert _subjects(owner, company) == ["last", "first"]
