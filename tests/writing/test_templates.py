"""Templates: who sees and changes one, what is kept of it."""

import base64
from dataclasses import replace

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from relance.files.models import Blob
from relance.files.quota import QuotaReached
from relance.users.models import Organisation, User
from relance.writing import templates
from relance.writing.models import Template
from relance.writing.templates import Content
from tests.writing.pictures import picture

pytestmark = pytest.mark.django_db
DATA = "data:image/png;base64," + base64.b64encode(picture((4, 4), "PNG")).decode()


def make(owner: User, name: str = "Quote", html: str = "<p>Hello</p>", **more: object) -> Template:
    content = replace(Content(name, html=html), **more)  # type: ignore[arg-type]
    return templates.save(owner, content).template


def names(found: object) -> list[str]:
    return [t.name for t in found]  # type: ignore[attr-defined]


def test_a_private_one_is_its_owners_alone(camille: User, bob: User) -> None:
    make(camille)
    for query in (templates.usable, templates.visible, templates.editable, templates.owned):
        assert names(query(camille)) == ["Quote"]
        assert names(query(bob)) == []


def test_a_shared_one_is_used_by_all_and_edited_when_shared_so(camille: User, bob: User) -> None:
    make(camille, "Read", sharing=Template.Sharing.READ)
    make(camille, "Write", sharing=Template.Sharing.WRITE)
    assert names(templates.usable(bob)) == ["Read", "Write"]
    assert names(templates.editable(bob)) == ["Write"]
    assert names(templates.owned(bob)) == []


def test_whoever_left_sees_none(camille: User) -> None:
    make(camille, sharing=Template.Sharing.WRITE)
    camille.is_active = False
    assert names(templates.visible(camille)) == []


def test_an_inactive_one_is_offered_to_nobody_and_kept_by_its_owner(
    camille: User, bob: User
) -> None:
    make(camille, sharing=Template.Sharing.READ, is_active=False)
    assert names(templates.usable(camille)) == []
    assert names(templates.visible(camille)) == ["Quote"]
    assert names(templates.visible(bob)) == []


def test_one_for_a_single_use_is_hidden_once_used(camille: User, bob: User) -> None:
    template = make(camille, is_one_off=True, sharing=Template.Sharing.READ)
    assert names(templates.usable(bob)) == ["Quote"]
    assert templates.use(template)
    assert not templates.use(template)
    assert names(templates.usable(camille)) == []
    assert names(templates.visible(camille)) == ["Quote"]
    assert names(templates.visible(bob)) == []
    template.refresh_from_db()
    assert template.use_count == 1


def test_other_ones_count_their_uses(camille: User) -> None:
    template = make(camille)
    assert templates.use(template)
    assert templates.use(template)
    template.refresh_from_db()
    assert template.use_count == 2
    assert template.used_at is not None


def test_a_used_one_that_becomes_one_for_a_single_use_can_still_be_used(camille: User) -> None:
    template = make(camille)
    templates.use(template)
    templates.save(camille, Content("Quote", is_one_off=True), template=template)
    assert names(templates.usable(camille)) == ["Quote"]


def test_an_editor_does_not_change_with_whom_it_is_shared(camille: User, bob: User) -> None:
    template = make(camille, sharing=Template.Sharing.WRITE)
    content = Content("Changed", html="<p>Bob</p>", sharing=Template.Sharing.PRIVATE)
    templates.save(bob, content, template=template)
    template.refresh_from_db()
    assert (template.name, template.owner, template.sharing) == ("Changed", camille, "write")


@pytest.mark.parametrize(
    "content",
    [
        Content("x", html="<p>{Person.frstName}</p>"),
        Content("x", subject="{Invoice.total}"),
        Content("x", html="<p>{Person.<b>firstName</b>}</p>"),
        Content("x", html='<p title="x">&#123;Person.nobody&#125;</p>'),
    ],
)
def test_a_placeholder_nobody_can_fill_is_an_error_when_saved(
    camille: User, content: Content
) -> None:
    with pytest.raises(templates.BadPlaceholders) as caught:
        templates.save(camille, content)
    assert caught.value.unknown or caught.value.cut
    assert not Template.objects.exists()


