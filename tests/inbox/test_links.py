"""Which deal a conversation is about."""

from __future__ import annotations

import pytest

from relance import journal
from relance.crm.models import Deal
from relance.inbox import arrivals, links, recognition
from relance.inbox.models import RecordLink
from relance.lib.keys import short_hash
from relance.mail import threads
from relance.mail.models import (
    MailAccount,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Thread,
    ThreadReference,
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


@pytest.fixture
def deal(owner: User) -> Deal:
    return builders.deal(owner, builders.person(owner, CLIENT), name="Lamps")


def _received(mailbox: MailAccount, **fields: object) -> MessageCopy:
    copy = builders.receive(mailbox, **{"sender": CLIENT, **fields})
    message = copy.message
    assert message is not None
    message.message_id_hash = short_hash(message.message_id)
    message.save()
    recognition.recognise([copy])
    return copy


def _deal_of(copy: MessageCopy) -> tuple[int, str] | None:
    rows = RecordLink.objects.filter(thread=copy.thread, is_removed=False)
    return rows.values_list("record_id", "origin").first()


def _answer(copy: MessageCopy, to: MessageCopy) -> None:
    assert to.message is not None
    Message.objects.filter(pk=copy.message_id).update(in_reply_to=to.message.message_id)
    copy.refresh_from_db()


def test_the_only_open_deal_of_a_correspondent_is_what_she_writes_about(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    assert _deal_of(_received(mailbox)) == (deal.pk, "only_deal")
    sent = _received(mailbox, sender=owner.email, to=CLIENT, outgoing=True, folder="sent")
    assert _deal_of(sent) == (deal.pk, "only_deal")


def test_with_several_open_deals_nothing_is_linked_but_they_are_suggested(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    person = deal.people.get()
    other = builders.deal(owner, person, name="Sensors")
    copy = _received(mailbox)
    assert _deal_of(copy) is None
    found = links.of_thread(owner, copy.thread_id or 0, [deal, other])
    assert found.linked is None
    assert list(found.suggested) == [other, deal]


@pytest.mark.parametrize(
    "fields",
    [
        {"folder": "spam"},
        {"folder": "trash"},
        {"authentication": "fail"},
        {"sender": "stranger@other.example"},
    ],
)
def test_what_is_not_certain_is_not_linked(
    mailbox: MailAccount, deal: Deal, fields: dict[str, str]
) -> None:
    assert _deal_of(_received(mailbox, **fields)) is None


def test_new_mail_is_recognised_as_it_arrives(mailbox: MailAccount, deal: Deal) -> None:
    copy = builders.receive(mailbox, sender=CLIENT)
    arrivals.arrived(mailbox.pk, [copy.pk])
    assert _deal_of(copy) == (deal.pk, "only_deal")


def test_automatic_mail_and_won_deals_link_nothing(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    copy = builders.receive(mailbox, sender=CLIENT)
    assert copy.message is not None
    copy.message.is_auto = True
    recognition.recognise([copy])
    assert _deal_of(copy) is None
    deal.stage = builders.stage("won")
    deal.save()
    assert _deal_of(_received(mailbox)) is None


def test_a_mail_written_from_a_deal_is_about_it(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    other = builders.deal(owner, deal.people.get(), name="Sensors")
    copy = builders.receive(
        mailbox, sender=owner.email, to=CLIENT, outgoing=True, folder="sent", subject="Offer"
    )
    assert copy.message is not None
    outgoing = Outgoing.objects.create(
        account=mailbox, author=owner, state="sent", message_id=copy.message.message_id
    )
    OutgoingRecipient.objects.create(
        outgoing=outgoing, address=builders.address(CLIENT), record=f"deal:{other.pk}"
    )
    recognition.recognise([copy])
    assert _deal_of(copy) == (other.pk, "composed")


def test_an_answer_in_a_colleagues_mailbox_is_about_the_same_deal(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    builders.deal(owner, deal.people.get(), name="Sensors")
    first = _received(mailbox)
    links.link(owner, first.thread_id or 0, deal.pk)
    other = builders.account(builders.user("other@clarte.example"))
    copy = builders.receive(other, sender=CLIENT)
    _answer(copy, first)
    recognition.recognise([copy])
    assert _deal_of(copy) == (deal.pk, "thread")


def test_what_was_chosen_by_hand_stays(mailbox: MailAccount, deal: Deal, owner: User) -> None:
    copy = _received(mailbox)
    thread = copy.thread
    assert thread is not None
    links.unlink(owner, thread.pk, deal.pk)
    _received(mailbox, thread=thread)
    assert _deal_of(copy) is None
    assert list(links.of_thread(owner, thread.pk, [deal]).suggested) == []
    other = builders.deal(owner, name="Sensors")
    links.link(owner, thread.pk, other.pk)
    _received(mailbox, thread=thread)
    assert _deal_of(copy) == (other.pk, "manual")
    found = links.of_thread(owner, thread.pk, [deal])
    assert found.linked is not None
    assert (found.linked.deal, found.is_settled, list(found.suggested)) == (other, True, [deal])


def test_linking_and_unlinking_can_be_undone(mailbox: MailAccount, deal: Deal, owner: User) -> None:
    copy = _received(mailbox)
    other = builders.deal(owner, name="Sensors")
    changed = links.link(owner, copy.thread_id or 0, other.pk)
    removed = links.unlink(owner, copy.thread_id or 0, other.pk)
    assert _deal_of(copy) is None
    journal.undo(removed.pk, owner)
    assert _deal_of(copy) == (other.pk, "manual")
    journal.undo(changed.pk, owner)
    assert _deal_of(copy) == (deal.pk, "only_deal")


def test_nobody_links_what_she_may_not_see(mailbox: MailAccount, deal: Deal, owner: User) -> None:
    copy = _received(mailbox)
    other = builders.user("other@clarte.example")
    with pytest.raises(Thread.DoesNotExist):
        links.link(other, copy.thread_id or 0, deal.pk)
    with pytest.raises(Thread.DoesNotExist):
        links.unlink(other, copy.thread_id or 0, deal.pk)
    deal.deleted_at = deal.created_at
    deal.save()
    with pytest.raises(Deal.DoesNotExist):
        links.link(owner, copy.thread_id or 0, deal.pk)
    assert links.of_thread(owner, copy.thread_id or 0, []).linked is None


def test_a_link_outlives_the_merge_of_two_conversations(
    mailbox: MailAccount, deal: Deal, owner: User
) -> None:
    first = _received(mailbox, sender="x@other.example")
    second = _received(mailbox)
    assert first.thread is not None
    assert second.thread is not None
    for copy in (first, second):
        ThreadReference.objects.create(
            account=mailbox, thread=copy.thread, reference_hash=copy.pk + 7
        )
    threads.merge(second.thread, first.thread)
    assert _deal_of(first) == (deal.pk, "only_deal")


def test_a_conversation_whose_mail_was_deleted_gives_its_link_to_no_other(
    mailbox: MailAccount, deal: Deal
) -> None:
    first = _received(mailbox, sender="x@other.example")
    second = _received(mailbox)
    ThreadReference.objects.create(account=mailbox, thread=second.thread, reference_hash=7)
    MessageCopy.objects.filter(pk=second.pk).delete()
    links.follow({first.thread_id or 0, second.thread_id or 0})
    assert _deal_of(first) is None
