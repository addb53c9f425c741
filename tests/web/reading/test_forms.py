"""The forms of a message, images from elsewhere, its files."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile

import pytest
from django.test import AsyncClient, Client

from relance.inbox.models import RemoteConsent
from relance.mail.models import (
    Attachment,
    MessageBody,
    MessageCopy,
    Operation,
)
from relance.users.models import User
from tests.browser import letters
from tests.inbox import builders
from tests.mail.local import Local
from tests.web.reading.pages import HX, base, file_named, show

pytestmark = pytest.mark.django_db
TRACKER = '<p>Hi</p><img src="https://tracker.example/1.png">'


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
        "con\x01trol.txt",
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
