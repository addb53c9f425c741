"""Reading, handling and answering a conversation, through the door."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.test import Client

from relance.inbox.models import Placement, Stream
from relance.journal.models import Entry
from relance.mail import sources
from relance.mail.models import (
    Attachment,
    MailAccount,
    MessageBody,
    MessageCopy,
    Operation,
    Outgoing,
    Participant,
)
from relance.users.models import Organisation, User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
SOURCE = (
    b"From: marion@belle-rive.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    b"--x\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n"
    b"<script>alert(1)</script>\r\n"
    b"--x\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nPNGDATA\r\n--x--\r\n"
)


@pytest.fixture
def camille() -> User:
    Organisation.objects.create(name="Clarté")
    return builders.user("camille@clarte.example", first_name="Camille", language="en")


@pytest.fixture
def mailbox(camille: User) -> MailAccount:
    return builders.account(camille)


@pytest.fixture
def web(client: Client, camille: User) -> Client:
    client.force_login(camille)
    return client


@pytest.fixture
def letter(mailbox: MailAccount) -> MessageCopy:
    """A stranger's mail, with its source, two parts and an HTML body."""
    copy = builders.receive(
        mailbox, sender="marion@belle-rive.example", name="Marion Petit", subject="Le hall"
    )
    digest = hashlib.sha256(SOURCE).digest()
    sources.keep([(digest, SOURCE, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    for part, kind, name, cid in (
        ("2", "text/html", "évil\u202egnp/../a.html", ""),
        ("3", "image/png", "logo.png", "logo@x"),
    ):
        Attachment.objects.create(
            message=copy.message,
            part=part,
            content_type=kind,
            filename=name,
            content_id=cid,
            is_inline=bool(cid),
            size=7,
            sha256="0" * 64,
        )
    return copy


def write_html(copy: MessageCopy, html: str) -> None:
    MessageBody.objects.filter(message=copy.message).update(html=html)


def show(web: Client, copy: MessageCopy, query: str = "") -> str:
    response = web.get(f"/threads/{copy.thread_id}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def without_token(body: bytes) -> bytes:
    return re.sub(rb'"X-CSRFToken": "\w+"', b"", body)


def base(copy: MessageCopy) -> str:
    return f"/threads/{copy.thread_id}/messages/{copy.pk}"


def test_reading_shows_the_mail_and_marks_it_read_here_and_for_the_server(
    web: Client, letter: MessageCopy
) -> None:
    html = show(web, letter)
    assert "Le hall" in html and "<p>Bonjour</p>" in html
    letter.refresh_from_db()
    assert letter.is_seen
    assert Operation.objects.filter(copy=letter).exists()


def test_the_list_beside_is_the_column_it_stands_in(
    web: Client, mailbox: MailAccount, letter: MessageCopy
) -> None:
    other = builders.receive(mailbox, sender="tobias@keller.example", subject="Anfrage")
    builders.receive(mailbox, sender="hugo@clarte.example", subject="From inside")
    html = show(web, letter)
    assert f'data-thread="{other.thread_id}"' in html
    assert "From inside" not in html
    assert "is-open" in html


def test_somebody_elses_conversation_does_not_exist(client: Client, letter: MessageCopy) -> None:
    client.force_login(builders.user("bob@other.example"))
    missing = without_token(client.get("/threads/999999/").content)
    for path in ("", "why/", "panel/", "outgoing/", "add/lead/"):
        response = client.get(f"/threads/{letter.thread_id}/{path}")
        assert response.status_code == 404, path
    assert without_token(client.get(f"/threads/{letter.thread_id}/").content) == missing
    attached = letter.message.attachments.first() if letter.message else None
    assert attached
    for path in ("", "body/", "source/", f"attachments/{attached.pk}/", f"inline/{attached.pk}/"):
        assert client.get(f"{base(letter)}/{path}").status_code == 404, path
    for verb in ("read", "unread", "archive", "trash", "colleague"):
        response = client.post(f"/threads/{letter.thread_id}/{verb}/", {"text": "hello"})
        assert response.status_code == 404, verb
    assert not Outgoing.objects.exists() and not Entry.objects.exists()


def test_a_message_of_another_thread_is_not_found_under_this_one(
    web: Client, mailbox: MailAccount, letter: MessageCopy
) -> None:
    other = builders.receive(mailbox, sender="tobias@keller.example")
    assert web.get(f"/threads/{other.thread_id}/messages/{letter.pk}/body/").status_code == 404


def test_html_stands_in_a_sandboxed_frame_with_its_own_policy(
    web: Client, letter: MessageCopy
) -> None:
    write_html(letter, "<p>Hello</p><script>alert(1)</script><img src=x onerror=alert(1)>")
    html = show(web, letter)
    assert f'src="{base(letter)}/body/"' in html
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in html
    assert "allow-scripts" not in html and "alert(1)" not in html
    response = web.get(f"{base(letter)}/body/")
    body = response.content.decode()
    assert "Hello" in body and "alert" not in body and "onerror" not in body
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy
    assert "script-src" not in policy and "allow-scripts" not in policy


def test_remote_images_wait_for_consent(web: Client, letter: MessageCopy) -> None:
    write_html(letter, '<p>Hi</p><img src="https://tracker.example/1.png">')
    html = show(web, letter)
    assert "Images from elsewhere are blocked" in html
    blocked = web.get(f"{base(letter)}/body/")
    assert "tracker.example" not in blocked.content.decode()
    assert "https:" not in blocked["Content-Security-Policy"]
    allowed = web.get(f"{base(letter)}/body/?remote=1")
    assert "https://tracker.example/1.png" in allowed.content.decode()
    assert "https:" in allowed["Content-Security-Policy"]
    assert "body/?remote=1" in show(web, letter, f"?remote={letter.pk}")


def test_an_inline_image_comes_from_our_own_address_and_is_not_listed_again(
    web: Client, letter: MessageCopy
) -> None:
    write_html(letter, '<img src="cid:logo@x">')
    logo = Attachment.objects.get(content_id="logo@x")
    assert f"{base(letter)}/inline/{logo.pk}/" in web.get(f"{base(letter)}/body/").content.decode()
    assert "logo.png" not in show(web, letter)
    image = web.get(f"{base(letter)}/inline/{logo.pk}/")
    assert image.content.strip() == b"PNGDATA"
    assert image["Content-Type"] == "image/png"
    assert "sandbox" in image["Content-Security-Policy"]


def test_a_page_that_calls_itself_an_image_is_not_shown_inline(
    web: Client, letter: MessageCopy
) -> None:
    page = Attachment.objects.get(part="2")
    assert web.get(f"{base(letter)}/inline/{page.pk}/").status_code == 404


def test_an_attachment_is_a_download_with_a_harmless_name(web: Client, letter: MessageCopy) -> None:
    page = Attachment.objects.get(part="2")
    response = web.get(f"{base(letter)}/attachments/{page.pk}/")
    assert b"alert(1)" in response.content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "/" not in disposition.partition("filename*")[0] and "\u202e" not in disposition
    assert "UTF-8''%C3%A9vil" in disposition


def test_the_source_is_a_plain_text_download(web: Client, letter: MessageCopy) -> None:
    response = web.get(f"{base(letter)}/source/")
    assert response.content == SOURCE
    assert response["Content-Type"].startswith("text/plain")
    assert response["Content-Disposition"].startswith("attachment;")


def test_a_message_set_aside_offers_its_source(web: Client, letter: MessageCopy) -> None:
    MessageCopy.objects.filter(pk=letter.pk).update(stage=MessageCopy.Stage.QUARANTINED)
    html = show(web, letter)
    assert "This message cannot be read." in html and f"{base(letter)}/source/" in html


def test_a_sender_that_is_not_proven_is_told(web: Client, mailbox: MailAccount) -> None:
    copy = builders.receive(mailbox, sender="boss@clarte.example", authentication="fail")
    assert "The sender is not proven." in show(web, copy)


def test_plain_text_is_escaped_linked_and_its_quotes_folded(
    web: Client, mailbox: MailAccount
) -> None:
    text = (
        "Voir https://a.example/?x=1&y=2 <b>gras</b>\n\n"
        "Le lun. 2 nov. 2026 à 10:02, X a écrit :\n> ancien"
    )
    html = show(web, builders.receive(mailbox, text=text))
    assert 'href="https://a.example/?x=1&amp;y=2"' in html
    assert "&lt;b&gt;gras" in html and "<b>gras" not in html
    assert '<details class="quoted">' in html


def test_old_messages_are_folded_and_fetched_when_opened(
    web: Client, mailbox: MailAccount, letter: MessageCopy
) -> None:
    MessageCopy.objects.filter(pk=letter.pk).update(is_seen=True)
    for n in range(4):
        builders.receive(mailbox, thread=letter.thread, seen=True, text=f"Part {n} of it")
    html = show(web, letter)
    assert "4 older messages" in html or "3 older messages" in html
    assert "<p>Part 3 of it</p>" in html and "<p>Part 1 of it</p>" not in html
    assert "<p>Bonjour</p>" in web.get(f"{base(letter)}/").content.decode()
    assert "<p>Bonjour</p>" in show(web, letter, f"?open={letter.pk}")


def test_archive_moves_and_undo_brings_back(web: Client, letter: MessageCopy) -> None:
    response = web.post(f"/threads/{letter.thread_id}/archive/", headers=HX)
    assert response.status_code == 204
    assert "/undo/" in response["HX-Trigger"]
    letter.refresh_from_db()
    assert letter.folder.special_use == "archive"
    assert not Placement.objects.filter(thread=letter.thread).exists()
    entry = Entry.objects.get()
    assert web.post(f"/undo/{entry.pk}/", headers=HX).status_code == 204
    letter.refresh_from_db()
    assert letter.folder.special_use == "inbox"
    assert "undone before" in web.post(f"/undo/{entry.pk}/", headers=HX)["HX-Trigger"]


def test_trash_without_script_goes_on_to_the_next(
    web: Client, mailbox: MailAccount, letter: MessageCopy
) -> None:
    other = builders.receive(mailbox, sender="tobias@keller.example")
    response = web.post(f"/threads/{letter.thread_id}/trash/", {"next": str(other.thread_id)})
    assert response["Location"] == f"/threads/{other.thread_id}/"
    assert "Moved to the trash" in web.get(response["Location"]).content.decode()
    assert web.post(f"/threads/{letter.thread_id}/trash/", {"next": "//evil"})["Location"] == "/"


def test_only_a_post_changes_anything(web: Client, letter: MessageCopy) -> None:
    for verb in ("read", "unread", "archive", "trash"):
        assert web.get(f"/threads/{letter.thread_id}/{verb}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = web.cookies
    assert strict.post(f"/threads/{letter.thread_id}/archive/").status_code == 403
    assert not Entry.objects.exists()


def test_unread_marks_the_newest_message(web: Client, letter: MessageCopy) -> None:
    show(web, letter)
    web.post(f"/threads/{letter.thread_id}/unread/", headers=HX)
    letter.refresh_from_db()
    assert not letter.is_seen


def answer(web: Client, letter: MessageCopy, kind: str = "reply", text: str = "Merci.") -> Outgoing:
    """Begin an answer as the reply box does, and send it."""
    url = f"/compose/reply/{letter.thread_id}/{letter.pk}/{kind}/"
    assert web.post(url, {"text": text}, headers=HX).status_code == 200
    draft = Outgoing.objects.latest("pk")
    sent = web.post(f"/compose/{draft.pk}/send/", {"version": draft.version}, headers=HX)
    assert sent.status_code == 204
    draft.refresh_from_db()
    return draft


def test_reading_writes_no_answer_and_one_begun_is_gone_on_with(
    web: Client, letter: MessageCopy
) -> None:
    html = show(web, letter)
    url = f"/compose/reply/{letter.thread_id}/{letter.pk}/reply/"
    assert url in html and "Marion Petit" in html
    assert not Outgoing.objects.exists()
    web.post(url, {"text": "Merci"})
    draft = Outgoing.objects.get()
    assert f'data-url="/compose/{draft.pk}/?as=reply"' in show(web, letter)


def test_an_answer_is_queued_in_its_thread_with_the_quote(web: Client, letter: MessageCopy) -> None:
    sent = answer(web, letter)
    assert "Waiting to leave" in show(web, letter)
    assert letter.message
    assert sent.in_reply_to == letter.message.message_id
    assert sent.thread_id == letter.thread_id and sent.subject == "Re: Le hall"
    assert sent.text.strip() == "Merci."
    assert sent.quote_text.startswith("On ") and "> Bonjour" in sent.quote_text
    recipients = sent.recipients.values_list("address__address", flat=True)
    assert list(recipients) == ["marion@belle-rive.example"]


def test_reply_to_all_leaves_out_oneself(web: Client, letter: MessageCopy) -> None:
    Participant.objects.create(
        message=letter.message, role=Participant.Role.CC, address=builders.address("b@x.example")
    )
    assert "Reply to all" in show(web, letter)
    sent = answer(web, letter, "reply_all")
    addresses = sent.recipients.values_list("role", "address__address")
    assert set(addresses) == {("to", "marion@belle-rive.example"), ("cc", "b@x.example")}


def test_reply_to_wins_over_from(web: Client, letter: MessageCopy) -> None:
    Participant.objects.create(
        message=letter.message,
        role=Participant.Role.REPLY_TO,
        address=builders.address("desk@belle-rive.example"),
    )
    recipients = answer(web, letter).recipients.values_list("address__address", flat=True)
    assert list(recipients) == ["desk@belle-rive.example"]


def test_an_empty_answer_is_asked_about(web: Client, letter: MessageCopy) -> None:
    web.post(f"/compose/reply/{letter.thread_id}/{letter.pk}/reply/", headers=HX)
    draft = Outgoing.objects.get()
    response = web.post(f"/compose/{draft.pk}/send/", {"version": draft.version}, headers=HX)
    assert response.status_code == 422
    assert "The mail is empty." in response.content.decode()
    assert Outgoing.objects.get().state == Outgoing.State.DRAFT


def test_a_failed_mail_says_why_and_can_be_sent_again(
    web: Client, camille: User, letter: MessageCopy
) -> None:
    answer(web, letter)
    Outgoing.objects.update(state=Outgoing.State.FAILED, error_code="wrong_password")
    html = show(web, letter)
    assert "Not sent" in html and "refuses the password" in html
    pk = Outgoing.objects.get().pk
    web.post(f"/threads/{letter.thread_id}/outgoing/{pk}/again/", headers=HX)
    assert Outgoing.objects.get().state == Outgoing.State.QUEUED


def test_why_here_names_the_rule_and_what_would_move_it(
    web: Client, camille: User, letter: MessageCopy
) -> None:
    html = web.get(f"/threads/{letter.thread_id}/why/").content.decode()
    assert "neither in the CRM nor of one of your domains" in html
    assert "Add the sender as a lead" in html
    contact = builders.person(camille, "marion@belle-rive.example", last_name="<Petit>")
    builders.deal(camille, contact, kind="won", name="Hall")
    builders.streams.replace_addresses({builders.address("marion@belle-rive.example").pk})
    html = web.get(f"/threads/{letter.thread_id}/why/").content.decode()
    assert "deal is won" in html and "&lt;Petit&gt;" in html and "<Petit>" not in html


def test_the_sender_is_added_and_her_card_moves(
    web: Client, camille: User, letter: MessageCopy
) -> None:
    dialog = web.get(f"/threads/{letter.thread_id}/add/contact/", headers=HX).content.decode()
    assert "<dialog" in dialog and 'value="Marion"' in dialog
    assert "marion@belle-rive.example" in dialog
    response = web.post(
        f"/threads/{letter.thread_id}/add/contact/",
        {"first_name": "Marion", "last_name": "Petit", "company": "Hôtel Belle-Rive"},
        headers=HX,
    )
    assert response.status_code == 204 and "panel-changed" in response["HX-Trigger"]
    assert Placement.objects.get(thread=letter.thread).stream == Stream.PEOPLE
    panel = web.get(f"/threads/{letter.thread_id}/panel/").content.decode()
    assert "Hôtel Belle-Rive" in panel and "No open deal." in panel


def test_a_form_with_an_error_keeps_what_was_typed(web: Client, letter: MessageCopy) -> None:
    response = web.post(
        f"/threads/{letter.thread_id}/add/lead/", {"last_name": "", "title": "Chef"}, headers=HX
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert 'aria-invalid="true"' in html and 'value="Chef"' in html


def test_a_double_is_proposed_and_the_address_can_join_her(
    web: Client, camille: User, letter: MessageCopy
) -> None:
    known = builders.person(camille, "m.petit@home.example", first_name="Marion", last_name="Petit")
    known.save()
    dialog = web.get(f"/threads/{letter.thread_id}/add/lead/", headers=HX).content.decode()
    assert "has the same name" in dialog
    web.post(f"/threads/{letter.thread_id}/join/{known.pk}/", headers=HX)
    assert Placement.objects.get(thread=letter.thread).stream == Stream.PEOPLE
    assert known.address_links.count() == 2


def test_a_colleague_is_added_and_taken_back(web: Client, letter: MessageCopy) -> None:
    web.post(f"/threads/{letter.thread_id}/colleague/", headers=HX)
    assert Placement.objects.get(thread=letter.thread).stream == Stream.COLLEAGUES
    panel = web.get(f"/threads/{letter.thread_id}/panel/").content.decode()
    assert "No longer a colleague" in panel
    web.post(f"/threads/{letter.thread_id}/colleague/remove/", headers=HX)
    assert Placement.objects.get(thread=letter.thread).stream == Stream.NOT_IN_CRM


def test_a_deal_is_won_from_the_panel_and_the_card_leaves(
    web: Client, camille: User, letter: MessageCopy
) -> None:
    contact = builders.person(camille, "marion@belle-rive.example")
    won = builders.stage("won")
    deal = builders.deal(camille, contact, amount=9000)
    builders.streams.replace_addresses({builders.address("marion@belle-rive.example").pk})
    assert Placement.objects.get(thread=letter.thread).stream == Stream.POTENTIALS
    panel = web.get(f"/threads/{letter.thread_id}/panel/").content.decode()
    assert "€9,000" in panel
    response = web.post(f"/threads/{letter.thread_id}/deals/{deal.pk}/won/", headers=HX)
    assert "Deal won" in response["HX-Trigger"]
    deal.refresh_from_db()
    assert deal.stage == won
    assert Placement.objects.get(thread=letter.thread).stream == Stream.PEOPLE
    assert web.post(f"/threads/{letter.thread_id}/deals/{deal.pk}/sold/").status_code == 404


def test_a_mail_without_a_sender_opens_and_offers_nothing_to_add(
    web: Client, mailbox: MailAccount
) -> None:
    copy = builders.receive(mailbox, sender="", subject="")
    html = show(web, copy)
    assert "names no sender" in html and "(no subject)" in html
    assert "replybox" not in html
    assert web.get(f"/threads/{copy.thread_id}/add/lead/").status_code == 404
