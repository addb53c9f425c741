"""Drafts: what an answer begins with, and that a save never loses a word (CMP-06, CMP-17)."""

from __future__ import annotations

import base64

import pytest

from relance.files import blobs
from relance.mail import drafts, identities
from relance.mail.drafts import Conflict, Content, NotADraft
from relance.mail.models import Identity, MailAccount, MessageCopy, Outgoing
from relance.mail.outbox import letters
from relance.mime.compose import text_of
from relance.users.models import Organisation, User
from tests.mail.local import Local, local

pytestmark = pytest.mark.django_db
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def owner() -> User:
    Organisation.objects.create(name="Clarté")
    return _user("me@clarte.example", "Camille", "Laurent")


@pytest.fixture
def box(owner: User) -> Local:
    return local(owner)


def _user(email: str, first: str, last: str) -> User:
    return User.objects.create_user(
        email, first_name=first, last_name=last, language="fr", time_zone="Europe/Paris"
    )


def mail(
    *,
    sender: str = "Alice Rey <alice@client.example>",
    to: str = "me@clarte.example",
    headers: str = "",
    subject: str = "Devis",
    body: str = "Bonjour,\r\nvoici.",
    content_type: str = "text/plain; charset=utf-8",
) -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
        "Message-ID: <first@client.example>\r\n"
        f"Date: Tue, 03 Nov 2026 10:02:00 +0100\r\n{headers}MIME-Version: 1.0\r\n"
        f"Content-Type: {content_type}\r\n\r\n{body}\r\n"
    ).encode()


def addresses(draft: Outgoing, role: str) -> list[str]:
    return [p["address"] for p in draft.people[role]]


def reply(author: User, copy: MessageCopy, kind: str = "reply") -> Outgoing:
    return drafts.start(author, kind=kind, source=copy)


def alias(account: MailAccount, address: str, **fields: object) -> Identity:
    from relance.lib import clock

    return Identity.objects.create(
        account=account, address=address, confirmed_at=clock.now(), **fields
    )


def test_a_reply_goes_to_who_wrote_in_the_thread_of_her_mail(owner: User, box: Local) -> None:
    copy = box.one(mail(headers="References: <a@x> <b@x>\r\n"))
    draft = reply(owner, copy)
    assert draft.people["to"] == [
        {"name": "Alice Rey", "address": "alice@client.example", "record": ""}
    ]
    assert draft.subject == "Re: Devis"
    assert draft.in_reply_to == "first@client.example"
    assert draft.references == "a@x b@x first@client.example"
    assert draft.thread == copy.thread
    assert draft.source == copy
    assert draft.state == Outgoing.State.DRAFT
    assert draft.version == 1


def test_the_quote_is_introduced_in_the_language_and_zone_of_the_author(
    owner: User, box: Local
) -> None:
    draft = reply(owner, box.one(mail()))
    line = "Le mar. 3 nov. 2026 à 10:02, Alice Rey a écrit\u00a0:"
    assert draft.has_quote
    assert draft.quote_text == f"{line}\n> Bonjour,\n> voici."
    assert line in draft.quote_html
    assert "Bonjour,<br>" in draft.quote_html
    owner.language, owner.time_zone = "en", "America/New_York"
    english = reply(owner, MessageCopy.objects.get())
    assert english.quote_text.startswith("On Tue 3 Nov 2026 at 04:02, Alice Rey wrote:")


def test_a_reply_to_address_wins_over_from(owner: User, box: Local) -> None:
    copy = box.one(mail(headers="Reply-To: Ventes <ventes@client.example>\r\n"))
    assert addresses(reply(owner, copy), "to") == ["ventes@client.example"]


def test_a_reply_to_all_leaves_every_address_of_mine_out(owner: User, box: Local) -> None:
    alias(box.account, "devis@clarte.example")
    second = local(owner, "camille@perso.example")
    assert second.account.pk
    to = "me@clarte.example, Bob <bob@client.example>, DEVIS@clarte.example"
    cc = "Cc: camille@perso.example, carl@client.example, BOB@client.example\r\n"
    draft = reply(owner, box.one(mail(to=to, headers=cc)), "reply_all")
    assert addresses(draft, "to") == ["alice@client.example"]
    assert addresses(draft, "cc") == ["bob@client.example", "carl@client.example"]
    assert addresses(draft, "bcc") == []


