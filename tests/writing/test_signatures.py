"""Signatures: whose ends a mail, what it says, and how often."""

import pytest

from relance.users.models import Organisation, User
from relance.writing import merge, photos, signatures
from tests.writing.pictures import picture

pytestmark = pytest.mark.django_db
ADDRESS = "camille@clarte.example"


def save(user: User, html: str, address: str = "", *, on_replies: bool = True) -> None:
    signatures.save(user, address, html, on_replies=on_replies)


def ends(user: User, address: str = ADDRESS, *, is_reply: bool = False) -> str:
    return str(signatures.html_for(user, address, is_reply=is_reply))


def test_nothing_ends_a_mail_until_somebody_wrote_a_signature(camille: User) -> None:
    assert ends(camille) == ""


def test_the_short_codes_become_the_users_data(camille: User) -> None:
    save(
        camille,
        "<p><b>{User.name}</b><br>{User.title}, {Organisation.name}</p>"
        "<p>{User.phone} · {User.emailAddress}</p>",
    )
    assert ends(camille, "quotes@clarte.example") == (
        '<div class="signature" data-marker="signature"><p><b>Camille Laurent</b><br>'
        "Sales engineer, Clarté &amp; fils</p>"
        "<p>04 00 00 00 12 · quotes@clarte.example</p></div>"
    )


def test_what_is_empty_is_left_out_and_never_raw(bob: User) -> None:
    save(bob, "<p>{User.name}{User.title}{User.photo}</p>")
    assert ends(bob) == '<div class="signature" data-marker="signature"><p>Bob</p></div>'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>{User.name}<br>{User.title}<br>x</p>", "<p>Bob<br>x</p>"),
        ("<p>{User.name}<br>{User.title}</p><p>{User.phone}</p>", "<p>Bob</p>"),
        ("<p>{User.phone} · {User.name}</p>", "<p>Bob</p>"),
        ("<p>{User.name} · {User.phone}<br>x</p>", "<p>Bob<br>x</p>"),
        ("<p>{User.title}, {User.name}, {User.phone}</p>", "<p>Bob</p>"),
        ("<p>{User.title|Sales}<br><br>{User.name}</p>", "<p>Sales<br><br>Bob</p>"),
        ("<p>{User.photo}</p><p>{User.name}</p>", "<p>Bob</p>"),
    ],
)
def test_what_is_empty_goes_with_its_line(bob: User, written: str, shown: str) -> None:
    save(bob, written)
    assert ends(bob) == f'<div class="signature" data-marker="signature">{shown}</div>'


def test_names_are_escaped(bob: User) -> None:
    bob.first_name, bob.last_name = "<img src=x onerror=alert(1)>", "{Person.name}"
    bob.save()
    save(bob, "<p>{User.name}</p>")
    assert "<img" not in ends(bob)
    assert not merge.placeholders(ends(bob))


def test_an_address_may_have_a_signature_of_its_own(camille: User) -> None:
    save(camille, "<p>All</p>")
    save(camille, "<p>Quotes</p>", "Quotes@Clarte.example ")
    assert "Quotes" in ends(camille, "quotes@clarte.example")
    assert "All" in ends(camille)
    signatures.forget(camille, "quotes@clarte.example")
    assert "All" in ends(camille, "quotes@clarte.example")


def test_an_address_may_have_none(camille: User) -> None:
    save(camille, "<p>All</p>")
    save(camille, "", "quotes@clarte.example")
    assert ends(camille, "quotes@clarte.example") == ""


def test_replies_may_go_without(camille: User) -> None:
    save(camille, "<p>All</p>", on_replies=False)
    assert ends(camille) != ""
    assert ends(camille, is_reply=True) == ""


def test_the_organisations_is_for_those_who_have_none(camille: User, bob: User) -> None:
    signatures.save_for_all("<p>{Organisation.name}</p>", on_replies=True, locked=False)
    save(camille, "<p>Mine</p>")
    assert "Mine" in ends(camille)
    assert "Clarté &amp; fils" in ends(bob)


def test_a_locked_one_is_for_everybody_and_nobody_writes_another(camille: User) -> None:
    save(camille, "<p>Mine</p>")
    signatures.save_for_all("<p>Legal, {User.name}</p>", on_replies=True, locked=True)
    assert "Legal, Camille Laurent" in ends(camille)
    with pytest.raises(signatures.Locked):
        save(camille, "<p>Mine again</p>")
    with pytest.raises(signatures.Locked):
        signatures.forget(camille, "")
    signatures.save_for_all("<p><br></p>", on_replies=True, locked=True)
    assert signatures.of_organisation() is None
    assert "Mine" in ends(camille)


@pytest.mark.parametrize(
    "html",
    ["{Person.name}", "{Deal.amount}", "{User.signature}", "{User.pasword}", "{User.<b>name</b>}"],
)
def test_a_signature_names_only_whoever_writes(camille: User, html: str) -> None:
    with pytest.raises(signatures.CannotBeNamed):
        save(camille, f"<p>{html}</p>")
    assert signatures.of(camille) == []


def test_what_is_saved_is_cleaned(camille: User) -> None:
    save(camille, "<style>p{color:red}</style><p>Hi<script>alert(1)</script></p>")
    kept = signatures.of(camille)[0].html
    assert "script" not in kept
    assert "color" in kept


def test_a_pasted_picture_leaves_no_broken_one(camille: User) -> None:
    save(camille, '<p>Hi<img src="data:image/png;base64,iVBORw0KGgo="></p>')
    assert "<img" not in signatures.of(camille)[0].html


def test_it_is_put_in_once(camille: User) -> None:
    save(camille, "<p>{User.name}</p>")
    signature = ends(camille)
    once = signatures.add("<p>Hello</p>", signature)
    assert once.endswith(signature)
    assert signatures.add(once, signature) == once
    assert signatures.add("<p>Hello</p>", "") == "<p>Hello</p>"


def test_a_text_that_says_where_it_goes_gets_no_second_one(camille: User) -> None:
    save(camille, "<p>{User.name}</p>")
    text = "<p>Hello</p>{User.signature}<p>PS</p>"
    assert signatures.add(text, ends(camille)) == text
    merged = merge.render_html(text, lambda *_: signatures.html_for(camille, "", is_reply=False))
    assert merged.text.count('data-marker="signature"') == 1
    assert merged.missing == ()


def test_the_photo_is_named_inside_the_mail(camille: User) -> None:
    photos.keep(camille, picture())
    save(camille, "<p>{User.photo} {User.name}</p>")
    inline = photos.inline(camille)
    assert inline is not None
    assert f"cid:{inline.content_id}" in ends(camille)
    shown = signatures.html_for(camille, ADDRESS, is_reply=False, photo_src="/photo/")
    assert 'src="/photo/"' in shown
    assert 'alt="Camille Laurent"' in shown


def test_there_is_a_plain_text_of_it(camille: User) -> None:
    photos.keep(camille, picture())
    save(camille, "<p>{User.photo}</p><p><b>{User.name}</b><br>{Organisation.name}</p>")
    text = signatures.text_for(camille, ADDRESS, is_reply=False)
    assert text == "Camille Laurent\nClarté & fils"


def test_without_an_organisation_its_name_is_left_out(camille: User) -> None:
    save(camille, "<p>{User.name} {Organisation.name}</p>")
    Organisation.objects.all().delete()
    assert "Camille Laurent " in ends(camille)
