"""Somebody's data as one archive, made while it is read: one file in memory at a time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from relance.crm import dossier
from relance.crm.models import Person
from relance.files import blobs
from relance.inbox import erasure as mails
from relance.lib.streaming import Sink
from relance.users.models import User
from relance.web.conversation.serving import safe_name

_PIECE = 64 * 1024


def data_of(viewer: User, person: Person) -> dict[str, Any]:
    """What `crm.dossier.data_of` says, and the mails the viewer may see."""
    return {**dossier.data_of(person), "mails": mails.mails_of(viewer, person)}


def as_text(data: dict[str, Any]) -> str:
    """JSON that people can read."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def pieces(viewer: User, person: Person) -> Iterator[bytes]:
    """The archive: data.json, the photo, the files of the record, the mails as they came."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, data in _named(_contents(viewer, person)):
            with archive.open(name, "w", force_zip64=len(data) > 1 << 31) as entry:
                for start in range(0, len(data), _PIECE):
                    entry.write(data[start : start + _PIECE])
                    yield sink.take()
    yield sink.take()


def _contents(viewer: User, person: Person) -> Iterator[tuple[str, bytes]]:
    yield "data.json", as_text(data_of(viewer, person)).encode()
    if person.photo_id:
        yield "photo", blobs.get(person.photo_id)
    for file in dossier.files_of(person):
        yield f"files/{safe_name(file.name)}", blobs.get(file.blob_id)
    for name, source in mails.mail_sources(viewer, person):
        yield f"mails/{safe_name(name)}", source


def _named(contents: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """No two alike on any system."""
    taken: set[str] = set()
    for name, data in contents:
        folder, slash, rest = name.rpartition("/")
        stem, dot, extension = rest.rpartition(".")
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{folder}{slash}{stem or extension} ({number}){dot}{extension if stem else ''}"
        taken.add(free.casefold())
        yield free, data
