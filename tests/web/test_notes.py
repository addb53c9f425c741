"""Notes on records, through their pages."""

import pytest
from django.test import Client

from relance.crm import notes
from relance.crm.models import Note, Person
from relance.journal.models import Entry
from relance.users.models import User

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
ELOISE = "Éloïse Garnier <e.garnier@meunier.example>"


def test_a_note_says_who_wrote_it_and_that_everybody_reads_it(
    as_alice: Client, as_bob: Client, eloise: Person
) -> None:
    dialog = as_alice.get(f"/notes/create/?person={eloise.pk}", headers=HX).content.decode()
    assert "also those taken from a private mailbox" in dialog
    answer = as_alice.post("/notes/create/", {"text": "Après 9 h 30", "person": ELOISE}, headers=HX)
    assert answer.status_code == 204
    card = as_bob.get(f"/notes/related/person/{eloise.pk}/").content.decode()
    assert "Après 9 h 30" in card
    assert "Alice Martin" in card
    assert "/edit/" not in card
    assert "/edit/" in as_alice.get(f"/notes/related/person/{eloise.pk}/").content.decode()


def test_a_note_is_about_something(as_alice: Client) -> None:
    page = as_alice.post("/notes/create/", {"text": "Un mot"}, headers=HX).content.decode()
    assert "Say whom the note is about." in page
    assert "Un mot" in page
    assert not Note.objects.exists()


def test_a_note_of_another_is_neither_changed_nor_deleted(
    as_bob: Client, as_alice: Client, alice: User, eloise: Person
) -> None:
    note = notes.create(alice, Note(text="Un mot", person=eloise))
    assert as_bob.get(f"/notes/{note.pk}/edit/").status_code == 404
    assert as_bob.post(f"/notes/{note.pk}/delete/").status_code == 404
    values = {"text": "Deux mots", "person": ELOISE}
    assert as_alice.post(f"/notes/{note.pk}/edit/", values, headers=HX).status_code == 204
    note.refresh_from_db()
    assert note.text == "Deux mots"
    assert as_alice.post(f"/notes/{note.pk}/delete/", headers=HX).status_code == 204
    as_alice.post(f"/undo/{Entry.objects.get().pk}/", headers=HX)
    note.refresh_from_db()
    assert note.deleted_at is None


def test_what_a_note_says_is_text(as_alice: Client, alice: User, eloise: Person) -> None:
    notes.create(alice, Note(text="<script>alert(1)</script>", person=eloise))
    assert "<script>" not in as_alice.get(f"/notes/related/person/{eloise.pk}/").content.decode()
