"""Drafts on a real server: put there while one writes, found when made elsewhere (CMP-17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance.lib import clock
from relance.mail import attachments, drafts, outbox
from relance.mail.drafts import Content
from relance.mail.models import Operation, Outgoing, Thread
from relance.mail.sync import drafts as acts
from relance.mail.sync.process import _due
from relance.mime.message import ParsedMessage
from relance.mime.parse import parse
from relance.wire.errors import TransientFailure
from tests.mail.conftest import Synced, raw_mail

pytestmark = pytest.mark.django_db(transaction=True)
TO = {"to": [{"name": "Alice", "address": "alice@client.example", "record": ""}]}


@pytest.fixture(params=["box", "poor_box"])
def any_box(request: pytest.FixtureRequest) -> Synced:
    """With UIDPLUS, and without."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Synced)
    return found


def write(box: Synced, html: str, draft: Outgoing | None = None) -> Outgoing:
    owner = box.account.owner
    draft = draft or drafts.start(owner)
    content = Content(people=TO, subject="Devis", html=html)
    return drafts.save(draft.pk, owner, content, version=draft.version)


def after_the_pause(box: Synced) -> None:
    """Let the pause between two versions pass, and synchronise."""
    Operation.objects.filter(next_try_at__gt=clock.now()).update(next_try_at=clock.now())
    box.sync()


def on_server(box: Synced) -> list[tuple[ParsedMessage, frozenset[str]]]:
    """What lies in the server's Drafts."""
    with box.session() as session:
        folders = {f.path: f for f in session.list_folders()}
        if "Drafts" not in folders:
            return []
        session.select("Drafts")
        flags = session.fetch_flags()
        mails = list(session.fetch_raw(session.uids()))
        return [(parse(m.raw), frozenset(flags[m.uid])) for m in mails]


def test_a_draft_is_put_on_the_server_seen_and_marked(any_box: Synced) -> None:
    draft = write(any_box, "<p>Bonjour <b>Alice</b></p>")
    after_the_pause(any_box)
    [(mail, flags)] = on_server(any_box)
    assert {"\\Draft", "\\Seen"} <= flags
    assert mail.message_id == draft.message_id
    assert mail.to[0].address == "alice@client.example"
    assert "Bonjour" in mail.text
    assert "<b>Alice</b>" in mail.html
    draft.refresh_from_db()
    assert draft.draft_uid
    assert draft.draft_version == draft.version


def test_a_later_version_takes_the_place_of_the_one_before(any_box: Synced) -> None:
    draft = write(any_box, "<p>one</p>")
    after_the_pause(any_box)
    draft = write(any_box, "<p>two</p>", draft)
    after_the_pause(any_box)
    [(mail, _)] = on_server(any_box)
    assert mail.text.strip() == "two"


def test_what_is_typed_in_a_row_makes_one_version_on_the_server(box: Synced) -> None:
    draft = write(box, "<p>o</p>")
    for text in ("on", "one", "one t", "one two"):
        draft = write(box, f"<p>{text}</p>", draft)
    box.sync()
    assert on_server(box) == []  # not before the pause
    assert Operation.objects.filter(kind=Operation.Kind.DRAFT).count() == 1
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    assert mail.text.strip() == "one two"


def test_a_mailbox_is_due_when_a_draft_has_waited(box: Synced) -> None:
    box.sync()
    write(box, "<p>x</p>")
    type(box.account).objects.update(synced_at=clock.now(), wanted_at=None)
    assert box.account.pk not in _due()
    Operation.objects.update(next_try_at=clock.now() - timedelta(seconds=1))
    assert box.account.pk in _due()


def test_our_own_draft_is_neither_fetched_back_nor_taken_for_one_made_elsewhere(
    any_box: Synced,
) -> None:
    draft = write(any_box, "<p>one</p>")
    after_the_pause(any_box)
    write(any_box, "<p>two</p>", draft)
    after_the_pause(any_box)
    any_box.deliver(raw_mail(3), folder="Drafts", flags=("\\Draft",))
    any_box.sync()
    [other] = any_box.copies("drafts")
    assert other.message
    assert other.message.message_id == "m3@client.example"
    assert list(drafts.elsewhere(any_box.account.owner)) == [other]
    assert not Thread.objects.filter(base_subject="devis").exclude(copies=other).exists()


def test_a_draft_deleted_elsewhere_stays_here_and_is_put_back_with_its_next_version(
    any_box: Synced,
) -> None:
    draft = write(any_box, "<p>one</p>")
    after_the_pause(any_box)
    with any_box.session() as session:
        session.list_folders()
        session.select("Drafts", readonly=False)
        session.delete(session.uids())
    any_box.sync()
    draft.refresh_from_db()
    assert draft.draft_uid is None
    write(any_box, "<p>two</p>", draft)
    after_the_pause(any_box)
    [(mail, _)] = on_server(any_box)
    assert mail.text.strip() == "two"


def test_a_folder_numbered_anew_shows_no_draft_twice(box: Synced) -> None:
    draft = write(box, "<p>one</p>")
    after_the_pause(box)
    Outgoing.objects.filter(pk=draft.pk).update(draft_uidvalidity=1)
    box.folder("drafts").copies.all().delete()
    type(box.folder("drafts")).objects.filter(special_use="drafts").update(uidvalidity=1)
    box.sync()
    assert not drafts.elsewhere(box.account.owner).exists()
    draft.refresh_from_db()
    write(box, "<p>two</p>", draft)
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    assert mail.text.strip() == "two"


def test_a_heavy_draft_is_uploaded_less_often(box: Synced) -> None:
    draft = drafts.start(box.account.owner)
    attachments.add(draft, name="a.bin", data=b"a" * 5_000_000)
    write(box, "<p>x</p>", draft)
    operation = Operation.objects.get(kind=Operation.Kind.DRAFT)
    assert operation.next_try_at
    assert 280 < (operation.next_try_at - clock.now()).total_seconds() <= 300


