"""Who sees which folder, and what each may change."""

from datetime import timedelta
from typing import Any

import pytest

from relance.files import blobs, filing, quota
from relance.files.library import Library, Refused
from relance.files.models import Blob, Document, DocumentFolder
from relance.lib import clock
from relance.users.models import Organisation, User

PRIVATE, READ, WRITE = DocumentFolder.Access.values


def refusal(call, *arguments, **more):  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as refused:
        call(*arguments, **more)
    return refused.value.code


def seen_by(user: User) -> set[str]:
    library = Library(user)
    return {f.name for f in library.folders} | {d.name for d in library.documents()}


class TestSeeing:
    def test_a_private_folder_is_its_owners_alone(
        self, of_alice: Library, alice: User, bob: User, ada: User
    ) -> None:
        folder = filing.create_folder(of_alice, "Secret")
        filing.add(of_alice, b"x", "a.pdf", folder=folder)
        assert seen_by(alice) == {"Secret", "a.pdf"}
        assert seen_by(bob) == seen_by(ada) == set()

    def test_what_lies_in_no_folder_is_its_owners_alone(
        self, of_alice: Library, alice: User, bob: User
    ) -> None:
        filing.add(of_alice, b"x", "a.pdf")
        assert seen_by(alice) == {"a.pdf"}
        assert seen_by(bob) == set()

    def test_a_folder_below_a_private_one_is_never_wider(
        self, of_alice: Library, bob: User
    ) -> None:
        above = filing.create_folder(of_alice, "Above", access=WRITE)
        below = filing.create_folder(of_alice, "Below", parent=above, access=WRITE)
        filing.add(of_alice, b"x", "a.pdf", folder=below)
        assert seen_by(bob) == {"Above", "Below", "a.pdf"}
        filing.share_folder(of_alice, above, PRIVATE)
        assert seen_by(bob) == set()
        assert of_alice.access_of(below) == PRIVATE

    def test_a_wider_folder_below_is_refused(self, of_alice: Library) -> None:
        above = filing.create_folder(of_alice, "Above", access=READ)
        assert (
            refusal(filing.create_folder, of_alice, "Below", parent=above, access=WRITE)
            == "too_wide"
        )
        below = filing.create_folder(of_alice, "Below", parent=above)
        assert below.access == READ
        assert refusal(filing.share_folder, of_alice, below, WRITE) == "too_wide"
        wide = filing.create_folder(of_alice, "Wide", access=WRITE)
        assert refusal(filing.move_folder, of_alice, wide, above) == "too_wide"

    def test_a_document_that_one_may_not_read_is_not_there(
        self, of_alice: Library, of_bob: Library
    ) -> None:
        document = filing.add(of_alice, b"x", "a.pdf")
        with pytest.raises(Document.DoesNotExist):
            of_bob.document(document.pk)
        folder = filing.create_folder(of_alice, "Secret")
        with pytest.raises(DocumentFolder.DoesNotExist):
            of_bob.folder(folder.pk)


