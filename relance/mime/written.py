"""HTML that one of our own users wrote, pasted or had in a template, made fit to leave.

Stricter than what is shown of strangers (`sanitise`): nothing from elsewhere, images only by
Content-ID. What marks the signature stays.
"""

import base64
import binascii
import html as _html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from relance.mime.plain import html_to_text
from relance.mime.sanitise import ATTRIBUTES, TAGS
from relance.mime.shape import is_buildable
from relance.mime.styles import clean_style

MAX_HTML = 2_000_000
_UNWANTED = {"map", "area", "details", "summary", "article", "aside", "main", "nav"}
_WITHOUT_CONTENT = {
    *("script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object"),
    *("select", "textarea", "audio", "video", "applet", "noembed", "noframes", "xmp", "head"),
}
_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_SPACES_OR_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
_DATA = re.compile(r"data:image/(png|gif|jpe?g|webp);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s<>)]{1,255})", re.IGNORECASE)
_ATTRIBUTES = {
    **{tag: names for tag, names in ATTRIBUTES.items() if tag not in _UNWANTED},
    "div": {"class", "data-marker"},
    "img": {"src", "alt", "width", "height", "border"},
    "a": {"href"},
}
Keep = Callable[[str, bytes], str | None]


@dataclass(frozen=True, slots=True)
class Written:
    """Safe HTML and how many images had to be left out."""

    html: str
    left_out: int = 0


@dataclass(slots=True)
class _Filter:
    keep_image: Keep | None
    left_out: int = 0
    kept: dict[str, str] = field(default_factory=dict)

    def __call__(self, _tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return clean_style(value) or None
        if name == "src":
            return self._source(value.strip())
        if name == "href":
            bare = _SPACES_OR_CONTROLS.sub("", value[:40])
            return value.strip()[:4_000] if _LINK.match(bare) else None
        if name in ("class", "data-marker"):
            return "signature" if "signature" in value.split() else None
        if name in ("id", "name"):
            return None
        return value[:2_000]

    def _source(self, value: str) -> str | None:
        if found := _CID.fullmatch(value):
            return f"cid:{unquote(found[1])}"
        if value not in self.kept:
            found = _DATA.fullmatch(value)
            data = _decoded(found[2]) if found else b""
            cid = self.keep_image(f"image/{found[1].lower()}", data) if (
                found and data and self.keep_image) else None  # fmt: skip
            self.left_out += cid is None
            self.kept[value] = f"cid:{cid}" if cid else ""
        return self.kept[value] or None


def clean(html: str, *, keep_image: Keep | None = None) -> Written:
    """`html` without script, handlers, forms, frames, style sheets or anything from elsewhere.

    An image given in place (`data:`) is handed to `keep_image(content_type, bytes)`, which gives
    the Content-ID it is kept under, or None to leave it out. Never raises.
    """
    source = html[:MAX_HTML]
    if not is_buildable(source):
        return Written(f"<pre>{_html.escape(html_to_text(source))}</pre>")
    import nh3

    attributes = _Filter(keep_image)
    cleaned = nh3.clean(
        source,
        tags=TAGS - _UNWANTED,
        clean_content_tags=_WITHOUT_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=attributes,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel=None,
    )
    return Written(_NO_SOURCE.sub("", cleaned), attributes.left_out)


def split_signature(html: str) -> tuple[str, str]:
    """(what was written, its signature) of cleaned HTML: the last division marked as signature,
    with what follows it; "" when there is none."""
    starts = [found.start() for found in _SIGNATURE.finditer(html)]
    return (html[: starts[-1]], html[starts[-1] :]) if starts else (html, "")


_SIGNATURE = re.compile(r'<div\b[^<>]*\bdata-marker="signature"[^<>]*>')
_NO_SOURCE = re.compile(r"<img(?![^<>]*\ssrc=)[^<>]*>", re.IGNORECASE)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
