"""File names that no system stumbles over, and what kind of file a name promises."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from relance.lib.text import squeeze

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_LONGEST = 150
OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file looks like in a list: three letters, and which colour: "", "sheet", "text"."""

    letters: str
    family: str = ""


_SHEETS = {"xls", "xlsx", "ods", "csv", "tsv"}
_TEXTS = {"doc", "docx", "odt", "rtf", "txt", "md", "html", "htm"}
_PICTURES = {"png", "jpg", "jpeg", "gif", "webp", "svg", "heic", "tif", "tiff", "bmp"}


def clean(name: str, fallback: str = "document") -> str:
    """`name` without folders, control and direction characters; its extension survives a cut."""
    last = re.split(r"[/\\]", name)[-1]
    kept = squeeze(_NOT_IN_NAMES.sub("_", last)).strip(" .")
    if not kept.strip("_ "):
        return fallback
    if len(kept) <= _LONGEST:
        return kept
    suffix = PurePosixPath(kept).suffix[:12]
    return kept[: _LONGEST - len(suffix)] + suffix


def kind_of(name: str) -> Kind:
    """The badge of a file of that name."""
    suffix = extension(name)
    if suffix in _SHEETS:
        return Kind("CSV" if suffix in {"csv", "tsv"} else "XLS", "sheet")
    if suffix in _TEXTS:
        return Kind("DOC" if suffix[:3] in {"doc", "odt", "rtf"} else "TXT", "text")
    if suffix in _PICTURES:
        return Kind("IMG", "text")
    return Kind(suffix[:3].upper() or "—")


def extension(name: str) -> str:
    """The extension in small letters, without its dot; "" when there is none."""
    return PurePosixPath(name.lower()).suffix[1:]


def type_of(name: str) -> str:
    """The content type that name promises; what a browser claims for a file is not asked."""
    return mimetypes.guess_type(name, strict=False)[0] or OCTETS


def disposition(name: str) -> str:
    """`attachment` with that name (RFC 6266: ASCII first, then the whole)."""
    kept = clean(name)
    ascii_name = kept.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(kept, safe='')}"
