"""The pages of templates."""

import base64
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from relance.crm.models import Deal, Person
from relance.inbox import resolving
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.writing import signatures, templates
from relance.writing.models import Template
from relance.writing.templates import Content
from tests.writing.pictures import picture

pytestmark = pytest.mark.django_db
LIST = "/templates/"
PICTURE = picture((4, 4), "PNG")
DATA = "data:image/png;base64," + base64.b64encode(PICTURE).decode()


def make(owner: User, **fields: Any) -> Template:
    fields = {"name": "Quote", "html": "<p>Dear {Person.firstName},</p>", **fields}
    return templates.save(owner, Content(**fields)).template


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Quote",
        "category": "Sales",
        "language": "",
        "subject": "For {Deal.name}",
        "sharing": "private",
        "is_active": "on",
        "html": "<p>Dear {Person.firstName},</p>",
        **fields,
    }


def url(template: Template, act: str = "edit") -> str:
    return reverse(f"templates:{act}", args=[template.pk])


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_the_first_page_proposes_a_first_template(as_alice: Client) -> None:
    assert "No template yet" in page(as_alice, LIST)


def test_the_list_shows_those_one_sees_by_category(as_bob: Client, alice: User, bob: User) -> None:
    make(bob, name="Mine", category="Sales")
    make(alice, name="Shared", category="Support", sharing="read")
    make(alice, name="Hidden")
    text = page(as_bob, LIST)
    assert text.index("Sales") < text.index("Mine") < text.index("Support") < text.index("Shared")
    assert "Hidden" not in text


