"""An answer is a mail by a person (D18); it closes what it answers."""

import pytest
from pytest_django import DjangoAssertNumQueries

from relance.addresses import book
from relance.addresses.models import EmailAddress
from relance.inbox import arrivals
from relance.inbox.models import Placement
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.users.models import User
from tests.inbox import builders
from tests.mail.local import Local, letter, local

pytestmark = pytest.mark.django_db
ME, JEAN, MARIE = "me@clarte.example", "jean@client.example", "marie@client.example"


@pytest.fixture
def here(patricia: User) -> Local:
    return local(patricia)


@pytest.fixture
def outgoing(here: Local) -> Outgoing:
    """A mail to Jean and Marie, sent, its copy back from Sent."""
    made = Outgoing.objects.create(
        account=here.account,
        author=here.account.owner,
        message_id="devis@clarte.example",
        state=Outgoing.State.SENT,
        sent_at=here.day,
    )
    for address in (JEAN, MARIE):
        OutgoingRecipient.objects.create(
            outgoing=made, address=book.row_for(address), state="accepted"
        )
    here.one(letter("devis@clarte.example", sender=ME, to=f"{JEAN}, {MARIE}"), folder="sent")
    return made


def answer(sender: str = JEAN, number: int = 1, *lines: str) -> bytes:
    raw = letter(f"answer-{number}@x.example", sender=sender, names=["devis@clarte.example"])
    return "".join(f"{line}\r\n" for line in lines).encode() + raw


def answered(outgoing: Outgoing) -> list[str]:
    """Who has answered; the mail's own mark first, when it is set."""
    outgoing.refresh_from_db()
    rows = outgoing.recipients.exclude(answered_at=None)
    own = ["mail"] if outgoing.answered_at else []
    return own + sorted(rows.values_list("address__address", flat=True))


def test_a_mail_in_sent_tells_the_conversation_of_what_was_sent(outgoing: Outgoing) -> None:
    outgoing.refresh_from_db()
    assert outgoing.thread is not None


def test_an_answer_marks_the_mail_and_its_recipient(here: Local, outgoing: Outgoing) -> None:
    copy = here.one(answer())
    assert answered(outgoing) == ["mail", JEAN]
    assert outgoing.answered_at == copy.received_at
    here.one(answer(MARIE, 2))
    assert answered(outgoing) == ["mail", JEAN, MARIE]
    assert outgoing.answered_at == copy.received_at, "the first answer counts"


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: bulk",
        "List-Id: <x.example>",
        "Return-Path: <>",
        "Authentication-Results: mx.example; dmarc=fail header.from=client.example",
    ],
)
def test_an_absence_note_a_list_or_a_forged_mail_is_no_answer(
    here: Local, outgoing: Outgoing, line: str
) -> None:
    here.one(answer(JEAN, 1, line))
    assert answered(outgoing) == []


def test_an_absence_note_stands_in_the_columns_like_any_mail(
    here: Local, outgoing: Outgoing
) -> None:
    here.one(answer(JEAN, 1, "Auto-Submitted: auto-replied"))
    placement = Placement.objects.get()
    assert placement.is_unread
    assert placement.message.is_auto


def test_a_colleague_who_writes_in_the_conversation_does_not_answer_it(
    here: Local, outgoing: Outgoing
) -> None:
    here.one(answer("bruno@clarte.example"))
    assert answered(outgoing) == []


def test_another_address_of_the_person_answers_too(
    here: Local, outgoing: Outgoing, patricia: User
) -> None:
    builders.person(patricia, JEAN, "jean@home.example")
    here.one(answer("jean@home.example"))
    assert answered(outgoing) == ["mail", JEAN]


def test_somebody_else_in_the_conversation_answers_the_mail(
    here: Local, outgoing: Outgoing
) -> None:
    here.one(answer("boss@client.example"))
    assert answered(outgoing) == ["mail"]


def test_what_came_before_the_mail_went_does_not_answer_it(here: Local, outgoing: Outgoing) -> None:
    Outgoing.objects.update(sent_at=here.day.replace(year=here.day.year + 1))
    here.one(answer())
    assert answered(outgoing) == []


def test_history_answers_nothing(here: Local, outgoing: Outgoing) -> None:
    here.receive(answer(), history=True)
    assert answered(outgoing) == []


def test_an_answer_that_comes_before_the_copy_in_sent_counts(here: Local) -> None:
    made = Outgoing.objects.create(
        account=here.account,
        author=here.account.owner,
        message_id="devis@clarte.example",
        state=Outgoing.State.SENT,
        sent_at=here.day,
    )
    here.one(answer())
    assert answered(made) == ["mail"] or not made.recipients.exists()


def test_an_answer_ends_a_row_of_temporary_failures(here: Local, outgoing: Outgoing) -> None:
    EmailAddress.objects.filter(address=JEAN).update(soft_bounces=4)
    here.one(answer())
    assert EmailAddress.objects.get(address=JEAN).soft_bounces == 0


def test_a_batch_costs_as_many_queries_as_one_mail(
    here: Local, outgoing: Outgoing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    copies = here.receive(*(letter(f"n{n}@x.example") for n in range(60)))
    with django_assert_max_num_queries(28):
        arrivals.arrived(here.account.pk, [c.pk for c in copies])
