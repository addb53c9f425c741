"""What an author does with a mail of hers before it has left, and that it is hers alone."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from relance.lib import clock
from relance.mail import attachments, drafts, outbox
from relance.mail.models import MessageCopy, Operation, Outgoing
from relance.mime.compose import File
from relance.mime.parse import parse
from relance.notices.models import Notice
from relance.users.models import User
from tests.mail.local import letter, local
from tests.mail.sending import ALICE, BOB, Sender, make_due, sender, state_of
from tests.servers.smtp import DROP

__all__ = ["sender"]
pytestmark = pytest.mark.django_db
State = Outgoing.State


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@clarte.example")


def test_a_draft_waits_for_its_undo_window_and_leaves_once(sender: Sender) -> None:
    sent = outbox.send(sender.draft(ALICE, BOB), undo=10)
    assert sent.state == State.QUEUED
    assert outbox.sweep() == 0
    make_due()
    assert outbox.sweep() == 1
    (received,) = sender.server.received
    assert received.rcpt_to == [ALICE.address, BOB.address]
    parsed = parse(received.data)
    assert (parsed.text, parsed.html.count("<p>Bonjour</p>")) == ("Bonjour", 1)
    assert not Outgoing.objects.get().was_late


def test_a_second_click_sends_nothing_twice(sender: Sender) -> None:
    draft = sender.draft()
    same = Outgoing.objects.get(pk=draft.pk)
    outbox.send(draft)
    with pytest.raises(drafts.NotADraft):
        outbox.send(same)
    outbox.sweep()
    assert len(sender.server.received) == 1


def test_what_was_changed_in_another_tab_is_not_sent_unseen(sender: Sender) -> None:
    draft = sender.draft()
    content = drafts.Content(people=draft.people, subject="Autre", html="<p>x</p>")
    drafts.save(draft.pk, sender.owner, content, version=draft.version)
    with pytest.raises(drafts.NotADraft):
        outbox.send(draft)
    assert state_of(draft) == State.DRAFT


@pytest.mark.parametrize("bad", ["", "nobody", "a b@c.example", "x@y.example\r\nRCPT TO:<z@z>"])
def test_an_address_that_is_none_is_named_and_the_draft_stays(sender: Sender, bad: str) -> None:
    draft = sender.draft()
    typed = {"name": "", "address": bad, "record": ""}
    Outgoing.objects.update(people={"to": [*draft.people["to"], typed]})
    with pytest.raises(outbox.NoRecipient) as refused:
        outbox.send(draft)
    assert refused.value.address == bad
    assert state_of(draft) == State.DRAFT
    assert not draft.recipients.exists()


def test_nobody_to_send_to_is_refused(sender: Sender) -> None:
    draft = sender.draft()
    Outgoing.objects.update(people={})
    with pytest.raises(outbox.NoRecipient):
        outbox.send(draft)


def test_who_may_not_send_neither_sends_nor_schedules(sender: Sender) -> None:
    draft = sender.draft()
    User.objects.update(may_send=False)
    with pytest.raises(outbox.MayNotSend):
        outbox.send(draft)
    with pytest.raises(outbox.MayNotSend):
        outbox.schedule(draft, clock.now() + timedelta(hours=1), "Europe/Paris")
    assert state_of(draft) == State.DRAFT


def test_a_scheduled_mail_leaves_at_its_hour_and_carries_that_date(sender: Sender) -> None:
    outgoing = sender.scheduled()
    assert (outgoing.state, outgoing.time_zone) == (State.SCHEDULED, "Europe/Paris")
    assert outbox.sweep() == 0
    make_due()
    assert outbox.sweep() == 1
    (received,) = sender.server.received
    written = parse(received.data).date
    assert written is not None
    assert abs((written - clock.now()).total_seconds()) < 30


@pytest.mark.parametrize("seconds", [-3600, 0, 30])
def test_an_hour_past_or_too_near_is_refused(sender: Sender, seconds: float) -> None:
    draft = sender.draft()
    with pytest.raises(outbox.TooSoon):
        outbox.schedule(draft, clock.seconds_from_now(seconds), "Europe/Paris")
    assert state_of(draft) == State.DRAFT


def test_a_zone_that_is_none_is_refused(sender: Sender) -> None:
    with pytest.raises((KeyError, ValueError)):
        outbox.schedule(sender.draft(), clock.seconds_from_now(3600), "Mars/Olympus")


@pytest.mark.parametrize("state", ["queued", "scheduled", "held", "failed", "retrying"])
def test_what_has_not_left_becomes_a_draft_again_whole(sender: Sender, state: str) -> None:
    outgoing = outbox.send(sender.draft(ALICE, BOB))
    Outgoing.objects.update(state=state, error_code="rejected", attempts=3)
    assert outbox.take_back(outgoing.pk, sender.owner)
    assert state_of(outgoing) == State.DRAFT
    assert [p["address"] for p in outgoing.people["to"]] == [ALICE.address, BOB.address]
    assert not outgoing.recipients.exists()
    assert (outgoing.error_code, outgoing.attempts, outgoing.scheduled_at) == ("", 0, None)
    outbox.sweep()
    assert not sender.server.received
    outbox.send(outgoing)
    outbox.sweep()
    assert sender.sent_ids() == [outgoing.message_id]


@pytest.mark.parametrize("state", ["sending", "sent", "uncertain", "draft"])
def test_what_has_left_or_may_have_cannot_be_taken_back(sender: Sender, state: str) -> None:
    outgoing = outbox.send(sender.draft())
    Outgoing.objects.update(state=state)
    assert not outbox.take_back(outgoing.pk, sender.owner)
    assert state_of(outgoing) == state


def test_what_some_have_received_cannot_be_taken_back(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "451 4.2.1 later"
    outgoing = sender.send(ALICE, BOB)
    assert outgoing.state == State.RETRYING
    assert not outbox.take_back(outgoing.pk, sender.owner)
    assert not outbox.discard(outgoing.pk, sender.owner)


def test_a_queued_letter_becomes_a_draft_with_its_people(sender: Sender) -> None:
    outgoing = sender.write(ALICE, BOB)
    assert outbox.take_back(outgoing.pk, sender.owner)
    outgoing.refresh_from_db()
    assert [p["address"] for p in outgoing.people["to"]] == [ALICE.address, BOB.address]


def test_nobody_else_touches_it(sender: Sender, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN)
    outgoing = sender.scheduled()
    for act in (outbox.take_back, outbox.hold_for_editing, outbox.discard, outbox.resume):
        assert not act(outgoing.pk, bob)
    Outgoing.objects.update(state="uncertain")
    assert not outbox.try_again(outgoing.pk, bob)
    assert not outbox.mark_gone(outgoing.pk, bob)
    assert state_of(outgoing) == State.UNCERTAIN


def test_editing_a_scheduled_mail_keeps_it_from_leaving(sender: Sender) -> None:
    outgoing = sender.scheduled()
    assert outbox.hold_for_editing(outgoing.pk, sender.owner)
    assert not outbox.hold_for_editing(outgoing.pk, sender.owner), "one door at a time"
    make_due()
    assert outbox.sweep() == 0
    assert not sender.server.received


def test_looking_and_changing_nothing_leaves_the_hour_as_it_was(sender: Sender) -> None:
    outgoing = sender.scheduled()
    hour = outgoing.scheduled_at
    outbox.hold_for_editing(outgoing.pk, sender.owner)
    assert outbox.resume(outgoing.pk, sender.owner)
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.scheduled_at) == (State.SCHEDULED, hour)
    assert outgoing.time_zone == "Europe/Paris"
    assert not outbox.resume(outgoing.pk, sender.owner)


def test_an_edited_mail_leaves_as_edited_and_never_as_it_was(sender: Sender) -> None:
    outgoing = sender.scheduled()
    outbox.hold_for_editing(outgoing.pk, sender.owner)
    outgoing.refresh_from_db()
    content = drafts.Content(people=outgoing.people, subject="Devis", html="<p>Corrigé</p>")
    edited = drafts.save(outgoing.pk, sender.owner, content, version=outgoing.version)
    outbox.send(edited)
    outbox.sweep()
    make_due()
    outbox.sweep()
    (received,) = sender.server.received
    assert parse(received.data).text == "Corrigé"


def test_after_a_quarter_of_an_hour_its_author_hears_that_it_has_not_left(sender: Sender) -> None:
    outgoing = sender.scheduled()
    outbox.hold_for_editing(outgoing.pk, sender.owner)
    outgoing.refresh_from_db()
    assert outgoing.edited_until is not None
    assert outgoing.scheduled_at is not None
    assert outgoing.edited_until - outgoing.scheduled_at == timedelta(minutes=15)
    Outgoing.objects.update(edited_until=clock.seconds_from_now(-1))
    outbox.sweep()
    outbox.sweep()
    notice = Notice.objects.get()
    assert (notice.code, notice.params["addresses"]) == ("outgoing_edited", [ALICE.address])
    assert state_of(outgoing) == State.DRAFT
    assert not outbox.resume(outgoing.pk, sender.owner), "its hour has passed"


def test_one_opened_after_its_hour_has_its_quarter_of_an_hour_too(sender: Sender) -> None:
    outgoing = sender.scheduled()
    make_due(hours_late=2)
    assert outbox.hold_for_editing(outgoing.pk, sender.owner)
    outbox.sweep()
    assert not Notice.objects.exists()
    assert outbox.resume(outgoing.pk, sender.owner)
    outbox.sweep()
    assert state_of(outgoing) == State.SENT
    assert outgoing.was_late


def test_a_discarded_mail_is_gone_with_its_files(sender: Sender) -> None:
    draft = sender.draft()
    attachments.add(draft, name="a.txt", data=b"abc")
    outgoing = outbox.schedule(draft, clock.seconds_from_now(3600), "Europe/Paris")
    assert outbox.discard(outgoing.pk, sender.owner)
    assert not Outgoing.objects.exists()
    make_due()
    assert outbox.sweep() == 0


def test_what_is_sent_leaves_the_drafts_of_the_server(sender: Sender) -> None:
    draft = sender.draft()
    folder = sender.account.folders.create(path="Drafts", special_use="drafts", uidvalidity=7)
    Outgoing.objects.update(draft_folder=folder, draft_uidvalidity=7, draft_uid=5)
    draft.refresh_from_db()
    Operation.objects.all().delete()
    outbox.send(draft)
    operation = Operation.objects.get(kind="discard")
    assert (operation.source_folder, operation.source_uid) == (folder, 5)
    assert operation.source_uidvalidity == 7


def test_an_uncertain_mail_sent_again_is_the_same_to_the_byte(sender: Sender) -> None:
    sender.server.at["final"] = DROP
    outgoing = sender.send()
    sender.server.at.clear()
    assert outbox.try_again(outgoing.pk, sender.owner)
    outbox.sweep()
    first, second = sender.server.received
    assert first.data == second.data


def test_an_uncertain_mail_is_sent_by_its_authors_word(sender: Sender) -> None:
    sender.server.at["final"] = DROP
    outgoing = sender.send()
    assert outbox.mark_gone(outgoing.pk, sender.owner)
    assert state_of(outgoing) == State.SENT
    assert outgoing.sent_at is not None
    assert outgoing.recipients.get().state == "accepted"
    assert Operation.objects.filter(kind="append").count() == 1
    assert not outbox.mark_gone(outgoing.pk, sender.owner)


def test_everything_written_comes_with_the_mail(sender: Sender) -> None:
    logo = File("logo.png", "image/png", b"\x89PNG" * 9, content_id="logo@x", is_inline=True)
    unseen = File("alt.png", "image/png", b"\x89PNG" * 8, content_id="old@x", is_inline=True)
    quote = File("Devis été.pdf", "application/pdf", b"%PDF" * 99)
    outgoing = outbox.queue(
        sender.account,
        sender.owner,
        outbox.Letter(
            subject="Devis",
            text="",
            to=(ALICE,),
            bcc=(BOB,),
            html='<p>Voici <img src="cid:logo@x"></p>',
            files=(logo, unseen, quote),
            headers=(("X-Test", "oui"),),
            calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            calendar_method="REPLY",
        ),
    )
    outbox.sweep()
    (received,) = sender.server.received
    assert received.rcpt_to == [ALICE.address, BOB.address]
    parsed = parse(received.data)
    assert parsed.bcc == ()
    assert parsed.text == "Voici"
    files = [p for p in parsed.parts if p.is_attachment]
    assert [(p.filename, p.content_type) for p in files if p.content_type != "text/calendar"] == [
        ("Devis été.pdf", "application/pdf")
    ]
    assert [p.content_id for p in parsed.parts if p.is_inline] == ["logo@x"]
    assert b"text/calendar" in received.data
    assert b"X-Test: oui\r\n" in received.data
    kept = parse(outbox.sent_copy_of(Outgoing.objects.get(pk=outgoing.pk)))
    assert kept.bcc == (BOB,)
    assert kept.digest == parsed.digest


def test_the_quote_follows_what_was_written(sender: Sender) -> None:
    draft = sender.draft()
    Outgoing.objects.update(
        has_quote=True, quote_html="<blockquote>Avant</blockquote>", quote_text="> Avant"
    )
    draft.refresh_from_db()
    outbox.send(draft)
    outbox.sweep()
    parsed = parse(sender.server.received[0].data)
    assert parsed.html.index("Bonjour") < parsed.html.index("<blockquote>Avant")
    assert parsed.text == "Bonjour\n\n> Avant"


def test_a_file_the_storage_has_lost_holds_the_mail(sender: Sender) -> None:
    draft = sender.draft()
    added = attachments.add(draft, name="a.txt", data=b"only here")
    outgoing = outbox.send(draft)
    sha = added.blob_id
    default_storage.delete(f"{sha[:2]}/{sha[2:4]}/{sha}")
    outbox.sweep()
    assert state_of(outgoing) == State.HELD
    assert outgoing.reason["code"] == "file_missing"
    assert not sender.server.received


def test_an_answer_marks_what_it_answers(owner: User, sender: Sender) -> None:
    here = local(owner)
    copy = here.one(letter("m1@client.example"))
    draft = drafts.start(owner, kind="reply", source=copy, account=here.account)
    people = {"to": [{"name": "", "address": ALICE.address, "record": ""}]}
    Outgoing.objects.update(people=people)
    outbox.send(draft)
    assert MessageCopy.objects.get(pk=copy.pk).is_answered


def test_an_automatic_answer_has_no_return_path_and_leaves_no_copy(sender: Sender) -> None:
    outbox.queue(
        sender.account,
        sender.owner,
        outbox.Letter(
            "Absence", "Je suis absente.", (ALICE,), headers=(("Auto-Submitted", "auto-replied"),)
        ),
    )
    outbox.sweep()
    (received,) = sender.server.received
    assert received.mail_from == ""
    assert not Operation.objects.filter(kind="append").exists()
