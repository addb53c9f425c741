"""Personal data on a page, as files, and erased."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.test import Client

from relance.crm import notes
from relance.crm.models import Note, Person, RecordFile
from relance.files import blobs
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def url(person: Person) -> str:
    return f"/personal-data/{person.pk}/"


def test_the_page_tells_everything(as_alice: Client, alice: User, eloise: Person) -> None:
    notes.create(alice, Note(person=eloise, text="Likes green"))
    builders.receive(builders.account(alice), sender="eloise@home.example", subject="Devis 42")
    page = as_alice.get(url(eloise)).content.decode()
    for words in ("Garnier", "eloise@home.example", "Likes green", "Devis 42"):
        assert words in page


def test_it_is_exported(as_alice: Client, alice: User, eloise: Person) -> None:
    for name in ("plan.pdf", "plan.pdf", "../../etc/passwd"):
        RecordFile.objects.create(person=eloise, blob=blobs.put(name.encode()), name=name)
    answer = as_alice.get(f"{url(eloise)}data.json")
    assert json.loads(answer.content)["records"][0]["last_name"] == "Garnier"
    assert answer["Content-Disposition"].startswith("attachment")

    streamed = as_alice.get(f"{url(eloise)}data.zip")
    data = b"".join(streamed.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert names[0] == "data.json"
    assert {"files/plan.pdf", "files/plan (2).pdf"} <= set(names)
    assert not any(".." in name.split("/") for name in names)


def test_an_administrator_erases_it_once_she_is_sure(as_alice: Client, eloise: Person) -> None:
    assert "Erase for good" in as_alice.get(f"{url(eloise)}erase/", headers=HX).content.decode()
    page = as_alice.post(f"{url(eloise)}erase/", {"notes": "1"}).content.decode()
    assert "Tick the last box" in page
    eloise.refresh_from_db()
    assert eloise.erased_at is None

    answer = as_alice.post(f"{url(eloise)}erase/", {"notes": "1", "sure": "1"})

    assert answer["Location"] == "/people/?kind=contact"
    assert as_alice.get(url(eloise)).status_code == 404
    log = as_alice.get("/personal-data/").content.decode()
    assert "2 addresses" in log
    assert "Garnier" not in log


def test_others_show_and_export_and_do_not_erase(as_bob: Client, eloise: Person) -> None:
    page = as_bob.get(url(eloise)).content.decode()
    assert "erase/" not in page
    assert as_bob.post(f"{url(eloise)}erase/", {"sure": "1"}).status_code == 403
    assert as_bob.get("/personal-data/").status_code == 403
