"""Invitations answered, delivery told, conversations corrected; nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from relance.inbox.models import MeetingAnswer
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail.models import (
    Bounce,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
)
from relance.mime.parse import parse
from relance.users.models import User
from tests.browser import letters
from tests.inbox import builders
from tests.mail.local import Local
from tests.web.reading.pages import HX, base, file_named, show

pytestmark = pytest.mark.django_db


# -- invitations


@pytest.fixture
def invited(here: Local) -> MessageCopy:
    return here.one(letters.meeting()[0])


def test_an_invitation_is_a_card_on_the_readers_clock(
    web: Client, camille: User, invited: MessageCopy
) -> None:
    html = show(web, invited)
    assert "Visite du site, quais 1 à 6" in html and "Saint-Priest" in html
    assert "Sunday 1 December 2030, 10:00 to 11:30" in html
    assert "every 2 weeks, on Tuesday, 6 times" in html
    assert "organised by Éloïse Garnier" in html and "2 invited" in html
    assert 'value="accepted"' in html
    camille.time_zone = "America/New_York"
    camille.save()
    assert "04:00 to 05:30" in show(web, invited)


def test_the_answer_goes_to_the_organiser_and_is_remembered(
    web: Client, camille: User, invited: MessageCopy
) -> None:
    from relance.mail import outbox

    response = web.post(f"{base(invited)}answer/", {"answer": "accepted"}, headers=HX)
    assert response.status_code == 204 and "message-changed" in response["HX-Trigger"]
    sent = Outgoing.objects.get()
    assert [r.address.address for r in sent.recipients.all()] == ["eloise@meunier.example"]
    assert sent.subject == "Accepted: Visite du site, quais 1 à 6"
    raw = outbox.bytes_of(sent)
    part = parse(raw)
    assert b"method=REPLY" in raw and part.in_reply_to == ("inv@x",)
    assert "I accept this invitation." in part.text
    assert MeetingAnswer.objects.get().answer == "accepted"
    html = show(web, invited)
    assert 'value="accepted" aria-pressed="true"' in html
    web.post(f"{base(invited)}answer/", {"answer": "declined"})
    assert MeetingAnswer.objects.get().answer == "declined"


def test_an_updated_invitation_asks_again_and_a_cancelled_one_does_not(
    web: Client, here: Local, invited: MessageCopy
) -> None:
    web.post(f"{base(invited)}answer/", {"answer": "accepted"})
    newer = letters.mail(
        letters.text("Nouvelle heure"), letters.invitation(sequence=1), own_id="i2@x", subject="V"
    )
    html = show(web, here.one(newer))
    assert "Invitation, updated" in html and "It has changed since you answered." in html
    assert 'value="accepted" aria-pressed="false"' in html
    gone = letters.mail(
        letters.text("Annulé"), letters.invitation("CANCEL", 2), own_id="i3@x", subject="V"
    )
    html = show(web, here.one(gone))
    assert "Cancelled" in html and 'value="accepted"' not in html


@pytest.mark.parametrize("change", ["organiser", "attendee", "method"])
def test_what_cannot_be_answered_is_not_offered(web: Client, here: Local, change: str) -> None:
    ics = letters.invitation("PUBLISH" if change == "method" else "REQUEST")
    if change == "organiser":
        ics = ics.replace(b"ORGANIZER;CN=", b"X-NOBODY;CN=")
    if change == "attendee":
        ics = ics.replace(b"mailto:camille@clarte.example", b"mailto:zoe@clarte.example")
    copy = here.one(letters.mail(letters.text("x"), ics, own_id="no@x", subject="Non"))
    assert 'name="answer"' not in show(web, copy)
    web.post(f"{base(copy)}answer/", {"answer": "accepted"}, headers=HX)
    assert not Outgoing.objects.exists() and not MeetingAnswer.objects.exists()


def test_a_made_up_answer_sends_nothing(web: Client, invited: MessageCopy) -> None:
    web.post(f"{base(invited)}answer/", {"answer": "x\r\nBcc: a@b.example"}, headers=HX)
    assert not Outgoing.objects.exists()


# -- delivery

Sender = Callable[..., Outgoing]


@pytest.fixture
def sent(camille: User, here: Local) -> tuple[MessageCopy, Outgoing]:
    """A mail of ours that stands in Sent, and the row it left by."""
    copy = builders.receive(
        here.account,
        sender=camille.email,
        folder="sent",
        outgoing=True,
        to="eloise@meunier.example",
    )
    assert copy.message
    outgoing = Outgoing.objects.create(
        account=here.account,
        author=camille,
        thread=copy.thread,
        message_id=copy.message.message_id,
        state=Outgoing.State.SENT,
        sent_at=clock.now(),
    )
    OutgoingRecipient.objects.create(
        outgoing=outgoing,
        address=builders.address("eloise@meunier.example"),
        state=OutgoingRecipient.State.ACCEPTED,
    )
    return copy, outgoing


def test_a_sent_mail_says_so_and_that_openings_are_not_followed(
    web: Client, sent: tuple[MessageCopy, Outgoing]
) -> None:
    html = show(web, sent[0])
    assert f'id="t{sent[0].pk}"' in html
    assert "Sent" in html and "Openings not followed" in html


def test_a_bounced_mail_says_why_on_its_line(
    web: Client, sent: tuple[MessageCopy, Outgoing]
) -> None:
    recipient = sent[1].recipients.get()
    OutgoingRecipient.objects.update(state=OutgoingRecipient.State.BOUNCED)
    Bounce.objects.create(
        recipient=recipient,
        address=recipient.address,
        original_message_id=sent[1].message_id,
        kind=Bounce.Kind.HARD,
        cause=Bounce.Cause.NO_SUCH_USER,
        diagnostic="550 <b>no</b>",
    )
    html = show(web, sent[0])
    assert "Hard bounce" in html and "eloise@meunier.example: the address does not exist" in html
    assert "<b>no</b>" not in html


def test_an_answered_mail_says_when(web: Client, sent: tuple[MessageCopy, Outgoing]) -> None:
    Outgoing.objects.update(answered_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert "Answered" in show(web, sent[0])


@pytest.mark.parametrize(
    ("state", "words", "acts"),
    [
        ("queued", "Waiting to leave", []),
        ("sending", "Leaving", []),
        ("retrying", "New attempt", ["again"]),
        ("failed", "Not sent", ["again", "edit"]),
        ("held", "Is held back", ["edit"]),
        ("uncertain", "Uncertain", ["search", "again", "gone"]),
    ],
)
def test_each_state_says_what_can_be_done(
    web: Client, sent: tuple[MessageCopy, Outgoing], state: str, words: str, acts: list[str]
) -> None:
    later = clock.now() + timedelta(minutes=9) if state == "retrying" else None
    Outgoing.objects.update(state=state, message_id="elsewhere@x", next_try_at=later)
    html = show(web, sent[0])
    pk = sent[1].pk
    assert words in html and f'data-state="{state}"' in html
    assert [a for a in ("search", "again", "edit", "gone") if f"/outgoing/{pk}/{a}/" in html] == [
        a for a in ("search", "again", "edit", "gone") if a in acts
    ]
    assert f"/compose/{pk}/undo/" not in html


def test_what_can_still_be_taken_back_offers_it(
    web: Client, sent: tuple[MessageCopy, Outgoing]
) -> None:
    soon = clock.now() + timedelta(seconds=9)
    Outgoing.objects.update(state="queued", message_id="elsewhere@x", next_try_at=soon)
    html = show(web, sent[0])
    assert f"/compose/{sent[1].pk}/undo/" in html and "data-refresh-at=" in html
    lines = web.get(f"/threads/{sent[0].thread_id}/outgoing/", headers=HX).content.decode()
    assert 'id="outgoing"' in lines and f"/compose/{sent[1].pk}/undo/" in lines


def test_somebody_elses_mail_is_only_read(web: Client, sent: tuple[MessageCopy, Outgoing]) -> None:
    bob = builders.user("bob@clarte.example")
    Outgoing.objects.update(state="failed", message_id="elsewhere@x", author=bob)
    html = show(web, sent[0])
    assert "Not sent" in html and "/again/" not in html


def test_what_is_still_written_is_no_part_of_the_conversation(
    web: Client, sent: tuple[MessageCopy, Outgoing]
) -> None:
    Outgoing.objects.update(state="draft", message_id="elsewhere@x", text="pas encore")
    assert "pas encore" not in show(web, sent[0])


# -- correcting


def test_split_leads_to_the_new_conversation_and_can_be_undone(web: Client, here: Local) -> None:
    copies = [here.one(raw) for raw in letters.chain()]
    old = copies[0].thread_id
    response = web.post(f"{base(copies[5])}split/", headers=HX)
    copies[5].refresh_from_db()
    told = json.loads(response["HX-Trigger"])
    assert copies[5].thread_id != old
    assert told["visit"] == {"url": f"/threads/{copies[5].thread_id}/"}
    assert "Split off" in told["toast"]["text"]
    web.post(told["toast"]["undo"], headers=HX)
    copies[5].refresh_from_db()
    assert copies[5].thread_id == old
    refused = web.post(f"{base(copies[0])}split/", headers=HX)
    assert "nothing to split off" in refused["HX-Trigger"] and Entry.objects.count() == 1


def test_a_message_is_moved_where_one_found(web: Client, here: Local) -> None:
    copies = [here.one(raw) for raw in letters.chain()]
    other = here.one(letters.mail(letters.text("Autre"), own_id="o@x", subject="Quai numéro six"))
    url = f"{base(copies[2])}move/"
    dialog = web.get(f"{url}choose/", headers=HX).content.decode()
    assert "<dialog" in dialog and "A conversation of its own" in dialog
    found = web.get(f"{url}choose/?part=candidates&q=numero", headers=HX).content.decode()
    assert "Quai numéro six" in found and "<dialog" not in found
    page = web.get(f"{url}choose/?q=numero").content.decode()
    assert "<html" in page and "Quai numéro six" in page
    web.post(url, {"target": str(other.thread_id), "scope": "alone"}, headers=HX)
    copies[2].refresh_from_db()
    assert copies[2].thread_id == other.thread_id
    for target in ("", "x", "9" * 30, "-1", "999999"):
        assert web.post(f"{base(copies[3])}move/", {"target": target}).status_code == 404


def test_conversations_are_merged(web: Client, here: Local) -> None:
    copies = [here.one(raw) for raw in letters.chain()]
    other = here.one(letters.mail(letters.text("Autre"), own_id="o@x", subject="Autre"))
    response = web.post(f"/threads/{copies[0].thread_id}/merge/", {"target": str(other.thread_id)})
    assert response["Location"] == f"/threads/{other.thread_id}/"
    assert MessageCopy.objects.filter(thread=other.thread).count() == 8


# -- nobody else's


def test_nothing_of_it_is_anothers(client: Client, here: Local, camille: User) -> None:
    plans = here.one(letters.files()[0])
    invited = here.one(letters.meeting()[0])
    client.force_login(builders.user("bob@other.example"))
    pk = file_named("quai.png").pk
    for path in (
        *("print/", "source/?view=1", "files.zip", "move/choose/", f"attachments/{pk}/preview/"),
        *(f"attachments/{pk}/look/", f"attachments/{pk}/inside/0/"),
    ):
        assert client.get(base(plans) + path).status_code == 404, path
    for path in ("load/", "images/allow/", "images/block/", "unread/", "split/", "move/"):
        data = {"target": "new"}
        assert client.post(base(plans) + path, data).status_code == 404, path
    assert client.post(f"{base(invited)}answer/", {"answer": "accepted"}).status_code == 404
    thread = plans.thread_id
    assert client.get(f"/threads/{thread}/print/").status_code == 404
    assert client.get(f"/threads/{thread}/merge/choose/").status_code == 404
    assert client.post(f"/threads/{thread}/merge/", {"target": "1"}).status_code == 404
    assert not Entry.objects.exists() and not Outgoing.objects.exists()
    assert Message.objects.count() == 2


def test_only_posts_change_anything(web: Client, plans: MessageCopy) -> None:
    for path in ("load/", "images/allow/", "unread/", "split/", "move/", "answer/"):
        assert web.get(base(plans) + path).status_code == 405, path