def test_an_unproven_address_is_not_mine(owner: User, box: Local) -> None:
    Identity.objects.create(account=box.account, address="boss@clarte.example")
    copy = box.one(mail(to="me@clarte.example, boss@clarte.example"))
    draft = reply(owner, copy, "reply_all")
    assert addresses(draft, "cc") == ["boss@clarte.example"]
    assert identities.sender_of(draft).address == "me@clarte.example"


def test_a_mail_i_sent_is_answered_to_those_it_went_to(owner: User, box: Local) -> None:
    raw = mail(
        sender="me@clarte.example",
        to="Alice <alice@client.example>",
        headers="Cc: bob@client.example\r\n",
    )
    copy = box.one(raw, "sent")
    assert addresses(reply(owner, copy), "to") == ["alice@client.example"]
    everybody = reply(owner, copy, "reply_all")
    assert addresses(everybody, "to") == ["alice@client.example"]
    assert addresses(everybody, "cc") == ["bob@client.example"]


def test_a_mail_to_myself_is_answered_to_myself(owner: User, box: Local) -> None:
    copy = box.one(mail(sender="me@clarte.example", to="me@clarte.example"))
    assert addresses(reply(owner, copy), "to") == ["me@clarte.example"]


def test_an_answer_leaves_from_the_address_the_mail_came_to(owner: User, box: Local) -> None:
    found = alias(box.account, "devis@clarte.example", name="Devis Clarté")
    copy = box.one(mail(to="Devis <devis@clarte.example>"))
    sender = identities.sender_of(reply(owner, copy))
    assert sender.key == f"identity:{found.pk}"
    assert (sender.address, sender.name) == ("devis@clarte.example", "Devis Clarté")


def test_an_answer_leaves_from_the_mailbox_the_mail_lies_in(owner: User, box: Local) -> None:
    MailAccount.objects.filter(pk=box.account.pk).update(is_default=True)
    second = local(owner, "second@clarte.example")
    copy = second.one(mail(to="list@lists.example"))
    assert identities.sender_of(reply(owner, copy)).address == "second@clarte.example"
    assert drafts.start(owner).account == box.account


def test_a_mail_of_a_list_is_answered_from_the_address_it_was_delivered_to(
    owner: User, box: Local
) -> None:
    alias(box.account, "listes@clarte.example")
    raw = mail(to="list@lists.example", headers="Delivered-To: <Listes@clarte.example>\r\n")
    raw = raw.replace(b"<Listes@clarte.example>", b"Listes@clarte.example")
    copy = box.one(raw)
    assert identities.sender_of(reply(owner, copy)).address == "listes@clarte.example"


def test_somebody_elses_mail_is_answered_from_my_own_address(owner: User, box: Local) -> None:
    hugo = _user("hugo@clarte.example", "Hugo", "B")
    his = local(hugo, "hugo@clarte.example")
    copy = his.one(mail(to="hugo@clarte.example, bob@client.example"))
    draft = reply(owner, copy, "reply_all")
    assert draft.account == box.account
    assert identities.sender_of(draft).address == "me@clarte.example"
    assert addresses(draft, "cc") == ["hugo@clarte.example", "bob@client.example"]
    assert draft.thread is None
    assert draft.in_reply_to == "first@client.example"


def test_only_what_the_reader_saw_of_an_html_mail_is_quoted(owner: User, box: Local) -> None:
    html = (
        "<style>p{color:red}</style><script>steal()</script>"
        '<p onclick="x()">Seen <b>bold</b></p><div style="display:none">hidden <p>more</p></div>'
        '<span style="font-size:0">tiny</span><img src="https://tracker.example/p.gif">'
        '<a href="javascript:alert(1)">link</a>'
    )
    draft = reply(owner, box.one(mail(body=html, content_type="text/html; charset=utf-8")))
    assert "Seen <b>bold</b>" in draft.quote_html
    for gone in ("hidden", "more", "tiny", "script", "onclick", "tracker", "javascript"):
        assert gone not in draft.quote_html
        assert gone not in draft.quote_text
    assert "> Seen bold" in draft.quote_text


def test_the_plain_version_of_an_html_mail_that_the_reader_did_not_see_is_not_quoted(
    owner: User, box: Local
) -> None:
    body = (
        "--x\r\nContent-Type: text/plain\r\n\r\nother words\r\n"
        "--x\r\nContent-Type: text/html\r\n\r\n<p>shown words</p>\r\n--x--"
    )
    copy = box.one(mail(body=body, content_type='multipart/alternative; boundary="x"'))
    draft = reply(owner, copy)
    assert "shown words" in draft.quote_text
    assert "other words" not in draft.quote_text + draft.quote_html


