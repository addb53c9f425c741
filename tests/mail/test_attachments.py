"""How much one mail may hold: the total counts, to the byte (CMP-14, CMP-15, ADM-05, D40)."""

from __future__ import annotations

import pytest
from django.test import TestCase

from relance.files import blobs
from relance.files.models import Blob, Document
from relance.mail import attachments, drafts
from relance.mail.attachments import QuotaReached, TooLarge, TooManyDocuments
from relance.mail.models import MailAccount, Outgoing, OutgoingAttachment
from relance.users.models import Organisation, User
from tests.mail.local import local

pytestmark = pytest.mark.django_db
MB = 1_000_000


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(name="Clarté")


@pytest.fixture
def owner(organisation: Organisation) -> User:
    return User.objects.create_user("me@clarte.example")


@pytest.fixture
def draft(owner: User) -> Outgoing:
    local(owner)
    return drafts.start(owner)


def test_ten_megabytes_fit_and_one_byte_more_does_not(draft: Outgoing) -> None:
    attachments.add(draft, name="a.bin", data=b"a" * (6 * MB))
    attachments.add(draft, name="b.bin", data=b"b" * (4 * MB))
    assert attachments.total(draft) == attachments.limit(draft) == 10 * MB
    with pytest.raises(TooLarge) as caught:
        attachments.add(draft, name="c.bin", data=b"c")
    error = caught.value
    assert (error.total, error.limit, error.size) == (10 * MB, 10 * MB, 1)
    assert not error.by_server
    assert draft.attachments.count() == 2
    attachments.check(draft)


def test_one_file_of_just_too_much_is_refused_and_not_kept(draft: Outgoing) -> None:
    with pytest.raises(TooLarge):
        attachments.add(draft, name="a.bin", data=b"a" * (10 * MB + 1))
    assert not Blob.objects.exists()


def test_the_administrators_limit_holds(draft: Outgoing, organisation: Organisation) -> None:
    organisation.attachment_limit_mb = 1
    organisation.save()
    attachments.add(draft, name="a.bin", data=b"a" * MB)
    with pytest.raises(TooLarge):
        attachments.add(draft, name="b.bin", data=b"b")


def test_the_servers_own_limit_comes_first_with_the_growth_of_base64(draft: Outgoing) -> None:
    MailAccount.objects.update(smtp_size_limit=5_000_000)
    draft = Outgoing.objects.select_related("account").get(pk=draft.pk)
    most = attachments.limit(draft)
    assert attachments.is_limited_by_server(draft)
    assert 3_500_000 < most < 5_000_000 * 57 / 78
    attachments.add(draft, name="a.bin", data=b"a" * most)
    from relance.mail.sync.drafts import bytes_of

    assert len(bytes_of(draft)) <= 5_000_000
    with pytest.raises(TooLarge) as caught:
        attachments.add(draft, name="b.bin", data=b"b")
    assert caught.value.by_server


def test_a_generous_server_does_not_raise_the_organisations_limit(draft: Outgoing) -> None:
    MailAccount.objects.update(smtp_size_limit=50_000_000)
    draft = Outgoing.objects.select_related("account").get(pk=draft.pk)
    assert attachments.limit(draft) == 10 * MB
    assert not attachments.is_limited_by_server(draft)


def document(owner: User, name: str, data: bytes) -> Document:
    return Document.objects.create(
        owner=owner, blob=blobs.put(data), name=name, content_type="application/pdf"
    )


def test_at_most_five_documents_of_the_library(draft: Outgoing, owner: User) -> None:
    for n in range(5):
        found = document(owner, f"{n}.pdf", b"%d" % n)
        added = attachments.add(draft, name=found.name, document=found)
        assert added.origin == OutgoingAttachment.Origin.LIBRARY
        assert added.blob == found.blob
    with pytest.raises(TooManyDocuments) as caught:
        attachments.add(draft, name="6.pdf", document=document(owner, "6.pdf", b"6"))
    assert (caught.value.count, caught.value.limit) == (6, 5)
    attachments.add(draft, name="disk.pdf", data=b"from disk")


def test_an_image_counts_while_the_text_shows_it(draft: Outgoing, owner: User) -> None:
    image = attachments.add(
        draft, name="a.png", data=b"p" * 500, content_type="image/png", is_inline=True
    )
    html = f'<p><img src="cid:{image.content_id}"></p>'
    draft = drafts.save(draft.pk, owner, drafts.Content(html=html), version=draft.version)
    assert attachments.total(draft) == 500
    draft = drafts.save(draft.pk, owner, drafts.Content(html="<p>x</p>"), version=draft.version)
    assert attachments.total(draft) == 0
    assert draft.attachments.count() == 1, "undoing in the editor brings it back"
    assert attachments.prune(draft) == 1


def test_the_quota_refuses_what_does_not_fit_and_counts_a_content_once(
    draft: Outgoing, organisation: Organisation
) -> None:
    organisation.storage_quota_mb = 1
    organisation.save()
    attachments.add(draft, name="a.bin", data=b"a" * 600_000)
    attachments.add(draft, name="again.bin", data=b"a" * 600_000)
    with pytest.raises(QuotaReached) as caught:
        attachments.add(draft, name="b.bin", data=b"b" * 500_000)
    assert (caught.value.used, caught.value.limit) == (600_000, MB)
    assert draft.attachments.count() == 2


def test_what_is_taken_off_gives_its_room_back(draft: Outgoing) -> None:
    one = attachments.add(draft, name="a.bin", data=b"a" * 1000)
    two = attachments.add(draft, name="b.bin", data=b"a" * 1000)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert attachments.remove(draft, one.pk)
    assert Blob.objects.count() == 1, "the other still needs it"
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert attachments.remove(draft, two.pk)
    assert not Blob.objects.exists()
    assert not attachments.remove(draft, two.pk)


def test_a_file_of_another_draft_cannot_be_taken_off_through_this_one(
    draft: Outgoing, owner: User
) -> None:
    other = attachments.add(drafts.start(owner), name="a.bin", data=b"a")
    assert not attachments.remove(draft, other.pk)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\evil.exe", "evil.exe"),
        ("/etc/passwd", "passwd"),
        ("devis\u202efdp.exe", "devis_fdp.exe"),
        ("a\r\nb.txt", "a_b.txt"),
        ("", "document"),
    ],
)
def test_a_file_name_is_only_a_name(draft: Outgoing, given: str, kept: str) -> None:
    assert attachments.add(draft, name=given, data=b"x").filename == kept