def test_a_subject_is_one_line(camille: User) -> None:
    assert make(camille, subject="Offer\r\nBcc: eve@evil.example").subject == (
        "Offer Bcc: eve@evil.example"
    )


def test_what_somebody_saved_meanwhile_is_not_overwritten(camille: User) -> None:
    template = make(camille)
    version = templates.version_of(template)
    templates.save(camille, Content("Newer"), template=template, version=version)
    with pytest.raises(templates.Changed):
        templates.save(camille, Content("Older"), template=template, version=version)
    template.refresh_from_db()
    assert template.name == "Newer"


def test_fallbacks_are_written_where_there_is_none(camille: User) -> None:
    content = Content(
        "x",
        subject="For {Person.firstName}",
        html="<p>{Person.firstName} {Deal.name|it}</p>",
        fallbacks=(("Person.firstName", "you & <yours>"), ("Deal.name", "no"), ("User.name", " ")),
    )
    kept = templates.save(camille, content).template
    assert kept.subject == "For {Person.firstName|you & <yours>}"
    assert kept.html == "<p>{Person.firstName|you &amp; &lt;yours&gt;} {Deal.name|it}</p>"
    assert [p.code for p in templates.placeholders_of(kept)] == ["Person.firstName", "Deal.name"]


def test_a_style_sheet_is_said_to_be_carried_over(camille: User) -> None:
    saved = templates.save(camille, Content("x", html="<style>p{color:red}</style><p>Hi</p>"))
    assert saved.had_style_sheet
    assert "<style" not in saved.template.html


def test_a_pasted_picture_is_kept_while_it_is_shown(
    camille: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    template = make(camille, html=f'<p>Hi <img src="{DATA}"></p>')
    picture_row = template.attachments.get()
    assert picture_row.is_inline
    assert f"cid:{picture_row.content_id}" in template.html
    again = Content("x", html=template.html)
    templates.save(camille, again, template=template)
    assert template.attachments.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        templates.save(camille, Content("x", html="<p>Hi</p>"), template=template)
    assert template.attachments.count() == 0
    assert not Blob.objects.filter(pk=picture_row.blob_id).exists()


def test_the_picture_of_another_template_is_not_taken(camille: User) -> None:
    other = make(camille, html=f'<p><img src="{DATA}"></p>')
    name = other.attachments.get().content_id
    assert "cid:" not in make(camille, html=f'<p>x<img src="cid:{name}"></p>').html


def test_files_go_with_it_up_to_what_one_mail_holds(
    camille: User,
    organisation: Organisation,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    organisation.attachment_limit_mb = 1
    organisation.save()
    template = make(camille)
    kept = templates.attach(template, name="../../Offre\u202e.pdf", data=b"x" * 600_000)
    assert "/" not in kept.filename
    assert kept.content_type == "application/pdf"
    with pytest.raises(templates.TooLarge) as caught:
        templates.attach(template, name="b.pdf", data=b"y" * 600_000)
    assert (caught.value.total, caught.value.limit) == (1_200_000, 1_000_000)
    assert templates.size_of(template) == 600_000
    with django_capture_on_commit_callbacks(execute=True):
        templates.detach(template, kept.pk)
    assert not Blob.objects.exists()


def test_a_full_storage_refuses_a_file(camille: User, organisation: Organisation) -> None:
    organisation.storage_quota_mb = 1
    organisation.attachment_limit_mb = 10
    organisation.save()
    with pytest.raises(QuotaReached):
        templates.attach(make(camille), name="a.pdf", data=b"x" * 1_100_000)


def test_a_copy_is_private_and_has_the_files(
    camille: User, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    template = make(
        camille, html=f'<p>{{Person.name}}<img src="{DATA}"></p>', sharing=Template.Sharing.READ
    )
    templates.attach(template, name="a.pdf", data=b"x")
    copied = templates.copy(bob, template)
    assert (copied.owner, copied.sharing, copied.html) == (bob, "private", template.html)
    with django_capture_on_commit_callbacks(execute=True):
        templates.delete(template)
    assert copied.attachments.count() == 2
    assert Blob.objects.count() == 2
