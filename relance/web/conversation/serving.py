"""How bytes of strangers are answered: as files, never as pages of ours (promises X1, X3)."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

FILE_POLICY = "default-src 'none'; sandbox"
# A PDF is shown by the browser's own viewer, which a sandbox would keep from starting. It runs
# apart from pages, whatever the file holds.
PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_MOST_NAME = 150


def file(data: bytes, content_type: str, *, policy: str = FILE_POLICY) -> HttpResponse:
    """`data` under a type we chose; the browser may neither guess another nor keep it."""
    response = HttpResponse(data, content_type=content_type)
    harden(response, policy=policy)
    response["Content-Length"] = str(len(data))
    return response


def harden(response: HttpResponseBase, *, policy: str = FILE_POLICY) -> None:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"


def download(data: bytes, filename: str) -> HttpResponse:
    """A file to keep, never to open here."""
    response = file(data, "application/octet-stream")
    response.headers["Content-Disposition"] = disposition(filename)
    return response


def disposition(filename: str, *, kind: str = "attachment") -> str:
    """A name no system stumbles over (RFC 6266: ASCII, then the whole)."""
    name = safe_name(filename)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def safe_name(filename: str) -> str:
    """A file name without ways out of its folder, controls or turned letters, its end kept."""
    name = _NOT_IN_NAMES.sub("_", filename).strip(" .")
    if len(name) > _MOST_NAME:
        stem, dot, extension = name.rpartition(".")
        short = dot and len(extension) <= 10
        name = (
            f"{stem[: _MOST_NAME - len(extension) - 1]}.{extension}" if short else name[:_MOST_NAME]
        )
    return name.strip(" .") or _("attachment")
