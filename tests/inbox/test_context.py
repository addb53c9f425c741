"""Who is on the other side: only what the viewer may read, the likeliest record first."""

from datetime import UTC, datetime
from typing import Any

import pytest

from relance.crm import access
from relance.crm.models import Person
from relance.inbox import context_known, context_mails, related
from relance.inbox.context import Chosen, context_of
from relance.inbox.conversation import conversation
from relance.mail.models import MailAccount, MessageCopy, Participant
from relance.users.models import User
from tests.inbox import builders
from tests.inbox.builders import receive

pytestmark = pytest.mark.django_db
HERS = "alice@client.example"


def who(viewer: User, copy: MessageCopy, **chosen: int) -> Any:
    return context_of(viewer, conversation(viewer, copy.thread_id or 0), Chosen(**chosen))


def cc(copy: MessageCopy, address: str, name: str = "") -> None:
    assert copy.message
    Participant.objects.create(
        message=copy.message,
        role=Participant.Role.CC,
        position=1,
        address=builders.address(address),
        name=name,
    )


def test_a_sent_mail_is_about_its_first_recipient_and_one_may_choose_another(
    patricia: User, mailbox: MailAccount
) -> None:
    sent = receive(
        mailbox, sender=mailbox.address, to="first@client.example", folder="sent", outgoing=True
    )
    cc(sent, "second@client.example", "Second One")
    found = who(patricia, sent)
    assert found.address.address == "first@client.example"
    assert [p.address.address for p in found.parties] == [
        "first@client.example",
        "second@client.example",
    ]
    second = who(patricia, sent, address=builders.address("second@client.example").pk)
    assert second.name == "Second One"
    stranger = who(patricia, sent, address=builders.address("other@client.example").pk)
    assert stranger.address.address == "first@client.example"


def test_ones_own_addresses_are_not_among_the_others(patricia: User, mailbox: MailAccount) -> None:
    copy = receive(mailbox, sender=HERS)
    cc(copy, "bruno@client.example")
    receive(mailbox, sender="patricia@second.example", folder="sent", outgoing=True, to=HERS,
            thread=copy.thread)  # fmt: skip
    addresses = [p.address.address for p in who(patricia, copy).parties]
    assert addresses == [HERS, "bruno@client.example"]


def test_a_contact_comes_before_a_lead_and_an_open_deal_before_none(
    patricia: User, mailbox: MailAccount
) -> None:
    lead = builders.person(patricia, HERS, kind="lead", last_name="Lead")
    idle = builders.person(patricia, HERS, last_name="Idle")
    busy = builders.person(builders.user("bob@zylker.example"), HERS, last_name="Busy")
    builders.deal(patricia, busy)
    copy = receive(mailbox, sender=HERS)
    found = who(patricia, copy)
    assert [found.person, *found.other_people] == [busy, idle, lead]
    assert who(patricia, copy, person=lead.pk).person == lead
    assert who(patricia, copy, person=0).person == busy


def test_open_deals_come_first_then_the_last_closed_one(
    patricia: User, mailbox: MailAccount
) -> None:
    person = builders.person(patricia, HERS)
    for name, kind, closed in (
        ("early", "won", datetime(2026, 1, 5, tzinfo=UTC)),
        ("late", "lost", datetime(2026, 9, 5, tzinfo=UTC)),
        ("now", "open", None),
    ):
        builders.deal(patricia, person, kind=kind, name=name, closed_at=closed)
    gone = builders.deal(patricia, person, name="gone")
    gone.deleted_at = datetime(2026, 9, 5, tzinfo=UTC)
    gone.save()
    found = who(patricia, receive(mailbox, sender=HERS))
    assert [d.name for d in found.open_deals] == ["now"]
    assert [d.name for d in found.closed_deals] == ["late", "early"]


def test_an_account_that_is_gone_is_not_shown(patricia: User, mailbox: MailAccount) -> None:
    company = builders.company(patricia, "Meunier", deleted_at=datetime(2026, 9, 5, tzinfo=UTC))
    builders.person(patricia, HERS, company=company)
    assert who(patricia, receive(mailbox, sender=HERS)).company is None


