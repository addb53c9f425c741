"""What lies on the desks of the demo: templates, documents, a photo, mail begun or to come."""

from __future__ import annotations

import math
import struct
import zlib
from datetime import datetime, time, timedelta
from html import escape

from relance.demo import almanac
from relance.demo.attachments import file_named
from relance.demo.cast import CAMILLE, PEOPLE
from relance.demo.scenes import rows
from relance.files import filing
from relance.files.library import Library
from relance.files.models import DocumentFolder
from relance.inbox import writing
from relance.lib import clock
from relance.mail import outbox
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.writing import photos, signatures, templates

_READ = DocumentFolder.Access.READ
_SIDE = 240
_SIGNATURE = (
    "<p>{User.photo}</p><p><b>{User.name}</b><br>{User.title}, {Organisation.name}<br>"
    "{User.phone}<br>{User.emailAddress}</p>"
)


def set_out(users: dict[str, User], now: datetime) -> None:
    """Put everything there. The users have their mailboxes."""
    for number, row in enumerate(rows("templates")):
        _template(users["Sophie" if number % 2 else "Camille"], row)
    _library(users["Sophie"])
    photos.keep(users[CAMILLE.first], portrait())
    for user in users.values():
        signatures.save(user, "", _SIGNATURE, on_replies=True)
    for row in rows("desk"):
        _mail(users["Camille"], row, now)


def _template(owner: User, row: list[str]) -> None:
    category, name, subject, text, sharing, *rest = (cell.replace("¦", "|") for cell in row)
    content = templates.Content(
        name=name,
        subject=subject,
        html=_paragraphs(text),
        category=category,
        language="en" if "en" in rest else "fr",
        sharing=sharing,
        is_one_off="once" in rest,
    )
    templates.save(owner, content)


def _library(owner: User) -> None:
    library = Library(owner)
    folders: dict[str, DocumentFolder] = {}
    for folder, name, title in rows("documents"):
        if folder not in folders:
            folders[folder] = filing.create_folder(library, folder, access=_READ)
        filing.add(library, file_named(name, title)[1], name, folder=folders[folder])


def _mail(author: User, row: list[str], now: datetime) -> None:
    """A draft, or a mail for a coming morning where the first word is a number of days."""
    days, name, subject, text = row
    person = next(p for p in PEOPLE if p.name == name)
    at = _at(max(now, clock.now()), int(days)) if days else None
    words = almanac.words(now, person.firm.language)
    draft = writing.begin(
        author,
        people={"to": [{"name": person.name, "address": person.address, "record": ""}]},
        subject=subject.format_map(words),
        html=_paragraphs(text.format_map(words)),
    )
    if at is not None:
        outbox.schedule(draft, at, almanac.ZONE.key)
    else:
        Outgoing.objects.filter(pk=draft.pk).update(updated_at=now - timedelta(minutes=18))


def _at(now: datetime, days: int) -> datetime:
    """Half past eight, some working days from now, where Camille lives."""
    day = almanac.workday(now.astimezone(almanac.ZONE).date(), days)
    return datetime.combine(day, time(8, 30), almanac.ZONE)


def _paragraphs(text: str) -> str:
    """The HTML of a text whose paragraphs are parted by two slashes."""
    return "".join(f"<p>{escape(p.strip(), quote=False)}</p>" for p in text.split("//"))


def portrait() -> bytes:
    """A drawn face as PNG (RFC 2083): nobody's photo."""
    drawn = bytearray()
    for y in range(_SIDE):
        drawn += b"\0" + b"".join(_pixel(x, y) for x in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(drawn))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _pixel(x: int, y: int) -> bytes:
    """Hair, face, shoulders on a warm ground; two dots and an arc make it smile."""
    for (left, top, right, bottom), colour in _SHAPES:
        across = (x - (left + right) / 2) / ((right - left) / 2)
        down = (y - (top + bottom) / 2) / ((bottom - top) / 2)
        if across * across + down * down <= 1:
            return colour
    smiles = abs(math.hypot(x - 120, y - 112) - 28) < 2 and y > 126
    return b"\x5a\x32\x28" if smiles else _GROUND


_GROUND, _SKIN, _HAIR, _COAT = b"\xfb\xe3\xd6", b"\xf3\xc0\xa0", b"\x4a\x2c\x22", b"\x2b\x49\xc4"
_SHAPES = (
    ((97, 100, 107, 110), _HAIR),
    ((133, 100, 143, 110), _HAIR),
    ((104, 136, 136, 142), b"\xc4\x6a\x5a"),
    ((78, 62, 162, 160), _SKIN),
    ((66, 34, 174, 150), _HAIR),
    ((104, 140, 136, 190), _SKIN),
    ((40, 170, 200, 320), _COAT),
)
