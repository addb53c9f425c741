"""The plain alternative of a mail written in HTML: nothing a reader needs is only in the HTML."""

import html as _html
import re

from relance.mime.plain import html_to_text

_ANCHOR = re.compile(
    r"<a\b[^>]*?\bhref=\"((?:https?:|mailto:)[^\"]{1,2000})\"[^>]*>(.*?)</a>", re.I | re.S
)
_IMAGE = re.compile(r"<img\b[^>]*?\balt=\"([^\"]{1,300})\"[^>]*>", re.I)
_TAG = re.compile(r"<[^>]*>")
_SIGNATURE = re.compile(r"(<div\b[^>]*\bdata-marker=\"signature\"[^>]*>)", re.I)
_DASHES = "\ue000"  # private use: stands for the line that RFC 3676, 4.3 sets before a signature
_DASHES_LINE = re.compile(f"{_DASHES}\n*")


def text_of(html: str) -> str:
    """`html` (sanitised) as plain text: links followed by where they lead, images by what they
    say, the signature behind its two dashes, quotes behind ">"."""
    marked = _SIGNATURE.sub(rf"<div>{_DASHES}</div>\1", html.replace(_DASHES, ""))
    marked = _IMAGE.sub(r"[\1]", _ANCHOR.sub(_link, marked))
    return _DASHES_LINE.sub("-- \n", html_to_text(marked))


def _link(match: re.Match[str]) -> str:
    target = _html.unescape(match[1])
    shown = _html.unescape(_TAG.sub("", match[2])).strip()
    bare = re.sub(r"^(?:https?://|mailto:)", "", target).rstrip("/")
    if not shown or shown.rstrip("/") in (target.rstrip("/"), bare):
        return match[2] if shown else f"{match[2]} &lt;{match[1]}&gt;"
    return f"{match[2]} &lt;{match[1]}&gt;"
