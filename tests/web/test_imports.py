"""The pages of an import: file, matching and dry run, progress, report."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from pytest_django import DjangoAssertNumQueries

from relance.crm import importing
from relance.crm.models import ImportRun, Person
from relance.users.models import User
from tests.web.conftest import LogIn

FILE = "Nom;Prénom;E-mail\nLeclerc;Thomas;t@x.example\nRoche;Marie;m@@x.example\n"


def uploaded(client: Client, text: str | bytes = FILE, module: str = "contacts") -> Any:
    data = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("salon-lyon.csv", data)
    return client.post("/imports/", {"module": module, "file": file})


def run_of(client: Client, text: str | bytes = FILE) -> ImportRun:
    assert uploaded(client, text).status_code == 302
    run = ImportRun.objects.latest("pk")
    return run


def form_of(run: ImportRun, **more: str) -> dict[str, str]:
    columns = {f"column-{n}": name for n, name in enumerate(run.mapping["columns"])}
    return {**columns, "on_match": "fill", "match": "address", **more}


def test_a_file_is_tried_as_soon_as_it_is_chosen(as_alice: Client) -> None:
    run = run_of(as_alice)
    html = as_alice.get(f"/imports/{run.pk}/").content.decode()
    for words in ("Import contacts", "salon-lyon.csv", "Import 1 row", "UTF-8", "m@@x.example"):
        assert words in html
    assert "Proposed: m@x.example" in html
    assert not Person.objects.exists()


def test_a_column_is_matched_otherwise_and_tried_again(as_alice: Client) -> None:
    run = run_of(as_alice)
    form = form_of(run, **{"column-1": "title", "mend": "1"})
    response = as_alice.post(f"/imports/{run.pk}/check/", form, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "Import 2 rows" in html
    assert html.lstrip().startswith('<div id="import"')
    run.refresh_from_db()
    assert run.mapping["columns"] == ["last_name", "title", "email"]


def test_a_field_chosen_for_two_columns_is_pointed_out(as_alice: Client) -> None:
    run = run_of(as_alice)
    as_alice.post(f"/imports/{run.pk}/check/", form_of(run, **{"column-1": "last_name"}))
    html = as_alice.get(f"/imports/{run.pk}/").content.decode()
    assert html.count("chosen twice") == 2


def test_it_begins_with_the_button_and_ends_in_a_report(as_alice: Client, alice: User) -> None:
    run = run_of(as_alice)
    response = as_alice.post(f"/imports/{run.pk}/start/", form_of(run))
    assert response.status_code == 302
    run.refresh_from_db()
    assert run.state == ImportRun.State.WAITING
    assert "under way" in as_alice.get(f"/imports/{run.pk}/").content.decode()
    importing.work(run.pk)
    html = as_alice.get(f"/imports/{run.pk}/progress/").content.decode()
    assert "every 1s" not in html
    for words in ("Refused rows", "m@@x.example", "Undo the import", "See the list"):
        assert words in html
    assert Person.objects.get().owner == alice


def test_it_does_not_begin_in_a_way_that_was_not_tried(as_alice: Client) -> None:
    run = run_of(as_alice)
    as_alice.post(f"/imports/{run.pk}/start/", form_of(run, **{"column-0": ""}))
    run.refresh_from_db()
    assert run.state == ImportRun.State.DRAFT
    assert importing.is_checked(run)  # the page shows what that would do


def test_the_refused_rows_come_back_as_a_file(as_alice: Client) -> None:
    run = run_of(as_alice)
    as_alice.post(f"/imports/{run.pk}/start/", form_of(run))
    importing.work(run.pk)
    response = as_alice.get(f"/imports/{run.pk}/refused.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == ["Nom;Prénom;E-mail;Problem", "Roche;Marie;m@@x.example;Two “@”"]
    assert "attachment" in response["Content-Disposition"]


def test_the_whole_import_is_undone_by_its_button(as_alice: Client) -> None:
    run = run_of(as_alice)
    as_alice.post(f"/imports/{run.pk}/start/", form_of(run))
    importing.work(run.pk)
    as_alice.post(f"/imports/{run.pk}/undo/")
    assert "being undone" in as_alice.get(f"/imports/{run.pk}/").content.decode()
    importing.work(run.pk)
    assert "The import was undone." in as_alice.get(f"/imports/{run.pk}/").content.decode()
    assert not Person.objects.filter(deleted_at=None).exists()


def test_a_draft_is_thrown_away(as_alice: Client) -> None:
    run = run_of(as_alice)
    assert as_alice.post(f"/imports/{run.pk}/cancel/").status_code == 302
    assert not ImportRun.objects.exists()


def test_nobody_sees_or_touches_the_import_of_another(as_alice: Client, as_bob: Client) -> None:
    run = run_of(as_alice)
    for path in ("", "progress/", "refused.csv"):
        assert as_bob.get(f"/imports/{run.pk}/{path}").status_code == 404
    for path in ("check/", "start/", "cancel/", "undo/"):
        assert as_bob.post(f"/imports/{run.pk}/{path}").status_code == 404
    assert "salon-lyon" not in as_bob.get("/imports/?module=contacts").content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Choose a file"),
        (b"\n\n", "no rows"),
        (b"Nom;E-mail\n", "no rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "old format"),
        (b"PK\x03\x04 not a zip", "cannot be opened"),
        (b"\x00\x01\x02\x00binary", "neither a CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(as_alice: Client, data: bytes, words: str) -> None:
    response = uploaded(as_alice, data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ImportRun.objects.exists()


def test_a_workbook_is_read(as_alice: Client) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Nom", "E-mail"])
    sheet.append(["Leclerc", "t@x.example"])
    stream = io.BytesIO()
    book.save(stream)
    run = run_of(as_alice, stream.getvalue())
    html = as_alice.get(f"/imports/{run.pk}/").content.decode()
    assert "workbook, first sheet" in html
    assert "Import 1 row" in html


def test_a_large_file_is_tried_in_the_background(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_SMALL", 10)
    run = run_of(as_alice)
    assert run.state == ImportRun.State.CHECKING
    assert "is being tried" in as_alice.get(f"/imports/{run.pk}/").content.decode()
    importing.work(run.pk)
    assert "Import 1 row" in as_alice.get(f"/imports/{run.pk}/progress/").content.decode()


@pytest.mark.parametrize("module", ["leads", "contacts", "accounts", "deals"])
def test_every_example_can_be_imported(as_alice: Client, module: str) -> None:
    example = as_alice.get(f"/imports/example/{module}.csv").content
    assert uploaded(as_alice, example, module).status_code == 302
    run = ImportRun.objects.get()
    assert "" not in run.mapping["columns"]
    assert (run.options["dry"]["create"], run.options["dry"]["refused"]) == (1, 0)


def test_a_module_there_is_not_is_not_found(as_alice: Client) -> None:
    assert as_alice.get("/imports/?module=nonsense").status_code == 404
    assert as_alice.get("/imports/example/nonsense.csv").status_code == 404


def test_each_list_leads_to_its_import(as_alice: Client) -> None:
    assert "/imports/?module=leads" in as_alice.get("/people/?kind=lead").content.decode()


def test_the_pages_ask_little(
    as_alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = run_of(as_alice)
    with django_assert_max_num_queries(16):
        as_alice.get(f"/imports/{run.pk}/")


def test_strangers_are_sent_to_the_door(client: Client, logged_in: LogIn, db: None) -> None:
    assert client.get("/imports/").status_code == 302