def test_images_from_elsewhere_are_quoted_only_with_the_readers_consent(
    owner: User, box: Local
) -> None:
    html = '<p>x</p><img src="https://pics.example/a.png">'
    copy = box.one(mail(body=html, content_type="text/html"))
    assert "pics.example" not in drafts.start(owner, kind="reply", source=copy).quote_html
    agreed = drafts.start(owner, kind="reply", source=copy, remote=True)
    assert 'src="https://pics.example/a.png"' in agreed.quote_html


def _with_files() -> bytes:
    pixel = base64.b64encode(PIXEL).decode()
    body = (
        "--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
        '--r\r\nContent-Type: text/html\r\n\r\n<p>Plan</p><img src="cid:plan@x">\r\n'
        "--r\r\nContent-Type: image/png\r\nContent-ID: <plan@x>\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{pixel}\r\n--r--\r\n"
        "--m\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="devis n°1.pdf"\r\n\r\n%PDF-1\r\n'
        "--m\r\nContent-Type: text/csv\r\n"
        'Content-Disposition: attachment; filename="lignes.csv"\r\n\r\na;b\r\n--m--'
    )
    return mail(body=body, content_type="multipart/mixed; boundary=m")


def test_a_forward_keeps_the_files_and_says_what_it_passes_on(owner: User, box: Local) -> None:
    draft = reply(owner, box.one(_with_files()), "forward")
    assert draft.subject == "Fwd: Devis"
    assert draft.people == {"to": [], "cc": [], "bcc": []}
    assert draft.in_reply_to == ""
    assert draft.references == "first@client.example"
    files = list(draft.attachments.order_by("pk"))
    assert [f.filename for f in files if not f.is_inline] == ["devis n°1.pdf", "lignes.csv"]
    assert blobs.get(files[-1].blob_id).strip() == b"a;b"
    image = next(f for f in files if f.is_inline)
    assert blobs.get(image.blob_id) == PIXEL
    assert f'src="cid:{image.content_id}"' in draft.quote_html
    assert image.content_id != "plan@x"
    assert "Alice Rey &lt;alice@client.example&gt;<br>Date" in draft.quote_html
    assert "03/11/2026 10:02" in draft.quote_text


def test_a_reply_brings_the_images_it_shows_and_no_other_file(owner: User, box: Local) -> None:
    draft = reply(owner, box.one(_with_files()))
    assert [f.is_inline for f in draft.attachments.all()] == [True]


def test_a_mail_of_which_only_the_header_was_fetched_cannot_be_forwarded(
    owner: User, box: Local
) -> None:
    copy = box.one(mail())
    copy.is_partial = True
    with pytest.raises(drafts.Unreadable):
        reply(owner, copy, "forward")
    assert not Outgoing.objects.exists()


def test_nobody_writes_without_a_mailbox(owner: User) -> None:
    with pytest.raises(drafts.NoSender):
        drafts.start(owner)


def content(html: str = "<p>Bonjour</p>", **fields: object) -> Content:
    people = {"to": [{"name": "", "address": "not an address", "record": ""}], "cc": [], "bcc": []}
    return Content(**{"people": people, "subject": "Devis", "html": html, **fields})  # type: ignore[arg-type]


def test_a_save_keeps_what_was_typed_and_makes_the_plain_alternative(
    owner: User, box: Local
) -> None:
    draft = drafts.start(owner)
    html = '<p>Voir <a href="https://x.example/a">le site</a></p><ul><li>un</li><li>deux</li></ul>'
    saved = drafts.save(draft.pk, owner, content(html), version=1)
    assert saved.version == 2
    assert addresses(saved, "to") == ["not an address"]
    assert "https://x.example/a" in saved.text
    assert "- un\n- deux" in saved.text
    assert drafts.mine(owner).get() == saved


def test_a_save_over_a_version_it_has_not_seen_is_refused_with_what_is_kept(
    owner: User, box: Local
) -> None:
    draft = drafts.start(owner)
    drafts.save(draft.pk, owner, content("<p>first tab</p>"), version=1)
    with pytest.raises(Conflict) as caught:
        drafts.save(draft.pk, owner, content("<p>second tab</p>"), version=1)
    assert caught.value.current.version == 2
    assert "first tab" in Outgoing.objects.get(pk=draft.pk).html


def test_a_save_that_changes_nothing_makes_no_version(owner: User, box: Local) -> None:
    draft = drafts.start(owner)
    saved = drafts.save(draft.pk, owner, content(), version=1)
    again = drafts.save(draft.pk, owner, content(), version=saved.version)
    assert again.version == saved.version
    assert again.updated_at == saved.updated_at


