"""A mail quoted below an answer, or passed on, as HTML and as text: what its reader saw of it."""

import base64
import binascii
import html as _html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relance.mime import compose
from relance.mime.plain import html_to_text
from relance.mime.sanitise import sanitise
from relance.mime.text_html import linked
from relance.mime.visible import without_hidden

MAX_QUOTED = 500_000
"""Characters of a mail that are quoted: beyond, nobody scrolls."""

_DATA = re.compile(r'src="data:(image/[a-z+]{1,10});base64,([^"]*)"', re.IGNORECASE)
_BLOCK = (
    '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">'
)


@dataclass(frozen=True, slots=True)
class Original:
    """The mail to quote: its HTML unsanitised ("" when it is plain) and its text. `who` and
    `head` are as a reader sees them; `at` is in the zone to be shown."""

    html: str
    text: str
    who: str
    at: datetime
    head: Sequence[str] = ()  # "From: Anna <anna@x>", "To: Bob" …


@dataclass(frozen=True, slots=True)
class Images:
    """How to keep the images of the quote: each takes what names it and gives the Content-ID of
    the copy in our mail, or None to leave it out."""

    by_cid: Callable[[str], str | None]
    in_place: Callable[[str, bytes], str | None]


@dataclass(frozen=True, slots=True)
class Quote:
    html: str
    text: str


def quoted(original: Original, images: Images, *, language: str, remote: bool = False) -> Quote:
    """The quote of an answer, under its attribution line."""
    line = compose.attribution(original.who, original.at, language)
    body, text = _body(original, images, remote=remote)
    html = f'<div class="moz-cite-prefix">{_html.escape(line)}</div>{_BLOCK}{body}</blockquote>'
    return Quote(html, compose.quote_text(text, line))


def forwarded(original: Original, images: Images, *, title: str, remote: bool = False) -> Quote:
    """The mail passed on, under `title` ("Forwarded message") and the lines of `head`."""
    body, text = _body(original, images, remote=remote)
    rule = f"---------- {title} ----------"
    head = "<br>".join(_html.escape(line) for line in [rule, *original.head])
    html = f'<div class="moz-forward-container"><div>{head}</div><br>{body}</div>'
    return Quote(html, "\n".join([rule, *original.head, "", text.rstrip()]))


def _body(original: Original, images: Images, *, remote: bool) -> tuple[str, str]:
    if not original.html.strip():
        text = original.text[:MAX_QUOTED]
        return linked(text).replace("\n", "<br>\n"), text
    cleaned = sanitise(
        original.html[:MAX_QUOTED],
        cid_url=lambda cid: f"cid:{kept}" if (kept := images.by_cid(cid)) else None,
        allow_remote=remote,
    )
    html = _NO_SOURCE.sub("", _kept_in_place(without_hidden(cleaned.html), images))
    return html, html_to_text(html)


_NO_SOURCE = re.compile(r"<img(?![^<>]*\ssrc=)[^<>]*>", re.IGNORECASE)


def _kept_in_place(html: str, images: Images) -> str:
    """Images written into the HTML become files: many clients show no others."""

    def replace(match: re.Match[str]) -> str:
        try:
            data = base64.b64decode("".join(match[2].split()), validate=True)
        except (binascii.Error, ValueError):
            return ""
        kept = images.in_place(match[1].lower(), data)
        return f'src="cid:{kept}"' if kept else ""

    return _DATA.sub(replace, html) if "data:" in html else html
