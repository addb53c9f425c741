"""Conversations corrected by hand: they stay so, whatever comes later (SYN-09)."""

from __future__ import annotations

import pytest

from relance import journal
from relance.inbox import correcting
from relance.inbox.models import Placement
from relance.mail import store
from relance.mail.corrections import NothingToMove
from relance.mail.models import MessageCopy, Outgoing, Thread
from relance.users.models import User
from tests.inbox import builders
from tests.mail.local import Local, letter, local, shape

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille() -> User:
    return builders.user("me@clarte.example")


@pytest.fixture
def here(camille: User) -> Local:
    return local(camille)


@pytest.fixture
def chain(here: Local) -> list[MessageCopy]:
    """Four mails of one conversation, each naming all before it."""
    ids = ["a@x", "b@x", "c@x", "d@x"]
    return [here.one(letter(i, names=ids[:n])) for n, i in enumerate(ids)]


def thread_of(copy: MessageCopy) -> int:
    copy.refresh_from_db()
    return copy.thread_id or 0


def test_split_makes_two_conversations_and_answers_follow_each(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    correcting.split(camille, old, chain[2].pk)
    new = thread_of(chain[2])
    assert [thread_of(c) for c in chain] == [old, old, new, new] and new != old
    assert {p.thread_id: p.message_count for p in Placement.objects.all()} == {old: 2, new: 2}
    to_new = here.one(letter("e@x", names=["a@x", "b@x", "c@x", "d@x"]))
    to_old = here.one(letter("f@x", names=["a@x", "b@x"]))
    grandchild = here.one(letter("g@x", names=["a@x", "b@x", "e@x"]))
    assert (to_new.thread_id, to_old.thread_id, grandchild.thread_id) == (new, old, new)
    assert shape(here.account) == [4, 3]


def test_a_correction_survives_another_copy_and_a_new_import(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    correcting.split(camille, old, chain[2].pk)
    new = thread_of(chain[2])
    again = here.one(letter("c@x", names=["a@x", "b@x"]), folder="archive")
    assert again.thread_id == new
    folder = chain[0].folder
    store.forget(folder, list(MessageCopy.objects.filter(folder=folder)))
    back = here.receive(*[letter(i, names=["a@x", "b@x", "c@x"][:n]) for n, i in enumerate("abcd")])
    assert len(back) == 4
    ids = ["a@x", "b@x", "c@x", "d@x"]
    back = here.receive(*[letter(i, names=ids[:n]) for n, i in enumerate(ids)])
    assert [c.thread_id for c in back] == [old, old, new, new]


def test_a_mail_that_names_both_sides_does_not_join_them(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    correcting.split(camille, old, chain[2].pk)
    here.receive(letter("h@x", names=["d@x", "b@x"]), letter("i@x", names=["b@x", "d@x"]))
    assert len(shape(here.account)) == 2


def test_one_message_moves_alone_or_with_its_answers(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    other = here.one(letter("z@x", sender="zoe@other.example", subject="Autre"))
    target = other.thread_id or 0
    correcting.move_message(camille, old, chain[1].pk, target, with_answers=False)
    assert thread_of(chain[1]) == target
    assert here.one(letter("e@x", names=["a@x", "b@x"])).thread_id == old
    correcting.move_message(camille, old, chain[3].pk, target, with_answers=True)
    assert here.one(letter("f@x", names=["a@x", "c@x", "d@x"])).thread_id == target


def test_merge_takes_everything_and_later_mail(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    other = here.one(letter("z@x", sender="zoe@other.example", subject="Autre"))
    target = other.thread_id or 0
    correcting.merge(camille, old, target)
    assert {thread_of(c) for c in chain} == {target}
    assert here.one(letter("e@x", names=["d@x"])).thread_id == target
    assert Placement.objects.get().message_count == 6


@pytest.mark.parametrize("act", ["split", "move", "merge"])
def test_undo_puts_everything_back_and_later_mail_with_it(
    camille: User, here: Local, chain: list[MessageCopy], act: str
) -> None:
    old = chain[0].thread_id or 0
    other = here.one(letter("z@x", sender="zoe@other.example", subject="Autre"))
    target = other.thread_id or 0
    if act == "split":
        entry = correcting.split(camille, old, chain[2].pk)
    elif act == "move":
        entry = correcting.move_message(camille, old, chain[2].pk, target, with_answers=True)
    else:
        entry = correcting.merge(camille, old, target)
    journal.undo(entry.pk, camille)
    assert {thread_of(c) for c in chain} == {old}
    assert thread_of(other) == target
    assert here.one(letter("e@x", names=["a@x", "c@x"])).thread_id == old
    assert shape(here.account) == [5, 1]
    assert not Thread.objects.filter(is_corrected=True).exists()
    assert {p.thread_id: p.message_count for p in Placement.objects.all()} == {old: 5, target: 1}


def test_a_mail_without_a_name_stays_where_it_was_put(camille: User, here: Local) -> None:
    nameless = here.one(letter(subject="Sans nom"))
    other = here.one(letter("z@x", sender="zoe@other.example", subject="Autre"))
    source = nameless.thread_id or 0
    entry = correcting.move_message(
        camille, source, nameless.pk, other.thread_id, with_answers=True
    )
    again = here.one(letter(subject="Sans nom"), folder="archive")
    assert again.thread_id == other.thread_id
    journal.undo(entry.pk, camille)
    assert thread_of(nameless) == source


def test_drafts_and_mail_on_its_way_go_along(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    draft = Outgoing.objects.create(
        account=here.account,
        author=camille,
        thread=chain[0].thread,
        source=chain[3],
        message_id="draft@x",
        state="draft",
    )
    entry = correcting.split(camille, chain[0].thread_id or 0, chain[2].pk)
    draft.refresh_from_db()
    assert draft.thread_id == thread_of(chain[3])
    journal.undo(entry.pk, camille)
    draft.refresh_from_db()
    assert draft.thread_id == chain[0].thread_id


def test_what_would_change_nothing_is_refused(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    with pytest.raises(NothingToMove):
        correcting.split(camille, old, chain[0].pk)
    with pytest.raises(NothingToMove):
        correcting.merge(camille, old, old)
    alone = here.one(letter("z@x", sender="zoe@other.example", subject="Autre"))
    with pytest.raises(NothingToMove):
        correcting.move_message(camille, alone.thread_id or 0, alone.pk, None, with_answers=True)


def test_others_mail_and_other_mailboxes_are_out_of_reach(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    bob = builders.user("bob@clarte.example")
    theirs = local(bob, "bob@clarte.example").one(letter("q@x"))
    mine = local(camille, "second@clarte.example").one(letter("r@x"))
    with pytest.raises(Thread.DoesNotExist):
        correcting.merge(bob, old, theirs.thread_id or 0)
    with pytest.raises(Thread.DoesNotExist):
        correcting.merge(camille, old, theirs.thread_id or 0)
    with pytest.raises(MessageCopy.DoesNotExist):
        correcting.split(bob, old, chain[2].pk)
    with pytest.raises(NothingToMove):
        correcting.merge(camille, old, mine.thread_id or 0)
    assert {thread_of(c) for c in chain} == {old}


def test_candidates_are_found_by_words_or_by_people(
    camille: User, here: Local, chain: list[MessageCopy]
) -> None:
    old = chain[0].thread_id or 0
    near = here.one(letter("n@x", subject="Autre sujet"))
    far = here.one(letter("z@x", sender="zoe@other.example", subject="Quai numéro six"))
    assert [c.thread_id for c in correcting.candidates(camille, old, "")] == [near.thread_id]
    found = correcting.candidates(camille, old, "numero SIX")
    assert [(c.thread_id, c.subject) for c in found] == [(far.thread_id, "Quai numéro six")]
    assert correcting.candidates(camille, old, "nothing like it") == []