def test_what_has_left_or_is_somebody_elses_is_no_draft(owner: User, box: Local) -> None:
    draft = drafts.start(owner)
    other = _user("bob@clarte.example", "Bob", "D")
    with pytest.raises(NotADraft):
        drafts.save(draft.pk, other, content(), version=1)
    Outgoing.objects.filter(pk=draft.pk).update(state=Outgoing.State.QUEUED)
    with pytest.raises(NotADraft):
        drafts.save(draft.pk, owner, content(), version=1)
    assert Outgoing.objects.get(pk=draft.pk).subject == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\nscript:alert(1)">x</a>',
        '<div style="background:url(https://evil.example/x)">x</div>',
        '<img src="https://evil.example/pixel.gif">',
        '<img src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">',
        "<svg><script>alert(1)</script></svg>",
        '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
        '<form action="https://evil.example"><input name=x></form>',
        "<style>@import 'https://evil.example'</style>",
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    ],
)
def test_what_is_saved_holds_no_script_and_loads_nothing(
    owner: User, box: Local, hostile: str
) -> None:
    draft = drafts.start(owner)
    saved = drafts.save(draft.pk, owner, content(f"<p>ok</p>{hostile}"), version=1)
    html = saved.html.lower()
    for word in ("<script", "onerror", "javascript", "evil", "<iframe", "<form", "data:", "<style"):
        assert word not in html
    assert "ok" in saved.text


def test_an_image_given_in_place_becomes_a_file_of_the_mail(owner: User, box: Local) -> None:
    draft = drafts.start(owner)
    data = base64.b64encode(PIXEL).decode()
    html = f'<p>a<img src="data:image/png;base64,{data}">b</p>'
    saved = drafts.save(draft.pk, owner, content(html), version=1)
    image = saved.attachments.get()
    assert image.is_inline
    assert f'src="cid:{image.content_id}"' in saved.html
    assert blobs.get(image.blob_id) == PIXEL


def test_the_mark_of_the_signature_stays(owner: User, box: Local) -> None:
    signature = '<div class="signature" data-marker="signature">Camille</div>'
    draft = drafts.start(owner, html=f"<p>x</p>{signature}")
    assert signature in draft.html
    assert text_of(draft.html).endswith("-- \nCamille")


def test_a_draft_changes_its_sender_only_to_one_of_its_authors(owner: User, box: Local) -> None:
    found = alias(box.account, "devis@clarte.example")
    hugo = _user("hugo@clarte.example", "Hugo", "B")
    his = local(hugo, "hugo@clarte.example")
    draft = drafts.start(owner)
    saved = drafts.save(draft.pk, owner, content(sender=f"identity:{found.pk}"), version=1)
    assert identities.sender_of(saved).address == "devis@clarte.example"
    kept = drafts.save(draft.pk, owner, content("<p>y</p>", sender=f"account:{his.account.pk}"),
                       version=2)  # fmt: skip
    assert identities.sender_of(kept).address == "devis@clarte.example"


def test_throwing_a_draft_away_takes_its_files_along(owner: User, box: Local) -> None:
    draft = reply(owner, box.one(_with_files()), "forward")
    drafts.discard(draft)
    assert not Outgoing.objects.exists()
    drafts.discard(draft)  # a second click is no error


def test_what_is_built_of_an_answer_shows_the_quote_below(owner: User, box: Local) -> None:
    draft = drafts.save(
        reply(owner, box.one(mail())).pk, owner, content("<p>Merci</p>", has_quote=True), version=1
    )
    assert letters.html_of(draft).index("Merci") < letters.html_of(draft).index("blockquote")
    assert letters.text_of(draft).startswith("Merci\n\nLe mar. 3 nov.")


def test_the_signature_stands_below_the_quote_for_who_wants_it_there(
    owner: User, box: Local
) -> None:
    html = '<p>Merci</p><div class="signature" data-marker="signature"><b>Camille</b></div>'
    draft = drafts.start(owner, kind="reply", source=box.one(mail()), html=html)
    assert letters.html_of(draft).endswith("</blockquote>")
    owner.quote_below = False
    built = letters.html_of(draft)
    assert built.index("Merci") < built.index("blockquote") < built.index("Camille")
    text = letters.text_of(draft)
    assert text.index("Merci") < text.index("> Bonjour") < text.index("-- \nCamille")
    draft.has_quote = False
    assert letters.html_of(draft) == draft.html
