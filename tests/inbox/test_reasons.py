"""Every place has its reason, and none for whom the thread is not."""

import pytest

from relance.crm.models import Deal
from relance.inbox import reasons, streams
from relance.inbox.context import context
from relance.inbox.conversation import conversation
from relance.mail.models import MailAccount, MessageCopy, Thread
from relance.users.models import User
from tests.inbox import builders
from tests.inbox.builders import receive

pytestmark = pytest.mark.django_db


def codes(viewer: User, copy: MessageCopy) -> list[str]:
    return [r.code for r in reasons.why(viewer, copy.thread_id or 0)]


def test_an_open_deal_is_named(mailbox: MailAccount, patricia: User) -> None:
    builders.deal(patricia, builders.person(patricia, "alice@client.example"), name="Depot")
    (reason,) = reasons.why(patricia, receive(mailbox).thread_id or 0)
    assert reason.code == "open_deal"
    assert reason.params["deal"] == "Depot"


def test_a_won_deal_says_why_the_mail_left_the_potentials(
    mailbox: MailAccount, patricia: User
) -> None:
    deal = builders.deal(patricia, builders.person(patricia, "alice@client.example"))
    copy = receive(mailbox)
    Deal.objects.filter(pk=deal.pk).update(stage=builders.stage("won"))
    streams.replace_addresses({builders.address("alice@client.example").pk})
    assert codes(patricia, copy) == ["contact", "deal_won"]


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("x@y.example", "unknown_sender"),
        ("j@zylker.example", "same_domain"),
        ("", "no_sender"),
    ],
)
def test_each_rule_has_its_code(
    mailbox: MailAccount, patricia: User, sender: str, code: str
) -> None:
    assert codes(patricia, receive(mailbox, sender=sender)) == [code]


def test_who_decided_is_named_when_somebody_else_wrote_last(
    mailbox: MailAccount, patricia: User
) -> None:
    builders.person(patricia, "alice@client.example")
    first = receive(mailbox)
    receive(mailbox, sender="j@zylker.example", thread=first.thread)
    assert codes(patricia, first) == ["contact", "no_open_deal", "decided_by_other"]


def test_another_user_is_told_nothing(mailbox: MailAccount) -> None:
    copy = receive(mailbox)
    bob = builders.user("bob@zylker.example")
    for ask in (reasons.why, conversation, context):
        with pytest.raises(Thread.DoesNotExist):
            ask(bob, copy.thread_id or 0)


def test_a_conversation_reads_oldest_first_and_leaves_out_the_bin(
    mailbox: MailAccount, patricia: User
) -> None:
    first = receive(mailbox, subject="Devis")
    receive(mailbox, subject="Re: Devis", thread=first.thread, folder="trash")
    receive(
        mailbox,
        subject="Re: Devis",
        thread=first.thread,
        folder="sent",
        outgoing=True,
        sender=mailbox.address,
    )
    found = conversation(patricia, first.thread_id or 0)
    assert [m.copy.folder.special_use for m in found.messages] == ["inbox", "sent"]
    assert found.last_received is not None
    assert found.last_received.copy == first


def test_the_context_puts_the_contact_with_an_open_deal_first(
    mailbox: MailAccount, patricia: User
) -> None:
    lead = builders.person(patricia, "alice@client.example", kind="lead")
    plain = builders.person(patricia, "alice@client.example")
    dealing = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, dealing)
    builders.deal(patricia, dealing, kind="lost")
    found = context(patricia, receive(mailbox).thread_id or 0)
    assert found.person == dealing
    assert found.other_people == [plain, lead]
    assert (len(found.open_deals), len(found.closed_deals)) == (1, 1)


def test_the_context_of_a_stranger_knows_her_companys_domain(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Coop", domain="client.example")
    found = context(patricia, receive(mailbox).thread_id or 0)
    assert not found.is_known
    assert found.domain_company == company