def test_of_a_record_one_may_not_read_only_its_owner_is_told(
    patricia: User, mailbox: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = builders.user("bob@zylker.example", first_name="Bob")
    builders.deal(bob, builders.person(bob, HERS, last_name="Secret"), name="Hidden")
    copy = receive(mailbox, sender=HERS, name="Alice")
    monkeypatch.setattr(access, "people_for", lambda user: Person.objects.filter(owner=user))
    found = who(patricia, copy)
    assert found.person is None and not found.other_people and not found.open_deals
    assert found.locked_by == bob and found.name == "Alice"


def test_somebody_who_left_is_no_user_any_more(patricia: User, mailbox: MailAccount) -> None:
    builders.user("left@zylker.example", first_name="Left", is_active=False)
    here = builders.user("here@zylker.example", first_name="Here", phone="04 00")
    gone = who(patricia, receive(mailbox, sender="left@zylker.example"))
    assert gone.is_colleague and gone.colleague is None
    assert who(patricia, receive(mailbox, sender="here@zylker.example")).colleague == here


def test_known_addresses_are_users_then_contacts_leads_accounts(
    patricia: User, mailbox: MailAccount
) -> None:
    both = builders.person(patricia, HERS, kind="lead", last_name="Lead")
    builders.person(patricia, HERS, "only@client.example", last_name="Contact")
    builders.person(patricia, mailbox.address, last_name="Copy")
    company = builders.company(patricia, "Client")
    company.address_links.create(address=builders.address("info@client.example"))
    texts = [HERS, "only@client.example", mailbox.address, "info@client.example", "no@x.example"]
    rows = [builders.address(text) for text in texts]
    known = context_known.known(patricia, rows)
    kinds = [known[row.pk].kind if row.pk in known else None for row in rows]
    assert kinds == ["contact", "contact", "user", "account", None]
    assert both.name == "Lead"


def test_conversations_are_counted_once_and_go_on_where_they_stopped(
    patricia: User, mailbox: MailAccount
) -> None:
    person = builders.person(patricia, HERS)
    first = [receive(mailbox, sender=HERS, subject=f"n{n}") for n in range(5)]
    receive(mailbox, sender=HERS, subject="again", thread=first[0].thread)
    builders.address("other@x.example")
    receive(mailbox, sender="other@x.example", subject="not hers")
    concern = related.concern_of(person)
    shown = context_mails.talks(patricia, concern, limit=2)
    assert [t.message.subject for t in shown.lines] == ["again", "n4"]
    assert [t.count for t in shown.lines] == [2, 1]
    seen = [t.thread_id for t in shown.lines]
    while shown.next_key:
        shown = context_mails.talks(patricia, concern, limit=2, before=shown.next_key)
        seen += [t.thread_id for t in shown.lines]
    assert len(seen) == len(set(seen)) == 5


def test_nobody_sees_the_conversations_of_a_mailbox_that_is_not_hers(
    patricia: User, mailbox: MailAccount
) -> None:
    person = builders.person(patricia, HERS)
    receive(mailbox, sender=HERS)
    bob = builders.user("bob@zylker.example")
    concern = related.concern_of(person)
    for mine in (True, False):
        assert context_mails.talks(bob, concern, mine=mine).lines == []
        assert len(context_mails.talks(patricia, concern, mine=mine).lines) == 1


def test_a_conversation_longer_than_what_is_read_at_once_hides_no_other(
    patricia: User, mailbox: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = builders.person(patricia, HERS)
    old = receive(mailbox, sender=HERS, subject="old")
    long = receive(mailbox, sender=HERS, subject="long")
    for _ in range(8):
        receive(mailbox, sender=HERS, subject="long", thread=long.thread)
    monkeypatch.setattr(context_mails, "_READS", (2, 3))
    shown = context_mails.talks(patricia, related.concern_of(person))
    assert [t.thread_id for t in shown.lines] == [long.thread_id]
    seen = []
    while shown.next_key:
        shown = context_mails.talks(patricia, related.concern_of(person), before=shown.next_key)
        seen += [t.thread_id for t in shown.lines]
    assert seen == [old.thread_id]
