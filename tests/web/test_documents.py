"""The library's pages: what is shown, changed, refused, and to whom it does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from relance.files import filing
from relance.files.library import Library
from relance.files.models import Document, DocumentFolder
from relance.mail import sources
from relance.mail.models import Outgoing, OutgoingAttachment, RawMessage
from relance.users.models import Organisation, User
from tests.inbox import builders

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def prices(alice: User) -> DocumentFolder:
    """A folder everybody reads."""
    return filing.create_folder(Library(alice), "Prices", access="read")


@pytest.fixture
def catalogue(alice: User, prices: DocumentFolder) -> Document:
    return filing.add(Library(alice), b"%PDF-1.7", "catalogue.pdf", folder=prices)


@pytest.fixture
def secret(alice: User) -> Document:
    return filing.add(Library(alice), b"x", "secret.pdf")


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def file(name: str = "a.pdf", data: bytes = b"hello") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


class TestSeeing:
    def test_one_sees_what_is_shared_and_ones_own(
        self, as_alice: Client, as_bob: Client, catalogue: Document, secret: Document
    ) -> None:
        assert "secret.pdf" in text(as_alice.get("/documents/"))
        shown = text(as_bob.get("/documents/"))
        assert "catalogue.pdf" in shown
        assert "secret.pdf" not in shown

    def test_it_is_searched_by_name(self, as_alice: Client, catalogue: Document) -> None:
        filing.add(Library(catalogue.owner), b"y", "Réglette.pdf")
        shown = text(as_alice.get("/documents/?q=reglette", **FRAGMENT))
        assert "Réglette.pdf" in shown
        assert "catalogue.pdf" not in shown
        assert "Nothing found" in text(as_alice.get("/documents/?q=zzz"))

    @pytest.mark.parametrize("query", ["folder=99", "folder=x", "folder=99999999999999999999"])
    def test_a_folder_that_is_not_there_is_not_found(self, as_bob: Client, query: str) -> None:
        assert as_bob.get(f"/documents/?{query}").status_code == 404

    def test_who_is_not_logged_in_is_sent_to_the_door(self, client: Client) -> None:
        assert client.get("/documents/").status_code == 302

    def test_the_page_costs_as_many_queries_however_long(
        self,
        as_alice: Client,
        alice: User,
        prices: DocumentFolder,
        django_assert_max_num_queries: Any,
    ) -> None:
        for n in range(30):
            filing.add(Library(alice), bytes([n]), f"{n}.pdf", folder=prices)
        with django_assert_max_num_queries(16):
            as_alice.get("/documents/")

    def test_how_often_it_was_sent_is_counted(
        self, as_alice: Client, alice: User, catalogue: Document
    ) -> None:
        account = builders.account(alice)
        for state in ("sent", "draft"):
            mail = Outgoing.objects.create(
                account=account, author=alice, message_id=f"{state}@x", state=state
            )
            OutgoingAttachment.objects.create(
                outgoing=mail, blob=catalogue.blob, filename="c.pdf", document=catalogue
            )
        assert "1 message<" in text(as_alice.get("/documents/"))


class TestDownloading:
    def test_it_is_saved_never_shown(self, as_bob: Client, catalogue: Document) -> None:
        response = as_bob.get(f"/documents/{catalogue.pk}/")
        assert response.content == b"%PDF-1.7"
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith('attachment; filename="catalogue.pdf"')
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]

    def test_a_former_version_too(self, as_bob: Client, alice: User, catalogue: Document) -> None:
        filing.replace(Library(alice), catalogue, b"two", "catalogue.pdf")
        assert "Version 1" in text(as_bob.get(f"/documents/{catalogue.pk}/versions/", **FRAGMENT))
        assert as_bob.get(f"/documents/{catalogue.pk}/versions/1/").content == b"%PDF-1.7"
        assert as_bob.get(f"/documents/{catalogue.pk}/versions/2/").status_code == 404

    @pytest.mark.parametrize(
        "path", ["", "edit/", "replace/", "delete/", "versions/", "versions/1/"]
    )
    def test_others_private_documents_do_not_exist(
        self, as_bob: Client, secret: Document, path: str
    ) -> None:
        assert as_bob.get(f"/documents/{secret.pk}/{path}").status_code == 404
        if path in {"edit/", "replace/", "delete/"}:
            assert as_bob.post(f"/documents/{secret.pk}/{path}").status_code == 404


class TestUploading:
    def test_several_at_once(self, as_alice: Client, prices: DocumentFolder) -> None:
        response = as_alice.post(
            "/documents/upload/",
            {"folder": prices.pk, "file": [file("a.pdf"), file("b.pdf", b"2")]},
        )
        assert response.status_code == 302
        assert response["Location"] == f"/documents/?folder={prices.pk}"
        assert set(prices.documents.values_list("name", flat=True)) == {"a.pdf", "b.pdf"}

    def test_what_does_not_fit_says_why_and_the_rest_is_kept(
        self, as_alice: Client, organisation: Organisation
    ) -> None:
        organisation.storage_quota_mb = 1
        organisation.save()
        big = file("big.bin", b"x" * 1_000_001)
        response = as_alice.post(
            "/documents/upload/", {"file": [file("a.pdf"), big, file("empty.pdf", b"")]}
        )
        assert response.status_code == 422
        shown = text(response)
        assert "big.bin: The storage is full" in shown
        assert "of 1 MB are used" in shown
        assert "empty.pdf: The file is empty" in shown
        assert Document.objects.get().name == "a.pdf"

    def test_a_full_store_never_stops_mail(
        self, as_alice: Client, organisation: Organisation
    ) -> None:
        organisation.storage_quota_mb = 1
        organisation.save()
        as_alice.post("/documents/upload/", {"file": [file("full.bin", b"x" * 1_000_000)]})
        raw = b"Subject: a large one\r\n\r\n" + b"m" * 3_000_000
        sources.keep([(sources.digest(raw), raw, None)])
        assert RawMessage.objects.get().size == len(raw)
        assert "The storage is full" in text(as_alice.get("/documents/"))

    def test_into_a_folder_one_only_reads_nothing_goes(
        self, as_bob: Client, prices: DocumentFolder
    ) -> None:
        assert "data-upload" not in text(as_bob.get(f"/documents/?folder={prices.pk}"))
        response = as_bob.post("/documents/upload/", {"folder": prices.pk, "file": file()})
        assert response.status_code == 422
        assert not Document.objects.exists()

    def test_into_a_folder_one_does_not_see_it_is_not_found(
        self, as_bob: Client, alice: User
    ) -> None:
        private = filing.create_folder(Library(alice), "Private")
        response = as_bob.post("/documents/upload/", {"folder": private.pk, "file": file()})
        assert response.status_code == 404

    def test_a_name_is_only_ever_text(self, as_alice: Client) -> None:
        as_alice.post("/documents/upload/", {"file": file("<img src=x onerror=alert(1)>.pdf")})
        assert "<img src=x" not in text(as_alice.get("/documents/"))

    def test_nothing_chosen_says_so(self, as_alice: Client) -> None:
        assert "Choose at least one file" in text(as_alice.post("/documents/upload/"))


class TestChanging:
    def test_it_is_renamed_and_moved(
        self, as_alice: Client, alice: User, catalogue: Document
    ) -> None:
        other = filing.create_folder(Library(alice), "Other")
        path = f"/documents/{catalogue.pk}/edit/"
        assert "catalogue.pdf" in text(as_alice.get(path, **FRAGMENT))
        response = as_alice.post(path, {"name": "tarifs", "folder": other.pk}, **FRAGMENT)
        assert response.status_code == 204
        assert response["HX-Redirect"] == f"/documents/?folder={other.pk}"
        catalogue.refresh_from_db()
        assert (catalogue.name, catalogue.folder_id) == ("tarifs.pdf", other.pk)

    def test_who_only_reads_is_refused(self, as_bob: Client, catalogue: Document) -> None:
        path = f"/documents/{catalogue.pk}/"
        values = {"name": "mine", "folder": catalogue.folder_id}
        assert "You may read here" in text(as_bob.post(f"{path}edit/", values))
        assert "You may read here" in text(as_bob.post(f"{path}delete/"))
        assert "You may read here" in text(as_bob.post(f"{path}replace/", {"file": file()}))
        catalogue.refresh_from_db()
        assert (catalogue.name, catalogue.version) == ("catalogue.pdf", 1)

    def test_a_new_version_takes_its_place(self, as_alice: Client, catalogue: Document) -> None:
        path = f"/documents/{catalogue.pk}/replace/"
        assert as_alice.post(path, {"file": file(data=b"new")}).status_code == 302
        catalogue.refresh_from_db()
        assert catalogue.version == 2

    def test_it_is_deleted_once_asked(self, as_alice: Client, catalogue: Document) -> None:
        path = f"/documents/{catalogue.pk}/delete/"
        assert "for good" in text(as_alice.get(path))
        assert Document.objects.exists()
        assert as_alice.post(path).status_code == 302
        assert not Document.objects.exists()

    def test_a_mail_keeps_the_file_of_a_deleted_document(
        self, as_alice: Client, alice: User, catalogue: Document
    ) -> None:
        account = builders.account(alice)
        mail = Outgoing.objects.create(account=account, author=alice, message_id="m@x")
        kept = OutgoingAttachment.objects.create(
            outgoing=mail, blob=catalogue.blob, filename="c.pdf", document=catalogue
        )
        as_alice.post(f"/documents/{catalogue.pk}/delete/")
        kept.refresh_from_db()
        assert (kept.document_id, kept.blob_id) == (None, catalogue.blob_id)


class TestFolders:
    def test_one_is_made_inside_another(self, as_alice: Client, prices: DocumentFolder) -> None:
        path = "/documents/folders/new/"
        assert "Prices" in text(as_alice.get(f"{path}?in={prices.pk}", **FRAGMENT))
        values = {"name": "2027", "parent": prices.pk, "access": "private"}
        as_alice.post(path, values)
        assert DocumentFolder.objects.get(name="2027").parent == prices

    def test_one_wider_than_the_one_above_is_refused(
        self, as_alice: Client, prices: DocumentFolder
    ) -> None:
        values = {"name": "2027", "parent": prices.pk, "access": "write"}
        shown = text(as_alice.post("/documents/folders/new/", values))
        assert "cannot be more open" in shown
        assert 'value="2027"' in shown

    def test_it_is_renamed_moved_and_opened(self, as_alice: Client, prices: DocumentFolder) -> None:
        values = {"name": "Tarifs", "parent": "", "access": "write"}
        as_alice.post(f"/documents/folders/{prices.pk}/", values)
        prices.refresh_from_db()
        assert (prices.name, prices.access) == ("Tarifs", "write")

    def test_what_it_holds_is_told_before_it_goes(
        self, as_alice: Client, catalogue: Document, prices: DocumentFolder
    ) -> None:
        path = f"/documents/folders/{prices.pk}/delete/"
        assert "1 document leaves" in text(as_alice.get(path))
        assert "The folder is not empty" in text(as_alice.post(path))
        assert as_alice.post(path, {"contents": "1"}).status_code == 302
        assert not Document.objects.exists()

    def test_others_cannot(self, as_bob: Client, alice: User, prices: DocumentFolder) -> None:
        values = {"name": "Mine", "parent": "", "access": "write"}
        assert "You may read here" in text(as_bob.post(f"/documents/folders/{prices.pk}/", values))
        private = filing.create_folder(Library(alice), "Private")
        for path in ("", "delete/"):
            assert as_bob.get(f"/documents/folders/{private.pk}/{path}").status_code == 404
            assert as_bob.post(f"/documents/folders/{private.pk}/{path}").status_code == 404


class TestPicking:
    @pytest.fixture
    def draft(self, alice: User) -> Outgoing:
        return Outgoing.objects.create(
            account=builders.account(alice), author=alice, message_id="d@x", state="draft"
        )

    def test_it_knows_what_the_draft_already_carries(
        self, as_alice: Client, draft: Outgoing, catalogue: Document, secret: Document
    ) -> None:
        OutgoingAttachment.objects.create(
            outgoing=draft,
            blob=catalogue.blob,
            filename="c.pdf",
            document=catalogue,
            origin="library",
        )
        shown = text(as_alice.get(f"/documents/pick/?draft={draft.pk}", **FRAGMENT))
        assert 'data-most="5"' in shown
        assert 'data-limit="10000000"' in shown
        assert 'data-count="1"' in shown
        assert 'data-taken="8"' in shown
        assert "attached already" in shown
        assert "secret.pdf" in shown

    def test_a_search_answers_the_list_alone(
        self, as_alice: Client, draft: Outgoing, catalogue: Document
    ) -> None:
        path = f"/documents/pick/?draft={draft.pk}&q=cata"
        shown = text(as_alice.get(path, **FRAGMENT))
        assert "catalogue.pdf" in shown
        assert "<dialog" not in shown
        assert "<html" in text(as_alice.get(path))

    def test_anothers_draft_does_not_exist(self, as_bob: Client, draft: Outgoing) -> None:
        assert as_bob.get(f"/documents/pick/?draft={draft.pk}").status_code == 404
        assert as_bob.get("/documents/pick/?draft=x").status_code == 404
        Outgoing.objects.update(author=draft.author, state="sent")

    def test_what_has_left_takes_no_more(self, as_alice: Client, draft: Outgoing) -> None:
        Outgoing.objects.update(state="queued")
        assert as_alice.get(f"/documents/pick/?draft={draft.pk}").status_code == 404
