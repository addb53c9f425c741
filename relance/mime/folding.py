"""Quoted history in HTML mail, folded behind a button that opens it."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<(/?)(div|blockquote)\b([^<>]*)>", re.IGNORECASE)
_QUOTING = re.compile(
    r'(?:class|id)="(?:gmail_quote[^"]*|yahoo_quoted|protonmail_quote|zmail_extra|divRplyFwdMsg'
    r'|OutlookMessageHeader)"|type="cite"',
    re.IGNORECASE,
)
_OUTLOOK_RULE = re.compile(r"border-top:\s?solid\s#[eb][1-5]e1e1|border-top:solid #b5c4df", re.I)
_OLD_TO_THE_END = re.compile(r'id="divRplyFwdMsg"|border-top', re.IGNORECASE)
_VISIBLE = re.compile(r"<[^<>]*>|&nbsp;|\s")


def fold_html(source: str, *, label: str = "…") -> str:
    """`source` (sanitised) with its first top-level quote in `<details class="quoted">`.

    Where a client quotes everything below a line (Outlook), all that follows is folded. Nothing
    is removed, and a mail that is nothing but a quote stays open.
    """
    found = _first_quote(source)
    if found is None:
        return source
    start, end = found
    if not _VISIBLE.sub("", source[:start]):
        return source
    summary = f"<summary>{html.escape(label)}</summary>"
    folded = f'<details class="quoted">{summary}{source[start:end]}</details>'
    return source[:start] + folded + source[end:]


def _first_quote(source: str) -> tuple[int, int] | None:
    for match in _TAG.finditer(source):
        if match[1]:
            continue
        plain_quote = match[2].lower() == "blockquote"
        marked = _QUOTING.search(match[3]) or _OUTLOOK_RULE.search(match[3])
        if marked or plain_quote:
            if _OLD_TO_THE_END.search(match[3]):
                return _to_the_end(source, match.start())
            return match.start(), _closing(source, match)
    return None


def _closing(source: str, opening: re.Match[str]) -> int:
    """Where the element opened there ends: one pass, counting tags of its name."""
    depth, name = 0, opening[2].lower()
    for match in _TAG.finditer(source, opening.start()):
        if match[2].lower() != name:
            continue
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.end()
    return len(source)


def _to_the_end(source: str, start: int) -> tuple[int, int]:
    """From `start` as far as the enclosing element reaches, so that tags stay balanced."""
    depth = 0
    for match in _TAG.finditer(source, start):
        depth += -1 if match[1] else 1
        if depth < 0:
            return start, match.start()
    return start, len(source)