def test_the_list_is_searched_without_regard_to_accents(as_bob: Client, bob: User) -> None:
    make(bob, name="Été")
    make(bob, name="Winter")
    answer = as_bob.get(LIST, {"q": "ete"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "Été" in text
    assert "Winter" not in text
    assert "<html" not in text
    assert "No template matches" in page(as_bob, f"{LIST}?q=zzz")


def test_a_template_is_made_with_its_files(as_bob: Client, bob: User) -> None:
    file = io.BytesIO(b"%PDF")
    file.name = "warranty.pdf"
    answer = as_bob.post("/templates/new/", form(file=file))
    template = Template.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == url(template)
    assert (template.owner, template.category) == (bob, "Sales")
    assert template.attachments.get().filename == "warranty.pdf"
    assert "Template saved" in page(as_bob, url(template))


def test_a_placeholder_that_does_not_exist_is_refused_and_nothing_is_lost(as_bob: Client) -> None:
    answer = as_bob.post("/templates/new/", form(html="<p>{Person.frstName} typed</p>"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "No field is called {Person.frstName}" in text
    assert "{Person.frstName} typed" in text
    assert not Template.objects.exists()
    answer = as_bob.post("/templates/new/", form(subject="{Nobody.name}"))
    assert answer.status_code == 422
    assert "No field is called {Nobody.name}" in answer.content.decode()
    answer = as_bob.post("/templates/new/", form(html="<p>{Person.<b>name</b>}</p>"))
    assert "Formatting runs through {Person.name}" in answer.content.decode()


def test_too_long_a_text_is_refused_and_comes_back(as_bob: Client) -> None:
    answer = as_bob.post("/templates/new/", form(html="<p>" + "long " * 110_000))
    assert answer.status_code == 422
    assert "too long for a mail" in answer.content.decode()
    assert "long long" in answer.content.decode()


def test_a_name_is_needed(as_bob: Client) -> None:
    assert as_bob.post("/templates/new/", form(name=" ")).status_code == 422


def test_without_the_script_an_untouched_text_keeps_its_looks(as_bob: Client, bob: User) -> None:
    template = make(bob, html="<p>Dear <b>you</b>,</p>")
    plain = form(text="Dear you,")
    del plain["html"]
    as_bob.post(url(template), plain)
    template.refresh_from_db()
    assert template.html == "<p>Dear <b>you</b>,</p>"
    as_bob.post(url(template), {**plain, "text": "Dear <you>\r\n\r\nBye {Person.name}"})
    template.refresh_from_db()
    assert "<b>" not in template.html
    assert "&lt;you&gt;" in template.html
    assert "{Person.name}" in template.html


def test_a_private_template_is_as_if_it_were_not_there(as_bob: Client, alice: User) -> None:
    template = make(alice)
    templates.attach(template, name="a.pdf", data=b"x")
    attachment = template.attachments.get()
    assert as_bob.get(url(template)).status_code == 404
    assert "Quote" not in as_bob.get(url(template)).content.decode()
    assert as_bob.post(url(template), form()).status_code == 404
    assert as_bob.post(url(template, "copy")).status_code == 404
    assert as_bob.post(url(template, "delete")).status_code == 404
    assert as_bob.get(f"{url(template)}files/{attachment.pk}/").status_code == 404
    assert as_bob.post("/templates/preview/", {"template": template.pk}).status_code == 404
    assert Template.objects.get().name == "Quote"


def test_one_shared_to_be_used_is_opened_and_not_changed(as_bob: Client, alice: User) -> None:
    template = make(alice, sharing="read")
    text = page(as_bob, url(template))
    assert "Only Alice Martin may change it." in text
    assert 'fieldset class="bare" disabled' in text
    assert as_bob.post(url(template), form(name="Bob’s")).status_code == 403
    assert as_bob.post(url(template, "delete")).status_code == 404
    template.refresh_from_db()
    assert template.name == "Quote"


def test_one_shared_to_be_edited_is_changed_and_stays_its_owners(
    as_bob: Client, alice: User
) -> None:
    template = make(alice, sharing="write")
    assert as_bob.post(url(template), form(name="Better", sharing="private")).status_code == 302
    template.refresh_from_db()
    assert (template.name, template.sharing, template.owner) == ("Better", "write", alice)


def test_a_change_made_meanwhile_is_not_overwritten(as_bob: Client, bob: User) -> None:
    template = make(bob)
    version = templates.version_of(template)
    as_bob.post(url(template), form(name="First", version=version))
    answer = as_bob.post(url(template), form(name="Second", version=version))
    assert answer.status_code == 422
    assert "Somebody saved this template meanwhile" in answer.content.decode()


def test_a_copy_is_ones_own(as_bob: Client, alice: User, bob: User) -> None:
    template = make(alice, sharing="read")
    answer = as_bob.post(url(template, "copy"))
    copied = Template.objects.get(owner=bob)
    assert answer["Location"] == url(copied)
    assert copied.name == "Quote (copy)"


def test_deleting_asks_first(as_bob: Client, bob: User) -> None:
    template = make(bob)
    dialog = as_bob.get(url(template, "delete"), headers={"HX-Request": "true"})
    assert "<dialog" in dialog.content.decode()
    assert Template.objects.exists()
    assert "Delete Quote" in page(as_bob, url(template, "delete"))
    assert as_bob.post(url(template, "delete"))["Location"] == LIST
    assert not Template.objects.exists()


def test_a_file_is_taken_away_with_the_changes_kept(as_bob: Client, bob: User) -> None:
    template = make(bob)
    kept = templates.attach(template, name="a.pdf", data=b"x")
    as_bob.post(url(template), form(name="Changed", remove=str(kept.pk)))
    template.refresh_from_db()
    assert template.name == "Changed"
    assert not template.attachments.exists()


def test_too_large_a_file_is_said(as_bob: Client, bob: User, organisation: Any) -> None:
    organisation.attachment_limit_mb = 1
    organisation.save()
    file = io.BytesIO(b"x" * 1_100_000)
    file.name = "big.bin"
    as_bob.post("/templates/new/", form(file=file))
    template = Template.objects.get()
    assert not template.attachments.exists()
    assert "One mail holds 1" in page(as_bob, url(template))


def test_a_picture_goes_round_from_the_page_and_back(as_bob: Client, bob: User) -> None:
    as_bob.post("/templates/new/", form(html=f'<p>Hi <img src="{DATA}"></p>'))
    template = Template.objects.get()
    row = template.attachments.get()
    shown = reverse("templates:file", args=[template.pk, row.pk])
    assert f"src=&quot;{shown}&quot;" in page(as_bob, url(template))
    answer = as_bob.get(shown)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer
    again = form(html=f'<p>Hi again <img src="http://testserver{shown}"></p>')
    as_bob.post(url(template), again)
    template.refresh_from_db()
    assert f'src="cid:{row.content_id}"' in template.html
    assert template.attachments.get() == row


def test_a_file_is_only_ever_saved(as_bob: Client, bob: User) -> None:
    template = make(bob)
    row = templates.attach(template, name="x.html", data=b"<script>alert(1)</script>")
    answer = as_bob.get(reverse("templates:file", args=[template.pk, row.pk]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_preview_shows_the_text_for_one_person(
    as_bob: Client, eloise: Person, warehouse: Deal
) -> None:
    data = form(html="<p>Dear {Person.firstName}, {Deal.amount} {Person.phone}</p>")
    text = as_bob.post("/templates/preview/", data).content.decode()
    assert "<mark>Éloïse</mark>" in text
    assert "<mark>€48,000</mark>" in text
    assert "For <mark>Entrepôt de Saint-Priest</mark>" in text
    assert '<span class="var var--miss">' in text
    assert "1 empty field" in text
    assert 'name="fallback:Person.phone"' in text


def test_a_fallback_given_beside_the_field_is_saved(as_bob: Client, bob: User) -> None:
    template = make(bob, html="<p>{Person.phone}</p>")
    data = form(html=template.html, **{"fallback:Person.phone": "no phone"})
    as_bob.post(url(template), data)
    template.refresh_from_db()
    assert template.html == "<p>{Person.phone|no phone}</p>"


def test_the_preview_goes_from_person_to_person_and_finds_one(
    as_bob: Client, eloise: Person, thomas: Person
) -> None:
    text = as_bob.post("/templates/preview/", form(person="leclerc")).content.decode()
    assert "Thomas" in text
    assert "Éloïse" not in text
    first = as_bob.post("/templates/preview/", form(n="1")).content.decode()
    second = as_bob.post("/templates/preview/", form(n="2")).content.decode()
    assert "1 of 2" in first
    assert "2 of 2" in second
    assert as_bob.post("/templates/preview/", form(n="99x")).status_code == 200
    none = as_bob.post("/templates/preview/", form(person="nobody")).content.decode()
    assert "Nobody you can see is called so." in none


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</template><script>alert(1)</script>",
        "</textarea><script>alert(1)</script>",
        '<p style="background:url(javascript:alert(1))">x</p>',
        '"><svg onload=alert(1)>',
    ],
)
def test_nothing_hostile_comes_back_on_any_page(
    as_bob: Client, eloise: Person, hostile: str
) -> None:
    eloise.first_name = hostile
    eloise.save()
    data = form(name=hostile, category=hostile[:80], html=f"<p>{{Person.firstName}}</p>{hostile}")
    texts = [as_bob.post("/templates/preview/", data).content.decode()]
    texts.append(as_bob.post("/templates/new/", {**data, "subject": "{No.no}"}).content.decode())
    as_bob.post("/templates/new/", data)
    template = Template.objects.get()
    texts += [
        page(as_bob, url(template)),
        page(as_bob, LIST),
        page(as_bob, url(template, "delete")),
    ]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<svg onload" not in text
        assert ' style="' not in text


def test_the_preview_loads_nothing_and_carries_styles_apart(as_bob: Client, eloise: Person) -> None:
    html = '<p style="color:red">x <img src="https://track.example/p.gif"></p>'
    text = as_bob.post("/templates/preview/", form(html=html)).content.decode()
    assert "track.example" not in text
    assert 'data-style="color:red"' in text


def test_the_signature_stands_where_the_text_says(
    as_bob: Client, bob: User, eloise: Person
) -> None:
    signatures.save(bob, "", "<p>{User.name}</p>", on_replies=True)
    text = as_bob.post("/templates/preview/", form(html="{User.signature}")).content.decode()
    assert "<p>Bob Durand</p>" in text


def test_the_fields_are_listed_for_the_script(as_bob: Client) -> None:
    groups = json.loads(as_bob.get("/templates/fields/").content)["groups"]
    codes = [field["code"] for group in groups for field in group["fields"]]
    assert "{Person.firstName}" in codes
    assert "{User.signature}" in codes
    narrowed = json.loads(as_bob.get("/templates/fields/?of=signature").content)["groups"]
    codes = [field["code"] for group in narrowed for field in group["fields"]]
    assert codes
    assert {code.split(".")[0] for code in codes} == {"{User", "{Organisation"}
    assert "{User.signature}" not in codes


def test_nobody_sees_templates_without_logging_in() -> None:
    for address in (LIST, "/templates/new/", "/templates/fields/", "/templates/1/"):
        assert Client().get(address).status_code == 302


def test_it_is_tried_out_as_a_draft_to_oneself(
    as_alice: Client, alice: User, make_account: Any, warehouse: Deal
) -> None:
    make_account(alice)
    signatures.save(alice, "", "<p>Alice</p>", on_replies=True)
    template = make(
        alice,
        subject="For {Deal.name}",
        html="<p>{Person.firstName} {Person.phone} {Person.city|here}</p>{User.signature}",
    )
    templates.attach(template, name="a.pdf", data=b"x")
    answer = as_alice.post(url(template, "try"), {"n": "1", "shown_for": "garnier"})
    draft = Outgoing.objects.get()
    assert answer["Location"] == f"/compose/{draft.pk}/"
    assert [row["address"] for row in draft.people["to"]] == ["alice@clarte.example"]
    assert draft.subject == "For Entrepôt de Saint-Priest"
    assert "<p>Éloïse [Contact: phone] here</p>" in draft.html
    assert draft.html.count("data-marker") == 1
    assert draft.state == Outgoing.State.DRAFT
    assert draft.attachments.get().filename == "a.pdf"
    template.refresh_from_db()
    assert template.use_count == 0


def test_nobody_tries_what_she_does_not_see_or_without_a_mailbox(
    as_bob: Client, alice: User, bob: User
) -> None:
    assert as_bob.post(url(make(alice), "try")).status_code == 404
    mine = make(bob)
    assert as_bob.post(url(mine, "try"))["Location"] == url(mine)
    assert "Connect a mailbox first" in page(as_bob, url(mine))
    assert not Outgoing.objects.exists()


def test_a_mail_written_with_it_says_values_in_its_language(
    as_alice: Client, alice: User, make_account: Any, warehouse: Deal
) -> None:
    make_account(alice)
    template = make(alice, html="<p>{Deal.closeDate}, {Deal.amount}</p>", language="fr")
    headers = {"HX-Request": "true", "Accept": "application/json"}
    as_alice.post("/compose/", {"to": "e.garnier@meunier.example"}, headers=headers)
    draft = Outgoing.objects.get()
    told = as_alice.post(f"/compose/{draft.pk}/template/{template.pk}/", headers=headers).json()
    as_alice.post(
        f"/compose/{draft.pk}/save/",
        {
            "version": Outgoing.objects.get().version,
            "people": json.dumps(draft.people),
            "subject": "x",
            "html": told["html"],
            "sender": f"account:{draft.account_id}",
        },
        headers=headers,
    )
    mail = resolving.mails(alice, Outgoing.objects.get())[0]
    assert "27 mars 2027, 48\u202f000\u00a0€" in mail.html
    assert mail.missing == ()
