"""What people write or paste for templates and signatures, made safe and fit for mail.

Style sheets are carried onto the elements, since mail programs drop them; scripts, forms, frames
and event handlers go. Pictures pasted into the text are set apart, to travel inside the mail.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Container
from dataclasses import dataclass

from relance.mime.sanitise import sanitise

MAX_PICTURE = 3_000_000
_STYLE = re.compile(r"<style\b", re.IGNORECASE)
_DATA_IMAGE = re.compile(
    r'src="data:(image/(?:png|gif|jpeg|jpg|webp));base64,([A-Za-z0-9+/=\s]*+)"', re.IGNORECASE
)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_CID = re.compile(r"\bsrc=\"cid:([^\"]*)\"", re.IGNORECASE)
_BAD = "none@none"
_ALONE = re.compile(r"<p>\s{0,9}(\{User\.signature\})\s{0,9}</p>", re.IGNORECASE)
_EMPTY = re.compile(r"\A(?:\s|<p>|</p>|<br>|<div>|</div>|&nbsp;)*+\Z")


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
    when nothing does; without it every one is kept."""

    def keep(name: str) -> str | None:
        known = content_id(name) if content_id else name
        return f"cid:{known}" if known else None

    safe = sanitise(html, cid_url=keep, allow_remote=True).html
    pictures: dict[str, Picture] = {}
    safe = _DATA_IMAGE.sub(lambda match: _set_apart(match, pictures), safe)
    safe = without_pictures(safe, {_BAD}) if _BAD in safe else safe
    safe = _ALONE.sub(r"\1", safe)
    is_empty = _EMPTY.match(safe) is not None
    return Cleaned("" if is_empty else safe, tuple(pictures.values()), bool(_STYLE.search(html)))


def _set_apart(match: re.Match[str], pictures: dict[str, Picture]) -> str:
    try:
        data = base64.b64decode(match[2])
    except (binascii.Error, ValueError):
        return f'src="cid:{_BAD}"'
    if not data or len(data) > MAX_PICTURE:
        return f'src="cid:{_BAD}"'
    name = f"{hashlib.sha256(data).hexdigest()[:32]}@picture"
    pictures[name] = Picture(name, match[1].lower().replace("jpg", "jpeg"), data)
    return f'src="cid:{name}"'


def without_pictures(html: str, content_ids: Container[str] | None = None) -> str:
    """Cleaned HTML without its `cid:` pictures: those named, or all."""

    def kept(match: re.Match[str]) -> str:
        found = _CID.search(match[0])
        goes = found is not None and (content_ids is None or found[1] in content_ids)
        return "" if goes else match[0]

    return _IMAGE.sub(kept, html)
