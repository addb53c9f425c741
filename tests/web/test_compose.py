"""The composer: drafts begun, saved and thrown away, their files, what it suggests and previews."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.addresses import suppression
from relance.crm.models import Deal, Person
from relance.mail.models import MailAccount, Outgoing
from relance.users.models import Organisation, User
from relance.web.compose import people
from relance.writing import signatures
from relance.writing.models import Template
from tests.inbox import builders

HX = {"HX-Request": "true"}
JSON = {**HX, "Accept": "application/json"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


@pytest.fixture(autouse=True)
def nobody_remembered() -> None:
    cache.clear()


@pytest.fixture
def mailbox(alice: User, make_account: Callable[..., MailAccount]) -> MailAccount:
    return make_account(alice)


@pytest.fixture
def draft(as_alice: Client, mailbox: MailAccount) -> Outgoing:
    as_alice.post("/compose/", {"to": "e.garnier@meunier.example", "subject": "Devis"}, headers=HX)
    return Outgoing.objects.get()


def fields(draft: Outgoing, **more: Any) -> dict[str, Any]:
    """What the script posts."""
    draft.refresh_from_db()
    values = {
        "version": draft.version,
        "people": json.dumps(draft.people),
        "subject": draft.subject,
        "html": "<p>Bonjour</p>",
        "sender": f"account:{draft.account_id}",
    }
    return values | more


def test_a_link_offers_to_write_and_creates_nothing(as_alice: Client, mailbox: MailAccount) -> None:
    page = as_alice.get(
        "/compose/?to=a@b.example&subject=Salut&attach=/etc/passwd"
    ).content.decode()
    assert "data-compose-start" in page
    assert 'name="to" value="a@b.example"' in page
    assert "passwd" not in page
    assert not Outgoing.objects.exists()


def test_a_new_mail_begins_with_what_the_link_asked_and_ends_with_the_signature(
    as_alice: Client, alice: User, mailbox: MailAccount, eloise: Person
) -> None:
    signatures.save(alice, "", "<p>Alice Martin, Clarté</p>", on_replies=True)
    response = as_alice.post(
        "/compose/",
        {
            "to": "e.garnier@meunier.example",
            "cc": "Bob <bob@clarte.example>",
            "subject": "Votre\r\nBcc: x@y.example projet",
            "body": "Bonjour\n\n<b>pas gras</b>",
            "record": f"person:{eloise.pk}",
        },
        headers=HX,
    )
    page = response.content.decode()
    draft = Outgoing.objects.get()
    assert 'data-shape="dialog"' in page and "<dialog" in page
    assert draft.people["to"] == [
        {
            "name": "Éloïse Garnier",
            "address": "e.garnier@meunier.example",
            "record": f"person:{eloise.pk}",
        }
    ]
    assert draft.people["cc"][0]["address"] == "bob@clarte.example"
    assert "\n" not in draft.subject
    assert "&lt;b&gt;pas gras" in draft.html
    assert draft.html.count("data-marker") == 1 and "Alice Martin" in draft.html


def test_an_empty_draft_is_gone_on_with_rather_than_another_begun(
    as_alice: Client, mailbox: MailAccount
) -> None:
    as_alice.post("/compose/", headers=HX)
    as_alice.post("/compose/", headers=HX)
    assert Outgoing.objects.count() == 1
    draft = Outgoing.objects.get()
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, subject="Devis"), headers=JSON)
    as_alice.post("/compose/", headers=HX)
    assert Outgoing.objects.count() == 2


def test_without_a_mailbox_one_is_told_to_connect_it(as_alice: Client) -> None:
    response = as_alice.post("/compose/", headers=HX)
    assert response.status_code == 204
    assert "mailbox" in response["HX-Trigger"]
    assert as_alice.post("/compose/").headers["Location"].endswith("/mailboxes/")


def test_the_page_works_without_the_script(as_alice: Client, draft: Outgoing) -> None:
    page = as_alice.get(f"/compose/{draft.pk}/").content.decode()
    assert 'name="to" value="e.garnier@meunier.example"' in page
    assert "<textarea" in page and 'data-shape="page"' in page
    response = as_alice.post(
        f"/compose/{draft.pk}/save/",
        {
            "version": draft.version,
            "to": "Éloïse <e.garnier@meunier.example>; bob@clarte.example\npas une adresse",
            "cc": "",
            "bcc": "chef@clarte.example",
            "subject": "Devis 2",
            "text": "Bonjour\n\nVoici.",
        },
    )
    assert response.status_code == 302
    draft.refresh_from_db()
    assert [p["address"] for p in draft.people["to"]] == [
        "e.garnier@meunier.example",
        "bob@clarte.example",
        "pas une adresse",
    ]
    assert draft.people["bcc"][0]["address"] == "chef@clarte.example"
    assert draft.subject == "Devis 2"
    assert "Voici" in draft.html and draft.text.strip().endswith("Voici.")


def test_text_left_alone_keeps_its_looks_and_the_signature_stays(
    as_alice: Client, draft: Outgoing
) -> None:
    html = '<p>Bonjour <b>Paul</b></p><div class="signature" data-marker="signature">Alice</div>'
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, html=html), headers=JSON)
    draft.refresh_from_db()
    page = as_alice.get(f"/compose/{draft.pk}/").content.decode()
    assert ">Bonjour Paul</textarea>" in page
    plain = {"version": draft.version, "text": "Bonjour Paul", "subject": "X"}
    as_alice.post(f"/compose/{draft.pk}/save/", plain)
    draft.refresh_from_db()
    assert "<b>Paul</b>" in draft.html
    as_alice.post(f"/compose/{draft.pk}/save/", {"version": draft.version, "text": "Bonsoir"})
    draft.refresh_from_db()
    assert "Bonsoir" in draft.html and "<b>" not in draft.html
    assert draft.html.count("data-marker") == 1


def test_a_save_tells_the_version_and_what_stands_against_each_address(
    as_alice: Client, draft: Outgoing
) -> None:
    suppression.mark_invalid(builders.address("e.garnier@meunier.example").pk)
    told = as_alice.post(f"/compose/{draft.pk}/save/", fields(draft), headers=JSON).json()
    assert told["version"] == draft.version + 1
    assert told["verdicts"] == {
        "e.garnier@meunier.example": {
            "code": "invalid",
            "words": "The e-mail address does not exist",
            "blocking": True,
        }
    }
    assert told["saved"].startswith("Draft saved")


def test_another_tab_is_never_overwritten(as_alice: Client, draft: Outgoing) -> None:
    url = f"/compose/{draft.pk}/save/"
    old = fields(draft)
    as_alice.post(url, {**old, "html": "<p>Ailleurs</p>"}, headers=JSON)
    response = as_alice.post(url, {**old, "html": "<p>Ici</p>"}, headers=JSON)
    assert response.status_code == 409
    assert response.json()["current"]["html"] == "<p>Ailleurs</p>"
    draft.refresh_from_db()
    assert "Ailleurs" in draft.html


def test_the_same_save_twice_is_no_conflict(as_alice: Client, draft: Outgoing) -> None:
    url, old = f"/compose/{draft.pk}/save/", fields(draft, subject="Autre")
    first = as_alice.post(url, old, headers=JSON)
    second = as_alice.post(url, old, headers=JSON)
    assert first.status_code == second.status_code == 200
    assert first.json()["version"] == second.json()["version"]


def test_what_has_gone_says_so(as_alice: Client, draft: Outgoing) -> None:
    posted = fields(draft)
    as_alice.post(f"/compose/{draft.pk}/discard/", headers=HX)
    assert not Outgoing.objects.exists()
    response = as_alice.post(f"/compose/{draft.pk}/save/", posted, headers=JSON)
    assert response.status_code == 410 and response.json()["gone"]


def test_closing_throws_away_only_what_is_empty(as_alice: Client, mailbox: MailAccount) -> None:
    as_alice.post("/compose/", headers=HX)
    draft = Outgoing.objects.get()
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, html="<p>Un mot</p>"), headers=JSON)
    as_alice.post(f"/compose/{draft.pk}/discard/", {"empty": "1"}, headers=HX)
    assert Outgoing.objects.exists()
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, html=""), headers=JSON)
    as_alice.post(f"/compose/{draft.pk}/discard/", {"empty": "1"}, headers=HX)
    assert not Outgoing.objects.exists()


PAGES = [
    ("get", ""),
    ("post", "save/"),
    ("post", "discard/"),
    ("get", "quote/"),
    ("post", "files/"),
    ("get", "files/1/"),
    ("post", "files/1/remove/"),
    ("post", "preview/"),
    ("get", "templates/"),
    ("post", "template/1/"),
    ("get", "signature/"),
    ("post", "send/"),
    ("post", "schedule/?date=2030-01-01&time=10:00&zone=UTC"),
    ("post", "undo/"),
]


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_somebody_elses_draft_does_not_exist(
    as_bob: Client, draft: Outgoing, method: str, path: str
) -> None:
    before = Outgoing.objects.values().get()
    response = getattr(as_bob, method)(f"/compose/{draft.pk}/{path}")
    assert response.status_code == 404
    assert b"Devis" not in response.content
    assert Outgoing.objects.values().get() == before


@pytest.mark.parametrize("path", [path for method, path in PAGES if method == "post"])
def test_only_a_post_changes_anything(as_alice: Client, draft: Outgoing, path: str) -> None:
    before = Outgoing.objects.values().get()
    as_alice.get(f"/compose/{draft.pk}/{path}")
    assert Outgoing.objects.values().get() == before


def test_what_was_written_is_cleaned_wherever_it_shows(as_alice: Client, draft: Outgoing) -> None:
    evil = (
        '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a>'
        '</template><svg onload=alert(4)><img src="https://spy.example/p.gif">'
    )
    posted = fields(draft, html=evil, subject='"><script>alert(5)</script>')
    posted["people"] = json.dumps({"to": [{"name": "<script>", "address": '"><svg onload=1>'}]})
    as_alice.post(f"/compose/{draft.pk}/save/", posted, headers=JSON)
    page = as_alice.get(f"/compose/{draft.pk}/").content.decode()
    body = page.partition("data-compose=")[2]
    for bad in ("onerror", "<script>alert", "javascript:", "<svg onload", "spy.example"):
        assert bad not in body, bad


def test_a_file_is_attached_listed_downloaded_and_taken_away(
    as_alice: Client, draft: Outgoing
) -> None:
    file = SimpleUploadedFile("../devis <b>.html", b"<script>alert(1)</script>", "text/html")
    told = as_alice.post(f"/compose/{draft.pk}/files/", {"file": file}, headers=JSON).json()
    [made] = told["files"]
    assert told["used"] == 25 and told["total"] == "25\xa0B of 10\xa0MB"
    assert "<b>" not in told["html"]
    got = as_alice.get(made["url"])
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got["Content-Security-Policy"]
    told = as_alice.post(f"{made['url']}remove/", headers=JSON).json()
    assert told["html"].strip() == "" and not draft.attachments.exists()


def test_more_than_the_limit_is_refused_with_figures_and_nothing_is_kept(
    as_alice: Client, draft: Outgoing, organisation: Organisation
) -> None:
    organisation.attachment_limit_mb = 1
    organisation.save()
    url = f"/compose/{draft.pk}/files/"
    exact = SimpleUploadedFile("a.bin", b"a" * 1_000_000)
    assert as_alice.post(url, {"file": exact}, headers=JSON).status_code == 200
    response = as_alice.post(url, {"file": SimpleUploadedFile("b.bin", b"b")}, headers=JSON)
    assert response.status_code == 422
    assert "1\xa0MB are allowed" in response.json()["errors"][0]
    assert draft.attachments.count() == 1


def test_an_image_of_the_text_goes_by_its_address_here_and_its_content_id_in_the_mail(
    as_alice: Client, draft: Outgoing
) -> None:
    url = f"/compose/{draft.pk}/files/"
    file = SimpleUploadedFile("plan.png", PNG, "image/png")
    told = as_alice.post(url, {"file": file, "inline": "1"}, headers=JSON).json()
    [image] = told["files"]
    assert image["inline"]
    assert as_alice.get(image["url"])["Content-Type"] == "image/png"
    html = f'<p>Voici <img src="{image["url"]}" alt="plan"></p>'
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, html=html), headers=JSON)
    draft.refresh_from_db()
    assert f"cid:{draft.attachments.get().content_id}" in draft.html
    assert f'src="{image["url"]}"' in as_alice.get(f"/compose/{draft.pk}/").content.decode()


def test_a_drawing_with_script_is_never_an_image_of_the_text(
    as_alice: Client, draft: Outgoing
) -> None:
    file = SimpleUploadedFile("x.svg", b"<svg onload=alert(1)>", "image/svg+xml")
    url = f"/compose/{draft.pk}/files/"
    [made] = as_alice.post(url, {"file": file, "inline": "1"}, headers=JSON).json()["files"]
    assert not made["inline"]
    assert as_alice.get(made["url"])["Content-Disposition"].startswith("attachment")


def test_suggestions_mark_what_was_typed_and_refuse_a_dead_address_in_words(
    as_alice: Client, eloise: Person, warehouse: Deal
) -> None:
    page = as_alice.get("/compose/suggest/?q=@garn&at=1").content.decode()
    assert "<b>Garn</b>ier" in page
    assert f'data-record="person:{eloise.pk}"' in page
    assert "€48,000" in page
    suppression.mark_invalid(builders.address("e.garnier@meunier.example").pk)
    page = as_alice.get("/compose/suggest/?q=garn").content.decode()
    assert "The e-mail address does not exist" in page
    assert 'aria-disabled="true"' in page
    assert 'data-address="eloise@home.example"' in page


def test_a_hostile_name_is_text_among_the_suggestions(as_alice: Client, alice: User) -> None:
    builders.person(alice, "x@y.example", last_name="<img src=x onerror=alert(1)>")
    page = as_alice.get("/compose/suggest/?q=src").content.decode()
    assert "<img" not in page and "&lt;img" in page


def test_the_preview_shows_each_recipient_her_own_mail_and_names_what_is_missing(
    as_alice: Client, draft: Outgoing, eloise: Person, thomas: Person, warehouse: Deal
) -> None:
    to = [
        {"name": p.name, "address": a, "record": f"person:{p.pk}"}
        for p, a in ((eloise, "e.garnier@meunier.example"), (thomas, "t.leclerc@logis.example"))
    ]
    posted = fields(
        draft,
        people=json.dumps({"to": to}),
        subject="Votre projet {Deal.name}",
        html="<p>Bonjour {Person.firstName},</p>",
    )
    told = as_alice.post(f"/compose/{draft.pk}/save/", posted, headers=JSON).json()
    assert told["separate"] == "2 separate mails"
    first = as_alice.get(f"/compose/{draft.pk}/preview/").content.decode()
    assert "Bonjour <mark>Éloïse</mark>" in first
    assert "<mark>Entrepôt de Saint-Priest</mark>" in first
    second = as_alice.post(f"/compose/{draft.pk}/preview/", {"n": "2"}).content.decode()
    assert "Bonjour <mark>Thomas</mark>" in second
    assert "Thomas Leclerc has no value for" in second and "1 empty field" in second


def test_a_template_brings_its_text_files_and_the_signature_once(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    signatures.save(alice, "", "<p>Alice</p>", on_replies=True)
    made = Template.objects.create(
        owner=alice, name="Relance", category="Devis", subject="Votre devis", html="<p>Relance</p>"
    )
    assert "Relance" in as_alice.get(f"/compose/{draft.pk}/templates/").content.decode()
    told = as_alice.post(f"/compose/{draft.pk}/template/{made.pk}/", headers=JSON).json()
    assert told["subject"] == "Votre devis"
    assert told["html"].startswith("<p>Relance</p>") and told["html"].count("data-marker") == 1
    private = Template.objects.create(owner=_other(), name="Secret", html="<p>Secret</p>")
    assert "Secret" not in as_alice.get(f"/compose/{draft.pk}/templates/").content.decode()
    url = f"/compose/{draft.pk}/template/{private.pk}/"
    assert as_alice.post(url, headers=JSON).status_code == 404


def _other() -> User:
    return builders.user("zoe@clarte.example")


def test_the_fields_come_in_the_readers_words(as_alice: Client) -> None:
    groups = as_alice.get("/compose/fields/").json()["groups"]
    codes = {field["code"] for group in groups for field in group["fields"]}
    assert {"Person.firstName", "Deal.name", "User.name"} <= codes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.example, b@x.example", ["a@x.example", "b@x.example"]),
        ("a@x.example; b@x.example;", ["a@x.example", "b@x.example"]),
        (
            "a@x.example\nb@x.example\r\n\r\nc@x.example",
            ["a@x.example", "b@x.example", "c@x.example"],
        ),
        ('"Dupont; Jean" <j@x.example>; k@x.example', ["j@x.example", "k@x.example"]),
        ("Dupont, Jean <j@x.example>", ["j@x.example"]),
        ("pas une adresse", ["pas une adresse"]),
        ("", []),
        (";;,,\n", []),
    ],
)
def test_pasted_lists_are_read_however_they_are_written(text: str, found: list[str]) -> None:
    assert [row["address"] for row in people.parse(text)] == found


def test_fifty_pasted_addresses_survive_being_written_out_and_read_again() -> None:
    text = "; ".join(f'"Nom {n}, Prénom" <p{n}@x.example>' for n in range(50))
    rows = people.parse(text)
    assert len(rows) == 50
    assert people.parse(people.written(rows)) == rows


@pytest.mark.parametrize("text", ["", "[]", "{", '{"to": 3}', '{"to": [3, null]}', "[" * 100_000])
def test_nonsense_for_people_is_nobody(text: str) -> None:
    found = people.from_json(text)
    assert found is None or not any(found.values())


def test_addresses_of_records_lead_to_the_composer_unless_another_program_is_preferred(
    as_alice: Client, alice: User, eloise: Person, warehouse: Deal
) -> None:
    person = f"person%3A{eloise.pk}"
    write = "/compose/?to=e.garnier%40meunier.example&amp;record="
    assert write + person in as_alice.get(eloise.get_absolute_url()).content.decode()
    assert eloise.company
    assert write + person in as_alice.get(eloise.company.get_absolute_url()).content.decode()
    deal = as_alice.get(warehouse.get_absolute_url()).content.decode()
    assert f"{write}deal%3A{warehouse.pk}" in deal
    assert 'data-mailto="/compose/"' in deal
    alice.external_mail_client = True
    alice.save()
    page = as_alice.get(eloise.get_absolute_url()).content.decode()
    assert 'href="mailto:e.garnier@meunier.example"' in page and "data-mailto" not in page
    alice.may_send = False
    alice.save()
    page = as_alice.get(eloise.get_absolute_url()).content.decode()
    assert "/compose/" not in page and "mailto:" not in page


def test_writing_from_a_deal_is_about_that_deal(
    as_alice: Client, mailbox: MailAccount, eloise: Person, warehouse: Deal
) -> None:
    asked = {"to": "e.garnier@meunier.example", "record": f"deal:{warehouse.pk}"}
    as_alice.post("/compose/", asked, headers=HX)
    [row] = Outgoing.objects.get().people["to"]
    assert row["name"] == "Éloïse Garnier" and row["record"] == f"deal:{warehouse.pk}"


def test_opening_and_saving_ask_a_bounded_number_of_questions(
    as_alice: Client, draft: Outgoing, django_assert_max_num_queries: Any
) -> None:
    many = [{"name": f"N {n}", "address": f"p{n}@x.example", "record": ""} for n in range(60)]
    people = json.dumps({"to": many, "cc": [], "bcc": []})
    as_alice.post(f"/compose/{draft.pk}/save/", fields(draft, people=people), headers=JSON)
    as_alice.get(f"/compose/{draft.pk}/?as=dialog", headers=HX)
    with django_assert_max_num_queries(14):
        as_alice.get(f"/compose/{draft.pk}/?as=dialog", headers=HX)
    posted = fields(draft, html="<p>Encore</p>", people=people)
    with django_assert_max_num_queries(21):
        as_alice.post(f"/compose/{draft.pk}/save/", posted, headers=JSON)
    posted = fields(draft, html="<p>Encore</p>", people=people)
    with django_assert_max_num_queries(50):
        as_alice.post(f"/compose/{draft.pk}/send/", posted | {"subject": ""}, headers=HX)
