"""A file of filters, whatever its kind: told by what it holds, refused when it is no such file."""

from __future__ import annotations

from pathlib import PurePath

from relance.inbox.filter_files import gmail, own, thunderbird
from relance.inbox.filter_files.drafts import Reading, RefusedFile

MOST_BYTES = 1_000_000
SUFFIXES = frozenset({".xml", ".dat", ".json"})
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13})


def read(data: bytes, name: str = "") -> Reading:
    """What the file holds. `name` is what its sender calls it, if known.

    Raises `RefusedFile`: too_large, empty, suffix, binary, unknown_format, encoding, broken, dtd,
    no_filter, too_many, version.
    """
    if len(data) > MOST_BYTES:
        raise RefusedFile("too_large")
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise RefusedFile("empty")
    if name and PurePath(name).suffix.lower() not in SUFFIXES:
        raise RefusedFile("suffix")
    if data.translate(None, _CONTROLS) != data:
        raise RefusedFile("binary")
    if thunderbird.is_one(data):
        return thunderbird.read(data)
    if gmail.is_one(data):
        return gmail.read(data)
    if own.is_one(data):
        return own.read(data)
    raise RefusedFile("unknown_format")
