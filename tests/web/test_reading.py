"""What a conversation shows beside its words: files, invitations, delivery, consent, correcting."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import AsyncClient, Client

from relance.inbox.models import MeetingAnswer, RemoteConsent
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail.models import (
    Attachment,
    Bounce,
    Message,
    MessageBody,
    MessageCopy,
    Operation,
    Outgoing,
    OutgoingRecipient,
)
from relance.mime.parse import parse
from relance.users.models import Organisation, User
from tests.browser import letters
from tests.inbox import builders
from tests.mail.local import Local

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
TRACKER = '<p>Hi</p><img src="https://tracker.example/1.png">'


@pytest.fixture
def camille() -> User:
    Organisation.objects.create(name="Clarté")
    return builders.user("camille@clarte.example", first_name="Camille", language="en")


@pytest.fixture
def here(camille: User) -> Local:
    return Local(builders.account(camille))


@pytest.fixture
def web(client: Client, camille: User) -> Client:
    client.force_login(camille)
    return client


def base(copy: MessageCopy) -> str:
    return f"/threads/{copy.thread_id}/messages/{copy.pk}/"


def show(web: Client, copy: MessageCopy, query: str = "") -> str:
    response = web.get(f"/threads/{copy.thread_id}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def file_named(name: str) -> Attachment:
    return Attachment.objects.get(filename=name)


# -- folding and badges


def test_older_messages_say_from_when_to_when(web: Client, here: Local) -> None:
    copies = []
    for raw in letters.chain():
        copies.append(here.one(raw))
        here.wait(days=2)
    MessageCopy.objects.update(is_seen=True)
    html = show(web, copies[0])
    assert "5 older messages" in html and "from 3 to 11\u00a0Nov" in html


def test_machines_and_lists_are_told_from_people(web: Client, here: Local) -> None:
    copy = here.one(
        letters.mail(
            letters.text("Bonjour"),
            own_id="list@x",
            subject="Lettre",
            more="Auto-Submitted: auto-generated\r\nList-Id: News <news.bad.example>\r\n",
        )
    )
    html = show(web, copy)
    assert "Automatic" in html and "List" in html and "news.bad.example" in html


# -- forms of one message


def test_plain_text_stands_in_the_place_of_html_and_goes_back(web: Client, here: Local) -> None:
    both = b"Content-Type: multipart/alternative; boundary=a\r\n\r\n" + b"\r\n".join(
        [
            b"--a",
            letters.text("Le texte <b>nu</b>"),
            b"--a",
            letters.text("<p>Riche", "html"),
            b"--a--",
        ]
    )
    copy = here.one(letters.mail(both, own_id="both@x", subject="Deux"))
    assert "Show as plain text" in show(web, copy)
    plain = show(web, copy, f"?plain={copy.pk}")
    assert "Le texte &lt;b&gt;nu" in plain and "<iframe" not in plain
    fragment = web.get(f"{base(copy)}?plain={copy.pk}", headers=HX).content.decode()
    assert "Le texte" in fragment and "Show as it was written" in fragment


def test_the_source_can_be_read_and_kept(web: Client, here: Local) -> None:
    copy = here.one(
        letters.mail(letters.text("<script>x</script>"), own_id="s@x", subject="Source")
    )
    seen = web.get(f"{base(copy)}source/?view=1")
    assert b"<script>x" in seen.content and seen["Content-Type"].startswith("text/plain")
    assert "Content-Disposition" not in seen.headers
    assert "sandbox" in seen["Content-Security-Policy"]
    assert seen["X-Content-Type-Options"] == "nosniff"


def test_paper_shows_words_alone_and_loads_nothing(web: Client, here: Local) -> None:
    copies = [here.one(raw) for raw in letters.chain()]
    MessageBody.objects.filter(message=copies[0].message).update(
        html=f"<script>alert(1)</script>{TRACKER}"
    )
    response = web.get(f"/threads/{copies[0].thread_id}/print/")
    html = response.content.decode()
    assert html.count('class="sheet"') == 7 and "Message numéro 6." in html
    assert "tracker.example" not in html and "alert(1)" not in html and "<button" not in html
    assert "ce qui était avant" in html and "<details" not in html
    policy = response["Content-Security-Policy"]
    assert "sandbox allow-modals" in policy and "allow-scripts" not in policy
    assert "https:" not in policy and "script-src" not in policy
    one = web.get(f"{base(copies[3])}print/").content.decode()
    assert one.count('class="sheet"') == 1 and "Message numéro 3." in one


def test_unread_from_here_leaves_older_messages_read(web: Client, here: Local) -> None:
    copies = [here.one(raw) for raw in letters.chain()]
    MessageCopy.objects.update(is_seen=True)
    response = web.post(f"{base(copies[4])}unread/", headers=HX)
    assert response.status_code == 204 and "go-back" in response["HX-Trigger"]
    seen = MessageCopy.objects.order_by("key").values_list("is_seen", flat=True)
    assert list(seen) == [True] * 4 + [False] * 3
    assert Operation.objects.filter(kind=Operation.Kind.UNSEEN).count() == 3


# -- images from elsewhere


def test_consent_is_for_once_or_for_the_sender_and_taken_back(
    web: Client, camille: User, here: Local
) -> None:
    copy = builders.receive(here.account, sender="eloise@meunier.example")
    MessageBody.objects.filter(message=copy.message).update(html=TRACKER)
    assert "Always for this sender" in show(web, copy)
    assert "tracker.example" in web.get(f"{base(copy)}body/?remote=1").content.decode()
    assert "tracker.example" not in web.get(f"{base(copy)}body/").content.decode()
    answer = web.post(f"{base(copy)}images/allow/", headers=HX)
    assert json.loads(answer["HX-Trigger"])["message-changed"] == {"message": copy.pk}
    assert "tracker.example" in web.get(f"{base(copy)}body/").content.decode()
    later = builders.receive(here.account, sender="Eloise@meunier.example")
    MessageBody.objects.filter(message=later.message).update(html=TRACKER)
    html = show(web, later)
    assert "are blocked" not in html and "Block images of this sender again" in html
    web.post(f"{base(copy)}images/block/")
    assert "tracker.example" not in web.get(f"{base(copy)}body/").content.decode()
    assert not RemoteConsent.objects.exists()


def test_a_sender_who_is_not_proven_gets_nothing_of_the_consent(web: Client, here: Local) -> None:
    good = builders.receive(here.account, sender="eloise@meunier.example")
    web.post(f"{base(good)}images/allow/")
    forged = builders.receive(here.account, sender="eloise@meunier.example", authentication="fail")
    MessageBody.objects.filter(message=forged.message).update(html=TRACKER)
    assert "tracker.example" not in web.get(f"{base(forged)}body/").content.decode()
    html = show(web, forged)
    assert "are blocked" in html and "Always for this sender" not in html
    assert web.post(f"{base(forged)}images/allow/").status_code == 404


def test_one_readers_consent_is_not_anothers(web: Client, here: Local) -> None:
    copy = builders.receive(here.account, sender="eloise@meunier.example")
    web.post(f"{base(copy)}images/allow/")
    bob = builders.user("bob@clarte.example")
    theirs = builders.receive(builders.account(bob), sender="eloise@meunier.example")
    MessageBody.objects.filter(message=theirs.message).update(html=TRACKER)
    other = Client()
    other.force_login(bob)
    assert "tracker.example" not in other.get(f"{base(theirs)}body/").content.decode()


# -- files


@pytest.fixture
def plans(here: Local) -> MessageCopy:
    return here.one(letters.files()[0])


def test_pictures_and_pdfs_are_shown_under_the_type_they_have(
    web: Client, plans: MessageCopy
) -> None:
    for name, kind, policy in (
        ("quai.png", "image/png", "default-src 'none'; sandbox"),
        ("devis.pdf", "application/pdf", "default-src 'none'; object-src 'self'"),
    ):
        url = f"{base(plans)}attachments/{file_named(name).pk}/"
        assert f"{url}look/" in web.get(f"{url}preview/").content.decode()
        shown = web.get(f"{url}look/")
        assert shown["Content-Type"] == kind
        assert shown["Content-Security-Policy"].startswith(policy)
        assert shown["X-Content-Type-Options"] == "nosniff"
        assert shown["Content-Disposition"].startswith("inline;")


@pytest.mark.parametrize("name", ["bombe.png", "page.html", "winmail.dat"])
def test_bombs_and_pages_are_not_shown(web: Client, plans: MessageCopy, name: str) -> None:
    url = f"{base(plans)}attachments/{file_named(name).pk}/"
    html = web.get(f"{url}preview/").content.decode()
    assert "is not shown here" in html and "<img" not in html and "<iframe" not in html
    assert web.get(f"{url}look/").status_code == 404
    assert web.get(url)["Content-Type"] == "application/octet-stream"


def test_a_page_that_calls_itself_a_picture_is_not_shown(web: Client, here: Local) -> None:
    liar = letters.file("x.png", "image/png", b"<html><script>alert(1)</script>")
    copy = here.one(letters.mail(letters.text("x"), liar, own_id="liar@x", subject="x"))
    url = f"{base(copy)}attachments/{file_named('x.png').pk}/"
    assert web.get(f"{url}look/").status_code == 404


def test_winmail_dat_is_opened(web: Client, plans: MessageCopy) -> None:
    html = show(web, plans)
    assert "plan.txt" in html and "in winmail.dat" in html
    url = f"{base(plans)}attachments/{file_named('winmail.dat').pk}/inside/0/"
    assert url in html
    inside = web.get(url)
    assert inside.content == b"Plan des quais"
    assert "plan.txt" in inside["Content-Disposition"]
    assert inside["Content-Type"] == "application/octet-stream"
    assert web.get(url.replace("/0/", "/1/")).status_code == 404


def test_a_mail_that_is_only_a_winmail_dat_shows_its_text(web: Client, here: Local) -> None:
    pack = letters.file("winmail.dat", "application/ms-tnef", letters.winmail())
    copy = here.one(letters.mail(letters.text(""), pack, own_id="w@x", subject="Paquet"))
    assert "Le texte du paquet" in show(web, copy)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\u202egnp.exe",
        "x" * 300 + ".pdf",
        "con\x00trol.txt",
        "..",
        "a/b\\c.doc",
        "",
    ],
)
def test_names_of_files_cannot_lead_anywhere(web: Client, plans: MessageCopy, name: str) -> None:
    attachment = file_named("page.html")
    Attachment.objects.filter(pk=attachment.pk).update(filename=name[:255])
    given = web.get(f"{base(plans)}attachments/{attachment.pk}/")["Content-Disposition"]
    assert given.startswith("attachment;") and len(given) < 800
    for piece in given.split("filename")[1:]:
        assert not set(piece.partition("=")[2].strip('"; ')) & set("/\\\0\r\n\u202e:<>|")
    assert '"' not in given.partition('filename="')[2].partition('"; ')[0]
    archive = b"".join(web.get(f"{base(plans)}files.zip").streaming_content)  # type: ignore[attr-defined]
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert len(set(names)) == 5 and all(n and "/" not in n and n != ".." for n in names)


def test_all_files_come_in_one_archive_whose_names_differ(web: Client, here: Local) -> None:
    same = [letters.file("plan.txt", "text/plain", f"{n}".encode()) for n in range(3)]
    copy = here.one(letters.mail(letters.text("x"), *same, own_id="zip@x", subject="Plans / v2"))
    response = web.get(f"{base(copy)}files.zip")
    assert response["Content-Disposition"].startswith('attachment; filename="Plans _ v2.zip"')
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert archive.testzip() is None
    assert {n: archive.read(n) for n in archive.namelist()} == {
        "plan.txt": b"0",
        "plan (2).txt": b"1",
        "plan (3).txt": b"2",
    }
    assert web.get(f"{base(builders.receive(here.account))}files.zip").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_archive_is_streamed_when_served_asynchronously(camille: User, here: Local) -> None:
    plans = here.one(letters.files()[0])
    client = AsyncClient()
    client.force_login(camille)

    async def read() -> bytes:
        response = await client.get(f"{base(plans)}files.zip")
        assert response.is_async  # type: ignore[attr-defined]
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    archive = zipfile.ZipFile(io.BytesIO(asyncio.run(read())))
    assert archive.testzip() is None and len(archive.namelist()) == 5


# -- large messages


def test_a_large_message_is_loaded_by_a_worker(
    web: Client, plans: MessageCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("relance.web.conversation.loading.jobs.load_oversized_later", asked.append)
    MessageCopy.objects.filter(pk=plans.pk).update(is_partial=True, size=23_000_000)
    html = show(web, plans)
    assert "Large message (23\u00a0MB)" in html and f'action="{base(plans)}load/"' in html
    assert web.post(f"{base(plans)}load/", headers=HX).status_code == 204
    assert asked == [plans.pk]


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
