"""Two tabs on one draft: one save wins, and no word is lost unseen (CMP-17)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from relance.mail import attachments, drafts, outbox
from relance.mail.drafts import Conflict, Content, NotADraft
from relance.mail.models import Outgoing
from relance.users.models import Organisation, User
from tests.mail.local import local

pytestmark = pytest.mark.django_db(transaction=True)
TO = {"to": [{"name": "", "address": "alice@client.example", "record": ""}]}


@pytest.fixture
def draft() -> Outgoing:
    Organisation.objects.create(name="Clarté", attachment_limit_mb=1)
    owner = User.objects.create_user("me@clarte.example")
    local(owner)
    return drafts.start(owner)


def at_once(*acts: object) -> list[object]:
    """Each act in a thread of its own, begun together; what each returned or raised."""
    start = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(number: int, act: object) -> None:
        try:
            start.wait(10)
            outcomes[number] = act()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 (looked at below)
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_saves_over_the_same_version_one_wins_and_the_others_are_told(draft: Outgoing) -> None:
    for _ in range(10):
        version = Outgoing.objects.get(pk=draft.pk).version

        def save(text: str, version: int = version) -> Outgoing:
            author = User.objects.get(pk=draft.author_id)
            return drafts.save(draft.pk, author, Content(html=f"<p>{text}</p>"), version=version)

        texts = [f"tab {n} of {version}" for n in range(4)]
        outcomes = at_once(*(lambda t=t: save(t) for t in texts))
        won = [n for n, o in enumerate(outcomes) if isinstance(o, Outgoing)]
        lost = [o for o in outcomes if isinstance(o, Conflict)]
        assert len(won) == 1, outcomes
        assert len(lost) == 3
        now = Outgoing.objects.get(pk=draft.pk)
        assert now.version == version + 1
        assert texts[won[0]] in now.html
        assert all(isinstance(c, Conflict) and c.current.html == now.html for c in lost)


def test_a_save_and_a_sending_at_once_never_mix(draft: Outgoing) -> None:
    author = User.objects.get(pk=draft.author_id)
    first = drafts.save(draft.pk, author, Content(people=TO, html="<p>one</p>"), version=1)

    def send() -> Outgoing:
        read = Outgoing.objects.select_related("author", "account").get(pk=draft.pk)
        read.version = first.version
        return outbox.send(read)

    def save() -> Outgoing:
        content = Content(people=TO, html="<p>two</p>")
        return drafts.save(draft.pk, author, content, version=first.version)

    outcomes = at_once(send, save)
    won = [o for o in outcomes if isinstance(o, Outgoing)]
    assert len(won) == 1, outcomes
    assert any(isinstance(o, NotADraft | Conflict) for o in outcomes)
    now = Outgoing.objects.get(pk=draft.pk)
    assert ("one" in now.html) == (now.state == Outgoing.State.QUEUED)


def test_files_added_at_once_count_each_other(draft: Outgoing) -> None:
    def add(n: int) -> object:
        return attachments.add(draft, name=f"{n}.bin", data=bytes([n]) * 400_000)

    outcomes = at_once(*(lambda n=n: add(n) for n in range(5)))
    refused = [o for o in outcomes if isinstance(o, attachments.TooLarge)]
    assert len(refused) == 3, outcomes
    assert attachments.total(draft) == 800_000