def test_a_file_attached_or_taken_off_reaches_the_server(box: Synced) -> None:
    draft = write(box, "<p>x</p>")
    after_the_pause(box)
    draft.refresh_from_db()
    file = attachments.add(draft, name="devis.pdf", data=b"%PDF")
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    assert [p.filename for p in mail.parts if p.is_attachment] == ["devis.pdf"]
    attachments.remove(draft, file.pk)
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    assert not any(p.is_attachment for p in mail.parts)


def test_what_was_put_leaves_no_row_behind(box: Synced) -> None:
    draft = write(box, "<p>x</p>")
    after_the_pause(box)
    draft.refresh_from_db()
    drafts.discard(draft)
    box.sync()
    assert not Operation.objects.exists()


def test_throwing_a_draft_away_removes_it_from_the_server(any_box: Synced) -> None:
    any_box.sync()
    draft = write(any_box, "<p>x</p>")
    after_the_pause(any_box)
    draft.refresh_from_db()
    drafts.discard(draft)
    any_box.sync()
    assert on_server(any_box) == []


def test_a_draft_thrown_away_before_the_server_heard_of_it_never_gets_there(box: Synced) -> None:
    draft = write(box, "<p>x</p>")
    drafts.discard(draft)
    after_the_pause(box)
    assert on_server(box) == []


def test_sending_removes_the_draft_from_the_server(box: Synced) -> None:
    draft = write(box, "<p>x</p>")
    after_the_pause(box)
    draft.refresh_from_db()
    outbox.send(draft)
    box.sync()
    assert on_server(box) == []


def test_a_draft_sent_while_it_is_put_there_does_not_stay(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.sync()
    draft = write(box, "<p>x</p>")
    real = acts.bytes_of

    def and_sent(one: Outgoing) -> bytes:
        built = real(one)
        outbox.send(Outgoing.objects.select_related("author").get(pk=draft.pk))
        return built

    monkeypatch.setattr(acts, "bytes_of", and_sent)
    after_the_pause(box)
    assert on_server(box) == []


@pytest.mark.parametrize("dies_at", ["noop", "delete"])
def test_a_crash_between_two_versions_leaves_one_in_the_end(
    any_box: Synced, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    draft = write(any_box, "<p>one</p>")
    after_the_pause(any_box)
    draft.refresh_from_db()
    write(any_box, "<p>two</p>", draft)

    def cut(*_args: object) -> None:
        raise TransientFailure("disconnected", "cut")

    with monkeypatch.context() as patch:
        patch.setattr(f"relance.wire.imap.ImapSession.{dies_at}", cut)
        with pytest.raises(TransientFailure):
            after_the_pause(any_box)
    assert len(on_server(any_box)) == 2
    any_box.sync()
    [(mail, _)] = on_server(any_box)
    assert mail.text.strip() == "two"


def test_a_draft_made_elsewhere_is_found_and_opened(box: Synced) -> None:
    raw = raw_mail(
        7, sender=f"Me <{box.account.address}>", headers="Bcc: hidden@client.example\r\n"
    )
    box.deliver(raw, folder="Drafts", flags=("\\Draft", "\\Seen"))
    box.sync()
    owner = box.account.owner
    copy = drafts.elsewhere(owner).get()
    draft = drafts.adopt(owner, copy)
    assert draft.subject == "Devis"
    assert "Bonjour 7" in draft.text
    assert [p["address"] for p in draft.people["bcc"]] == ["hidden@client.example"]
    assert not drafts.elsewhere(owner).exists()
    assert drafts.adopt(owner, copy).pk == draft.pk
    write(box, "<p>changed</p>", draft)
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    assert mail.text.strip() == "changed"


def test_what_was_edited_elsewhere_since_is_shown_and_never_dropped(box: Synced) -> None:
    owner = box.account.owner
    draft = write(box, "<p>here</p>")
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    edited = raw_mail(8, text="there").replace(b"m8@client.example", mail.message_id.encode())
    box.deliver(edited, folder="Drafts", flags=("\\Draft",))
    box.sync()
    copy = drafts.elsewhere(owner).get()
    draft.refresh_from_db()
    write(box, "<p>here again</p>", draft)  # both go on: neither is lost
    after_the_pause(box)
    texts = sorted(m.text.strip() for m, _ in on_server(box))
    assert texts == ["here again", "there 8"]
    second = drafts.adopt(owner, copy)
    assert second.pk != draft.pk or "there" in second.text


def test_an_untouched_draft_edited_elsewhere_is_brought_up_to_date(box: Synced) -> None:
    owner = box.account.owner
    draft = write(box, "<p>here</p>")
    after_the_pause(box)
    [(mail, _)] = on_server(box)
    edited = raw_mail(8, text="there").replace(b"m8@client.example", mail.message_id.encode())
    box.deliver(edited, folder="Drafts", flags=("\\Draft",))
    box.sync()
    opened = drafts.adopt(owner, drafts.elsewhere(owner).get())
    assert opened.pk == draft.pk
    assert "there 8" in opened.text
    assert opened.version > draft.version


def test_a_draft_from_an_address_of_the_organisation_stays_out_of_its_mailbox(
    box: Synced,
) -> None:
    draft = write(box, "<p>x</p>")
    Operation.objects.all().delete()
    other = type(box.account.owner).objects.create_user("bob@clarte.example")
    Outgoing.objects.filter(pk=draft.pk).update(author=other)
    draft = Outgoing.objects.get(pk=draft.pk)
    from relance.mail import server_drafts

    server_drafts.put_soon(draft)
    assert not Operation.objects.exists()
