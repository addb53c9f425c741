"""HTML read as plain text, in one linear pass: for snippets, search and quoting."""

from __future__ import annotations

import html
import re

_TOKEN = re.compile(r"<!--|<([a-zA-Z/!?][^<>]*)>?|[^<]+|<")
_NAME = re.compile(r"/?[a-zA-Z0-9]+")
_HIDDEN = {"style", "script", "head", "title", "template", "noscript", "svg"}
_BREAKS = {"br", "hr", "tr", "li", "dt", "dd", "/tr", "option"}
_BLOCKS = {
    *("p", "div", "table", "ul", "ol", "blockquote", "pre", "section", "article", "header"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "footer", "center", "form", "address"),
}
_SPACES = re.compile(r"[ \t\r\f\v\xa0\u200b\u200c\ufeff\u034f]+")
_BLANKS = re.compile(r"\n[ ]*\n(?:[ ]*\n)+")
MAX_READ = 600_000  # characters of HTML


def html_to_text(source: str) -> str:
    """The text a reader sees, paragraphs apart, list items on their own lines."""
    source = source[:MAX_READ]
    out: list[str] = []
    position = 0
    while match := _TOKEN.match(source, position):
        position = match.end()
        token = match[0]
        if token == "<!--":
            end = source.find("-->", position)
            if end < 0:
                break
            position = end + 3
        elif match[1] is not None:
            position = _tag(match[1], source, position, out)
        else:
            out.append(_SPACES.sub(" ", token.replace("\n", " ")))
    text = html.unescape("".join(out))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def _tag(inside: str, source: str, position: int, out: list[str]) -> int:
    """Write what a tag means for text; returns where reading goes on."""
    found = _NAME.match(inside)
    name = found[0].lower() if found else ""
    if name in _HIDDEN and not inside.endswith("/"):
        end = source.find(f"</{name}", position)
        if end < 0:
            end = source.lower().find(f"</{name}", position) if name != "head" else -1
        if end < 0:
            return position if name == "head" else len(source)
        return source.find(">", end) + 1 or len(source)
    if name in _BREAKS:
        out.append("\n- " if name == "li" else "\n")
    elif name.removeprefix("/") in _BLOCKS:
        out.append("\n\n" if name.removeprefix("/") == "p" else "\n")
    elif name in ("td", "th"):
        out.append(" ")
    return position
