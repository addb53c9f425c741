"""The photo of a signature: any picture in, a small square JPEG out, and nothing else of it.

What a camera writes beside the picture (place, device, hour) is left behind; a picture that would
unfold to more than is reasonable is refused before it is decoded.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString

from relance.files import blobs
from relance.users.models import User
from relance.writing.models import Photo

if TYPE_CHECKING:
    from PIL import Image

SIDE = 240
"""Pixels of the square kept; shown at a third of it, sharp on fine screens."""

SHOWN_SIDE = 80
MAX_BYTES = 8_000_000
MAX_JPEG_PIXELS = 60_000_000  # a JPEG is read reduced
MAX_PIXELS = 20_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    MemoryError,
    EOFError,
    struct.error,
    zlib.error,
    Warning,
)


class NotAPhoto(Exception):
    """The file is no picture of a kind we read, or a broken one."""


class TooLarge(Exception):
    """The file weighs, or unfolds to, more than we take."""


@dataclass(frozen=True, slots=True)
class InlinePhoto:
    """The photo as a part of a mail; `content_id` is what its `<img>` names."""

    content_id: str
    filename: str
    content_type: str
    data: bytes


def square(data: bytes) -> bytes:
    """The middle of a picture as a JPEG of 240 × 240 pixels, without notes or colour profile.

    Raises `NotAPhoto` or `TooLarge`.
    """
    from PIL import Image, ImageOps

    if len(data) > MAX_BYTES:
        raise TooLarge
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                most = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
                if picture.width * picture.height > most:
                    raise TooLarge
                picture.draft("RGB", (SIDE * 2, SIDE * 2))
                fitted = _on_white(ImageOps.fit(ImageOps.exif_transpose(picture), (SIDE, SIDE)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge from error
    except _UNREADABLE as error:
        raise NotAPhoto from error
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """A new picture with the same pixels, transparent ones white, and nothing written beside."""
    from PIL import Image

    bare = Image.new("RGB", picture.size, "white")
    shown = picture.convert("RGBA")
    bare.paste(shown, mask=shown.getchannel("A"))
    return bare


def keep(user: User, data: bytes) -> Photo:
    """Make that picture the user's photo. Raises `NotAPhoto` or `TooLarge`."""
    blob = blobs.put(square(data))
    before = Photo.objects.filter(user=user).values_list("blob_id", flat=True).first()
    photo, _ = Photo.objects.update_or_create(user=user, defaults={"blob": blob})
    if before and before != blob.pk:
        blobs.release(before)
    return photo


def remove(user: User) -> None:
    """The user has no photo any more."""
    before = Photo.objects.filter(user=user).values_list("blob_id", flat=True).first()
    Photo.objects.filter(user=user).delete()
    if before:
        blobs.release(before)


def of(user: User) -> Photo | None:
    """The user's photo."""
    return Photo.objects.filter(user=user).first()


def content_id(photo: Photo) -> str:
    """The same for one picture of one user, so that it is never attached twice."""
    return f"photo-{photo.user_id}-{photo.blob_id[:16]}@signature"


def inline(user: User) -> InlinePhoto | None:
    """The photo to put into a mail whose HTML names it; None without one."""
    photo = of(user)
    if photo is None:
        return None
    data = blobs.get(photo.blob_id)
    return InlinePhoto(content_id(photo), "photo.jpg", "image/jpeg", data)


def html(user: User, *, src: str = "") -> SafeString | None:
    """The `<img>` of the user's photo, named by its Content-ID, or loaded from `src` on a page."""
    photo = of(user)
    if photo is None:
        return None
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" style="border-radius:50%">',
        src or f"cid:{content_id(photo)}",
        photo.alternative or user.name,
        SHOWN_SIDE,
        SHOWN_SIDE,
    )