class TestChanging:
    def test_a_folder_all_read_is_changed_by_its_owner_alone(
        self, of_alice: Library, of_bob: Library
    ) -> None:
        folder = filing.create_folder(of_alice, "Prices", access=READ)
        document = filing.add(of_alice, b"x", "a.pdf", folder=folder)
        assert refusal(filing.add, of_bob, b"y", "b.pdf", folder=folder) == "read_only"
        seen = of_bob.document(document.pk)
        assert refusal(filing.rename, of_bob, seen, "c") == "read_only"
        assert refusal(filing.delete, of_bob, seen) == "read_only"
        assert refusal(filing.replace, of_bob, seen, b"z", "a.pdf") == "read_only"
        assert refusal(filing.rename_folder, of_bob, folder, "Mine") == "read_only"
        assert refusal(filing.share_folder, of_bob, folder, WRITE) == "read_only"
        assert refusal(filing.delete_folder, of_bob, folder, with_contents=True) == "read_only"
        assert refusal(filing.create_folder, of_bob, "In", parent=folder) == "read_only"

    def test_a_folder_open_to_all_hands_takes_everybodys_documents(
        self, of_alice: Library, of_bob: Library
    ) -> None:
        folder = filing.create_folder(of_alice, "Shared", access=WRITE)
        theirs = filing.add(of_bob, b"y", "b.pdf", folder=folder)
        filing.replace(of_alice, of_alice.document(theirs.pk), b"z", "b.pdf")
        assert refusal(filing.share_folder, of_alice, folder, PRIVATE) == "holds_others"
        assert refusal(filing.move, of_alice, theirs, None) == "read_only"
        private = filing.create_folder(of_alice, "Mine")
        assert refusal(filing.move, of_alice, theirs, private) == "read_only"
        assert refusal(filing.delete_folder, of_alice, folder, with_contents=True) == "holds_others"

    def test_an_administrator_keeps_shared_folders_in_order(
        self, of_alice: Library, of_bob: Library, ada: User
    ) -> None:
        folder = filing.create_folder(of_alice, "Shared", access=WRITE)
        filing.add(of_bob, b"y", "b.pdf", folder=folder)
        admin = Library(ada)
        filing.rename_folder(admin, admin.folder(folder.pk), "Ours")
        assert filing.delete_folder(admin, admin.folder(folder.pk), with_contents=True) == 1

    def test_a_folder_that_holds_something_asks_first(
        self, of_alice: Library, django_capture_on_commit_callbacks: Any
    ) -> None:
        folder = filing.create_folder(of_alice, "A")
        below = filing.create_folder(of_alice, "B", parent=folder)
        filing.add(of_alice, b"x", "a.pdf", folder=below)
        assert refusal(filing.delete_folder, of_alice, folder) == "not_empty"
        held = filing.contents(of_alice, folder)
        assert (held.documents, held.folders) == (1, 1)
        with django_capture_on_commit_callbacks(execute=True):
            assert filing.delete_folder(of_alice, folder, with_contents=True) == 1
        assert not DocumentFolder.objects.exists()
        assert not Blob.objects.exists()

    def test_no_folder_goes_into_itself(self, of_alice: Library) -> None:
        above = filing.create_folder(of_alice, "A")
        below = filing.create_folder(of_alice, "B", parent=above)
        assert refusal(filing.move_folder, of_alice, above, below) == "into_itself"
        assert refusal(filing.move_folder, of_alice, above, above) == "into_itself"
        filing.move_folder(of_alice, below, None)
        assert of_alice.depth(below) == 0

    def test_folders_are_not_nested_without_end(self, of_alice: Library) -> None:
        parent = None
        for number in range(8):
            parent = filing.create_folder(of_alice, str(number), parent=parent)
        assert refusal(filing.create_folder, of_alice, "9", parent=parent) == "too_deep"

    def test_two_folders_side_by_side_differ_in_name(self, of_alice: Library) -> None:
        filing.create_folder(of_alice, "Été")
        assert refusal(filing.create_folder, of_alice, " ete ") == "name_taken"
        assert refusal(filing.create_folder, of_alice, "  ") == "no_name"


