"""The pages of signatures."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.users.models import User
from relance.writing import photos, signatures
from relance.writing.models import Photo, Signature
from tests.writing.pictures import picture, png_claiming, with_exif

pytestmark = pytest.mark.django_db
EDIT = "/preferences/signature/"
COMMON = "/settings/signature/"
PHOTO = "/preferences/signature/photo/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def upload(data: bytes, name: str = "me.jpg") -> dict[str, Any]:
    return {"photo": SimpleUploadedFile(name, data, "image/jpeg"), "alternative": "It is me"}


def test_the_page_proposes_a_signature_that_is_not_saved(as_bob: Client) -> None:
    text = text_of(as_bob.get(EDIT))
    assert "{User.name}" in text
    assert "Bob Durand" in text
    assert not Signature.objects.exists()


def test_a_signature_is_saved_and_shown_with_its_plain_text(as_bob: Client, bob: User) -> None:
    answer = as_bob.post(EDIT, {"html": "<p><b>{User.name}</b></p>", "on_replies": "1"})
    assert answer["Location"] == EDIT
    row = Signature.objects.get()
    assert (row.user, row.sender, row.on_replies) == (bob, "", True)
    text = text_of(as_bob.get(EDIT))
    assert "<mark>Bob Durand</mark>" in text
    assert '<pre class="signature__plain" dir="auto">Bob Durand</pre>' in text
    as_bob.post(EDIT, {"html": "<p>x</p>"})
    assert not Signature.objects.get().on_replies


def test_an_address_one_writes_from_has_its_own(
    as_bob: Client, bob: User, make_account: Any
) -> None:
    make_account(bob)
    assert "bob@clarte.example" in text_of(as_bob.get(EDIT))
    address = f"{EDIT}?for=bob%40clarte.example"
    assert as_bob.get(address).status_code == 200
    data = {"html": "<p>Own</p>", "for": "Bob@clarte.example"}
    assert as_bob.post(EDIT, data).status_code == 302
    assert signatures.chosen(bob, "bob@clarte.example") == Signature.objects.get()
    as_bob.post(f"{EDIT}remove/", {"for": "bob@clarte.example"})
    assert not Signature.objects.exists()


def test_an_address_one_does_not_write_from_is_not_there(
    as_bob: Client, alice: User, make_account: Any
) -> None:
    make_account(alice)
    address = "alice@clarte.example"
    assert as_bob.get(f"{EDIT}?for={address}").status_code == 404
    assert as_bob.post(EDIT, {"html": "<p>x</p>", "for": address}).status_code == 404
    assert as_bob.post(f"{EDIT}remove/", {"for": address}).status_code == 404
    assert not Signature.objects.exists()


def test_a_field_of_a_record_is_refused_and_nothing_is_lost(as_bob: Client) -> None:
    answer = as_bob.post(EDIT, {"html": "<p>typed {Person.name}</p>"})
    assert answer.status_code == 422
    assert "{Person.name} cannot stay" in text_of(answer)
    assert "typed {Person.name}" in text_of(answer)


def test_the_preview_follows_what_is_written(as_bob: Client) -> None:
    answer = as_bob.post(f"{EDIT}preview/", {"html": "<p>{User.name} new</p>"})
    assert "<mark>Bob Durand</mark> new" in text_of(answer)
    assert "<html" not in text_of(answer)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</template><svg onload=x>"],
)
def test_nothing_hostile_comes_back(as_bob: Client, bob: User, hostile: str) -> None:
    bob.last_name = hostile
    bob.save()
    data = {"html": f"<p>{{User.name}}</p>{hostile}"}
    texts = [text_of(as_bob.post(f"{EDIT}preview/", data))]
    texts.append(text_of(as_bob.post(EDIT, {"html": data["html"] + "{No.no}"})))
    as_bob.post(EDIT, data)
    texts.append(text_of(as_bob.get(EDIT)))
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<svg onload" not in text


def test_a_photo_is_kept_small_square_and_without_notes(as_bob: Client, bob: User) -> None:
    assert as_bob.get(PHOTO).status_code == 404
    answer = as_bob.post(f"{PHOTO}keep/", upload(with_exif()))
    assert answer.status_code == 302
    shown = as_bob.get(PHOTO)
    assert shown["Content-Type"] == "image/jpeg"
    assert b"Secret" not in shown.content
    assert Photo.objects.get().alternative == "It is me"
    assert 'alt="It is me"' in text_of(as_bob.get(EDIT))
    as_bob.post(f"{PHOTO}keep/", {"alternative": "Still me"})
    assert Photo.objects.get().alternative == "Still me"
    as_bob.post(f"{PHOTO}remove/")
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no picture we can read"),
        (png_claiming(50_000, 50_000), "too large"),
        (b"\xff\xd8" + b"\0" * photos.MAX_BYTES, "too large"),
        (b"\0", "no picture we can read"),
    ],
)
def test_what_is_no_photo_is_refused_and_said(as_bob: Client, data: bytes, words: str) -> None:
    answer = as_bob.post(f"{PHOTO}keep/", upload(data))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Photo.objects.exists()


def test_a_photo_is_seen_by_its_owner_alone(as_bob: Client, alice: User) -> None:
    photos.keep(alice, picture())
    assert as_bob.get(PHOTO).status_code == 404


def test_the_organisations_is_an_administrators(as_alice: Client, as_bob: Client) -> None:
    assert as_bob.get(COMMON).status_code == 403
    assert as_bob.post(COMMON, {"html": "<p>x</p>"}).status_code == 403
    assert as_alice.get(COMMON).status_code == 200
    assert not Signature.objects.exists()


def test_a_locked_one_stops_all_others(as_alice: Client, as_bob: Client, bob: User) -> None:
    signatures.save(bob, "", "<p>Mine</p>", on_replies=True)
    data = {"html": "<p>{User.name}, {Organisation.name}</p>", "is_locked": "1", "on_replies": "1"}
    assert as_alice.post(COMMON, data).status_code == 302
    text = text_of(as_bob.get(EDIT))
    assert "Your organisation’s signature ends every mail" in text
    assert 'id="signature-form"' not in text
    assert "Bob Durand" in text
    assert as_bob.post(EDIT, {"html": "<p>x</p>"}).status_code == 403
    assert as_bob.post(f"{EDIT}remove/", {}).status_code == 403
    answer = as_bob.post(f"{PHOTO}keep/", upload(picture()))
    assert answer.status_code == 302


def test_an_empty_one_of_the_organisation_is_none(as_alice: Client) -> None:
    as_alice.post(COMMON, {"html": "<p>x</p>"})
    as_alice.post(COMMON, {"html": "<p><br></p>"})
    assert not Signature.objects.exists()
    answer = as_alice.post(COMMON, {"html": "<p>{Deal.name}</p>"})
    assert answer.status_code == 422


def test_nobody_sees_them_without_logging_in() -> None:
    for address in (EDIT, COMMON, PHOTO):
        assert Client().get(address).status_code == 302
    assert Client().post(f"{PHOTO}keep/", {"photo": io.BytesIO(b"x")}).status_code == 302
