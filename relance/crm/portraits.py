"""The photo of a person: a small square JPEG, whatever was given."""

from __future__ import annotations

from django.db import transaction

from relance.crm import history
from relance.crm.models import Person
from relance.files import blobs
from relance.users.models import User
from relance.writing import photos


def keep(actor: User, person: Person, data: bytes) -> None:
    """Make that picture the person's photo. Raises `photos.NotAPhoto` or `photos.TooLarge`."""
    _put(actor, person, blobs.put(photos.square(data)).pk)


def remove(actor: User, person: Person) -> None:
    """The person has no photo any more."""
    _put(actor, person, None)


def _put(actor: User, person: Person, blob: str | None) -> None:
    before = person.photo_id
    if before == blob:
        return
    with transaction.atomic():
        person.photo_id = blob
        person.save(update_fields=["photo"])
        said = {"photo": "1" if before else ""}, {"photo": "2" if blob else ""}
        history.record(actor, "person", person, *said)
    if before:
        blobs.release(before)
