"""What people write or paste for templates and signatures, made safe and fit for mail.

Style sheets are carried onto the elements, since mail programs drop them; scripts, forms, frames
and event handlers go. Pictures pasted into the text are set apart, to travel inside the mail.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from relance.mime.sanitise import sanitise

MAX_PICTURE = 3_000_000
MAX_HTML = 500_000
"""Characters of a text, its pictures apart."""

_STYLE = re.compile(r"<style\b", re.IGNORECASE)
_DATA_IMAGE = re.compile(
    r"\bsrc\s?=\s?([\"'])data:(image/(?:png|gif|jpeg|jpg|webp));base64,([A-Za-z0-9+/=\s]*+)\1",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_CID = re.compile(r"\bsrc=\"cid:([^\"]*)\"", re.IGNORECASE)
_DATA = re.compile(r"\bsrc=\"data:", re.IGNORECASE)
_ALONE = re.compile(r"<p>\s{0,9}(\{User\.signature\})\s{0,9}</p>", re.IGNORECASE)
_EMPTY = re.compile(r"\A(?:\s|<p>|</p>|<br>|<div>|</div>|&nbsp;)*+\Z")


class TooLong(Exception):
    """More text than anybody writes into a mail."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stood in the text itself; `content_id` is what stands there now."""

    content_id: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Safe HTML; the pictures taken out of it; whether a style sheet was carried over."""

    html: str
    pictures: tuple[Picture, ...] = ()
    had_style_sheet: bool = False


def clean(html: str, *, content_id: Callable[[str], str | None] | None = None) -> Cleaned:
    """`html` made safe. `content_id` says which Content-ID stands for a `cid:` of the text, None
    when nothing does; without it every one is kept. Raises `TooLong`."""
    pictures: dict[str, Picture] = {}
    html = _DATA_IMAGE.sub(lambda match: _set_apart(match, pictures), html)
    if len(html) > MAX_HTML:
        raise TooLong

    def keep(name: str) -> str | None:
        known = name if content_id is None or name in pictures else content_id(name)
        return f"cid:{known}" if known else None

    safe = sanitise(html, cid_url=keep, allow_remote=True).html
    safe = _IMAGE.sub(lambda match: "" if _DATA.search(match[0]) else match[0], safe)
    safe = _ALONE.sub(r"\1", safe)
    is_empty = _EMPTY.match(safe) is not None
    return Cleaned("" if is_empty else safe, tuple(pictures.values()), bool(_STYLE.search(html)))


def _set_apart(match: re.Match[str], pictures: dict[str, Picture]) -> str:
    try:
        data = base64.b64decode(match[3])
    except (binascii.Error, ValueError):
        return ""
    if not data or len(data) > MAX_PICTURE:
        return ""
    name = f"{hashlib.sha256(data).hexdigest()[:32]}@picture"
    pictures[name] = Picture(name, match[2].lower().replace("jpg", "jpeg"), data)
    return f'src="cid:{name}"'


def without_pictures(html: str) -> str:
    """Cleaned HTML without the pictures named by Content-ID."""
    return _IMAGE.sub(lambda match: "" if _CID.search(match[0]) else match[0], html)
