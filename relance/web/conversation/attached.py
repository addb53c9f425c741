"""Files of a message as they are listed: also those that lie within a winmail.dat."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.mail import sources
from relance.mail.models import Attachment, MessageCopy
from relance.mime import tnef
from relance.mime.parse import part_content
from relance.mime.previews import MAX_IMAGE_BYTES, MAX_PDF_BYTES
from relance.mime.tnef import Pack
from relance.web.shell import wording

_KINDS = {
    "pdf": ("PDF", ""),
    "spreadsheet": ("XLS", "file__k--x"),
    "excel": ("XLS", "file__k--x"),
    "csv": ("CSV", "file__k--x"),
    "image": ("IMG", "file__k--i"),
    "word": ("DOC", "file__k--i"),
    "presentation": ("PPT", ""),
    "zip": ("ZIP", ""),
    "calendar": ("ICS", "file__k--x"),
    "rfc822": ("EML", "file__k--i"),
}
_IMAGES = {"png", "jpg", "jpeg", "gif", "webp"}
_MOST_INSIDE = 100


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: what it is called, how large, where to get it and, maybe, to look at it.
    `inside` names the file it was packed in; `key` is that of the attachment, unless it was.
    `is_kept` says that it is on a record."""

    name: str
    kind: str
    css: str
    size: str
    url: str
    preview: str = ""
    inside: str = ""
    key: int | None = None
    is_kept: bool = False


def files_of(
    attachments: Sequence[Attachment], base: str, kept: Collection[tuple[int, str]] = ()
) -> list[File]:
    """Files of a message whose own address is `base`; `kept` are (message, SHA-256) of those that
    are on records."""
    return [
        _file(a, f"{base}attachments/{a.pk}/", is_kept=(a.message_id, a.sha256) in kept)
        for a in attachments
    ]


def _file(attachment: Attachment, url: str, *, is_kept: bool) -> File:
    name = attachment.filename or _("attachment")
    kind, css = _kind(name, attachment.content_type)
    can_show = may_show(name, attachment.content_type, attachment.size)
    preview = f"{url}preview/" if can_show else ""
    size = wording.filesize(attachment.size)
    return File(name, kind, css, size, url, preview, key=attachment.pk, is_kept=is_kept)


def _kind(name: str, content_type: str) -> tuple[str, str]:
    haystack = f"{content_type} {_extension(name)}".lower()
    found = next((v for word, v in _KINDS.items() if word in haystack), None)
    return found or (_extension(name)[:3].upper() or "···", "")


def _extension(name: str) -> str:
    return name.rpartition(".")[2] if "." in name else ""


def may_show(name: str, content_type: str, size: int) -> bool:
    """Whether a look may be offered, as far as name and type say; the bytes decide (X4)."""
    extension, kind = _extension(name).lower(), content_type.lower()
    if kind == "application/pdf" or extension == "pdf":
        return size <= MAX_PDF_BYTES
    is_image = extension in _IMAGES or kind in {f"image/{i}" for i in _IMAGES}
    return is_image and size <= MAX_IMAGE_BYTES


def is_pack(attachment: Attachment) -> bool:
    kind = attachment.content_type.lower()
    named = attachment.filename.lower() == "winmail.dat"
    return named or kind in ("application/ms-tnef", "application/vnd.ms-tnef")


def packs_of(copy: MessageCopy, attachments: Sequence[Attachment], base: str) -> list[File]:
    """Files within the winmail.dat of a message, after the message's own."""
    found: list[File] = []
    for attachment in attachments:
        if not is_pack(attachment) or attachment.size > tnef.MAX_BYTES:
            continue
        pack = pack_of(copy, attachment)
        url = f"{base}attachments/{attachment.pk}/inside/"
        for number, file in enumerate(pack.files[:_MOST_INSIDE] if pack else []):
            kind, css = _kind(file.filename, file.content_type)
            size = wording.filesize(len(file.data))
            found.append(File(file.filename, kind, css, size, f"{url}{number}/", "", "winmail.dat"))
    return found


def pack_of(copy: MessageCopy, attachment: Attachment) -> Pack | None:
    """A winmail.dat, opened; None when it cannot be."""
    try:
        return tnef.unpack(part_content(sources.source_of(copy), attachment.part))
    except (LookupError, KeyError):
        return None
