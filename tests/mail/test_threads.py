"""Conversations: by what a mail names, then carefully by its subject (SYN-08)."""

import random

import pytest

from relance.inbox.models import Placement
from relance.mail.models import MessageCopy, Thread, ThreadReference
from relance.users.models import User
from tests.mail.local import Local, letter, local, shape

pytestmark = pytest.mark.django_db
BOB = "bob@other.example"


@pytest.fixture
def here(owner: User) -> Local:
    return local(owner)


def chain(count: int) -> list[bytes]:
    """A conversation in which every answer names all that came before."""
    ids = [f"m{n}@client.example" for n in range(count)]
    return [letter(ids[n], names=ids[:n], subject=f"Re: {n}") for n in range(count)]


def test_an_answer_joins_what_it_names(here: Local) -> None:
    first = here.one(letter("a@x"))
    answer = here.one(letter("b@x", names=["a@x"], subject="Tout autre chose"))
    assert answer.thread_id == first.thread_id


def test_in_reply_to_alone_is_enough_also_with_several_ids_and_words_around(here: Local) -> None:
    first = here.one(letter("a@x"))
    broken = 'Your message of Tuesday <nowhere@x> "<a@x>" (Alice)'
    assert here.one(letter("b@x", in_reply_to=broken)).thread_id == first.thread_id


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("order", ["as written", "newest first", "shuffled"])
def test_three_hundred_answers_are_one_conversation(here: Local, order: str, batched: bool) -> None:
    mails = chain(300)
    if order == "newest first":
        mails.reverse()
    if order == "shuffled":
        random.Random(1).shuffle(mails)
    if batched:
        for start in range(0, 300, 60):
            here.receive(*mails[start : start + 60])
    else:
        for mail in mails[:80]:
            here.one(mail)
    assert shape(here.account) == [300 if batched else 80]
    assert Placement.objects.get().message_count == (300 if batched else 80)


def test_a_missing_link_that_comes_last_makes_two_conversations_one(here: Local) -> None:
    first = here.one(letter("a@x"))
    later = here.one(letter("c@x", names=["b@x"]))
    assert first.thread_id != later.thread_id
    assert Placement.objects.count() == 2
    here.one(letter("b@x", names=["a@x"]))
    assert set(MessageCopy.objects.values_list("thread", flat=True)) == {first.thread_id}, (
        "the oldest row stays"
    )
    assert Thread.objects.count() == Placement.objects.count() == 1
    assert ThreadReference.objects.filter(thread=first.thread_id).count() == 3


def test_three_conversations_merge_through_one_mail_of_the_same_batch(here: Local) -> None:
    here.receive(letter("a@x"), letter("b@x"), letter("c@x"))
    here.receive(letter("e@x", names=["d@x"]), letter("d@x", names=["a@x", "b@x", "c@x"]))
    assert shape(here.account) == [5]


def test_references_that_go_round_in_a_circle_are_one_conversation(here: Local) -> None:
    here.receive(
        letter("a@x", names=["b@x"]),
        letter("b@x", names=["c@x"]),
        letter("c@x", names=["a@x", "c@x"]),
    )
    here.one(letter("a@x", names=["a@x"], subject="itself"))
    assert shape(here.account) == [4]


def test_a_conversation_belongs_to_one_mailbox(owner: User, here: Local) -> None:
    other = local(owner, "second@clarte.example")
    assert here.one(letter("a@x")).thread_id != other.one(letter("b@x", names=["a@x"])).thread_id
    both = here.one(letter("c@x")), other.one(letter("c@x"))
    assert both[0].message_id == both[1].message_id
    assert both[0].thread_id != both[1].thread_id


@pytest.mark.parametrize("prefix", ["Re:", "RE :", "TR :", "Rép :", "AW:", "SV:", "Fwd:", "Re[2]:"])
def test_an_answer_that_names_nothing_joins_by_subject_and_correspondent(
    here: Local, prefix: str
) -> None:
    first = here.one(letter("a@x", subject="Devis toiture"))
    answer = here.one(letter("b@x", subject=f"{prefix} devis  toiture"))
    assert answer.thread_id == first.thread_id


def test_my_answer_from_a_phone_that_names_nothing_joins_too(here: Local) -> None:
    first = here.one(letter("a@x"))
    mine = letter("b@x", sender="me@clarte.example", to="alice@client.example", subject="Re: Devis")
    assert here.one(mine, folder="sent").thread_id == first.thread_id


@pytest.mark.parametrize("together", [True, False])
def test_devis_from_two_customers_never_merges(here: Local, together: bool) -> None:
    mails = [
        letter("a@x", subject="Re: Devis"),
        letter("b@x", sender=BOB, subject="Re: Devis"),
    ]
    if together:
        here.receive(*mails)
    else:
        for mail in mails:
            here.one(mail)
    assert shape(here.account) == [1, 1]


def test_the_same_subject_without_a_prefix_is_a_new_conversation(here: Local) -> None:
    here.receive(letter("a@x"), letter("b@x"))
    assert shape(here.account) == [1, 1]


def test_an_answer_that_names_something_unknown_is_not_joined_by_subject(here: Local) -> None:
    here.one(letter("a@x"))
    here.one(letter("b@x", names=["elsewhere@x"], subject="Re: Devis"))
    assert shape(here.account) == [1, 1]


def test_a_subject_is_forgotten_after_sixty_days(here: Local) -> None:
    here.one(letter("a@x"))
    here.wait(days=61)
    here.one(letter("b@x", subject="Re: Devis"))
    assert shape(here.account) == [1, 1]


@pytest.mark.parametrize("subject", ["", "Re:", "Re: Re:"])
def test_no_subject_joins_nothing(here: Local, subject: str) -> None:
    here.receive(letter("a@x", subject=""), letter("b@x", subject=subject))
    assert shape(here.account) == [1, 1]


def test_an_answer_to_myself_alone_is_not_joined_by_subject(here: Local) -> None:
    mine = {"sender": "me@clarte.example", "to": "me@clarte.example"}
    here.one(letter("a@x", subject="Devis", **mine))
    here.one(letter("b@x", subject="Re: Devis", **mine))
    assert shape(here.account) == [1, 1]


def test_mails_without_any_id_are_kept_apart(here: Local) -> None:
    here.receive(letter(), letter(subject="Autre"))
    assert shape(here.account) == [1, 1]
    (again,) = here.receive(letter())
    assert again.message_id in set(MessageCopy.objects.values_list("message", flat=True))


def test_a_hostile_number_of_references_is_bounded(here: Local) -> None:
    names = [f"r{n}@x" for n in range(5_000)]
    here.one(letter("a@x", names=names))
    assert ThreadReference.objects.count() <= 52
    root = here.one(letter("r0@x"))
    assert shape(here.account) == [2], "the first reference, which began it all, counts"
    assert root.thread is not None