class TestDocuments:
    def test_the_same_name_gets_a_number(self, of_alice: Library) -> None:
        found = [filing.add(of_alice, bytes([n]), "a.pdf").name for n in range(3)]
        assert found == ["a.pdf", "a (2).pdf", "a (3).pdf"]

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\prix.xlsx", "prix.xlsx"),
            ("a\r\nSet-Cookie: x.pdf", "a_Set-Cookie_ x.pdf"),
            ("gpj\u202efdp.exe", "gpj_fdp.exe"),
            ("...", "document"),
            ("é" * 300 + ".pdf", "é" * 146 + ".pdf"),
        ],
    )
    def test_a_name_is_made_safe(self, of_alice: Library, typed: str, kept: str) -> None:
        assert filing.add(of_alice, b"x", typed).name == kept

    def test_what_was_replaced_is_kept_as_a_version(self, of_alice: Library) -> None:
        document = filing.add(of_alice, b"one", "prices.pdf")
        filing.replace(of_alice, document, b"two", "prices 2027.xlsx")
        document.refresh_from_db()
        assert (document.name, document.version) == ("prices.xlsx", 2)
        assert blobs.get(document.blob_id) == b"two"
        former = document.versions.get()
        assert (former.name, former.number) == ("prices.pdf", 1)
        assert blobs.get(former.blob_id) == b"one"

    def test_renaming_keeps_the_extension(self, of_alice: Library) -> None:
        document = filing.add(of_alice, b"one", "prices.pdf")
        filing.rename(of_alice, document, "Tarifs")
        assert document.name == "Tarifs.pdf"
        filing.add(of_alice, b"two", "b.pdf")
        assert refusal(filing.rename, of_alice, document, "B.pdf") == "name_taken"
        assert refusal(filing.rename, of_alice, document, " ") == "no_name"

    def test_deleting_frees_what_nothing_else_holds(
        self, of_alice: Library, django_capture_on_commit_callbacks: Any
    ) -> None:
        document = filing.add(of_alice, b"one", "a.pdf")
        twin = filing.add(of_alice, b"one", "b.pdf")
        with django_capture_on_commit_callbacks(execute=True):
            filing.delete(of_alice, document)
        assert blobs.get(twin.blob_id) == b"one"
        with django_capture_on_commit_callbacks(execute=True):
            filing.delete(of_alice, twin)
        with pytest.raises(FileNotFoundError):
            blobs.get(twin.blob_id)

    def test_they_are_found_by_words_without_accents(self, of_alice: Library) -> None:
        folder = filing.create_folder(of_alice, "Notices")
        filing.add(of_alice, b"x", "Réglette 4000K.pdf", folder=folder)
        filing.add(of_alice, b"y", "Autre.pdf")
        assert [d.name for d in of_alice.found("reglette 4000k")] == ["Réglette 4000K.pdf"]
        assert [d.name for d in of_alice.found("", folder)] == ["Réglette 4000K.pdf"]
        assert of_alice.found("100%").count() == 0


class TestSweeping:
    def test_what_nothing_refers_to_goes_after_a_day(self, of_alice: Library) -> None:
        kept = filing.add(of_alice, b"kept", "a.pdf")
        filing.replace(of_alice, kept, b"newer", "a.pdf")
        old, fresh = blobs.put(b"broken off"), blobs.put(b"just now")
        long_ago = clock.now() - timedelta(days=2)
        Blob.objects.exclude(pk=fresh.pk).update(created_at=long_ago)
        assert blobs.sweep(limit=1) == 1
        assert not Blob.objects.filter(pk=old.pk).exists()
        assert Blob.objects.count() == 3

    def test_what_is_put_again_is_young_again(self) -> None:
        blob = blobs.put(b"again")
        Blob.objects.update(created_at=clock.now() - timedelta(days=2))
        assert blobs.put(b"again").pk == blob.pk
        assert blobs.sweep() == 0

    def test_the_same_content_put_again_is_there(self) -> None:
        blob = blobs.put(b"again")
        assert blobs.release(blob.pk)
        assert not blobs.release(blob.pk)
        assert blobs.get(blobs.put(b"again").pk) == b"again"


class TestQuota:
    def test_a_full_store_refuses_with_its_figures(
        self, of_alice: Library, organisation: Organisation
    ) -> None:
        organisation.storage_quota_mb = 1
        organisation.save()
        filing.add(of_alice, b"x" * 600_000, "a.bin")
        with pytest.raises(quota.QuotaReached) as reached:
            filing.add(of_alice, b"y" * 400_001, "b.bin")
        assert (reached.value.used, reached.value.limit) == (600_000, 1_000_000)
        filing.add(of_alice, b"y" * 400_000, "b.bin")
        assert quota.usage().is_full

    def test_mail_is_kept_and_does_not_count(
        self, of_alice: Library, organisation: Organisation
    ) -> None:
        organisation.storage_quota_mb = 1
        organisation.save()
        blob = blobs.put(b"m" * 2_000_000, is_mail=True)
        assert quota.usage().used == 0
        filing.add(of_alice, b"x", "a.bin")
        assert blobs.put(b"m" * 2_000_000).pk == blob.pk
        assert quota.usage().used == 2_000_001

    def test_without_a_quota_nothing_is_refused(self, organisation: Organisation) -> None:
        assert quota.usage().limit is None
        quota.check(10**12)
