"""Signed references: our answers find their record, and nobody else's do."""

from __future__ import annotations

import pytest

from relance.inbox import arrivals, links, references, writing
from relance.lib.keys import short_hash
from relance.mail.models import MailAccount, Message, Outgoing
from relance.mail.outbox import letters
from relance.mime.parse import parse
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
CLIENT = "alice@client.example"


def _draft(mailbox: MailAccount, **fields: object) -> Outgoing:
    values = {
        "account": mailbox,
        "author": mailbox.owner,
        "state": "draft",
        "message_id": "m@zylker.example",
    }
    return Outgoing.objects.create(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("record", [("deal", 1), ("case", 482), ("company", 7), ("person", 2**62)])
def test_what_was_signed_is_read_back(record: tuple[str, int]) -> None:
    name = references.make(record, "zylker.example")
    assert references.read(["x@y.example", name, "z@y.example"]) == record
    assert references.read([f"<{name.upper()}>"]) == record


def test_two_references_to_one_record_are_never_the_same_and_tell_nothing() -> None:
    one, two = (references.make(("deal", 12), "zylker.example") for _ in range(2))
    assert short_hash(one) != short_hash(two)
    assert "deal" not in one
    assert one.partition("@")[0][10:20] != two.partition("@")[0][10:20]


def test_what_was_changed_or_forged_is_not_believed() -> None:
    name = references.make(("deal", 12), "zylker.example")
    for at in range(2, 42):
        other = "a" if name[at] != "a" else "b"
        assert references.read([name[:at] + other + name[at + 1 :]]) is None
    for nonsense in ("", "r.", "r." + "1" * 40, "r." + "é" * 40, "deal.12@zylker.example"):
        assert references.read([nonsense]) is None


def test_a_mail_written_from_a_record_names_it_once_however_often_it_leaves(
    mailbox: MailAccount,
) -> None:
    row = {"name": "", "address": CLIENT, "record": "deal:12"}
    draft = _draft(mailbox, people={"to": [row]}, references="a@x.example b@x.example")
    for _ in range(2):
        references.add(draft)
    draft.refresh_from_db()
    first, token, last = draft.references.split()
    assert (first, last) == ("a@x.example", "b@x.example")
    assert references.read([token]) == ("deal", 12)
    draft.people = {"to": [{**row, "record": ""}]}
    references.add(draft)
    assert draft.references == "a@x.example b@x.example"


def test_an_answer_names_the_record_of_its_conversation(
    mailbox: MailAccount, patricia: User
) -> None:
    copy = builders.receive(mailbox, sender=CLIENT)
    company = builders.company(patricia, "Meunier")
    links.attach(patricia, copy.thread_id or 0, "company", company.pk)
    draft = _draft(mailbox, thread=copy.thread)
    references.add(draft)
    assert references.read(draft.references.split()) == ("company", company.pk)
    deal = builders.deal(patricia)
    links.attach(patricia, copy.thread_id or 0, "deal", deal.pk)
    references.add(draft)
    assert references.read(draft.references.split()) == ("deal", deal.pk)
    assert len(draft.references.split()) == 1


def test_nonsense_names_no_record() -> None:
    for text in ("", "deal", "deal:", "deal:x", "note:1", "deal:-1", "deal:" + "9" * 30):
        assert references.written_from([text]) is None
    assert references.written_from(["", "case:5", "deal:3"]) == ("case", 5)


def test_what_is_sent_from_a_deal_carries_its_reference_and_the_answer_finds_it(
    mailbox: MailAccount, patricia: User
) -> None:
    deal = builders.deal(patricia, name="Lamps")
    row = {"name": "", "address": CLIENT, "record": f"deal:{deal.pk}"}
    draft = writing.begin(patricia, people={"to": [row]}, subject="Offer", html="<p>Hello,</p>")
    codes = [warning.code for warning in writing.check(patricia, draft)]
    writing.send(patricia, draft.pk, version=draft.version, confirmed=codes)
    draft.refresh_from_db()
    names = parse(letters.bytes_of(draft)).references
    assert references.read(names) == ("deal", deal.pk)
    answer = builders.receive(mailbox, sender="assistant@client.example")
    Message.objects.filter(pk=answer.message_id or 0).update(references=" ".join(names))
    arrivals.arrived(mailbox.pk, [answer.pk])
    found = links.of_thread(patricia, answer.thread_id or 0, ())
    assert found.linked is not None
    assert (found.linked.deal, found.linked.origin) == (deal, "reference")
