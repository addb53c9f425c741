"""Plain text shown as HTML."""

from __future__ import annotations

import html
import re

_LINK = re.compile(r"\bhttps?://[^\s<>\"]{1,2000}|\bwww\.[^\s<>\"]{1,500}")
_TRAILING = ".,;:!?)]}'\"»"


def text_to_html(text: str) -> str:
    """`text` escaped, its links made links, its line ends kept. Safe to show as it is."""
    out: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        out += [html.escape(text[end : match.start()]), _link(match[0])]
        end = match.end()
    out.append(html.escape(text[end:]))
    return "".join(out).replace("\n", "<br>\n")


def _link(address: str) -> str:
    kept = address.rstrip(_TRAILING)
    if kept.count("(") > kept.count(")") and address[len(kept) :].startswith(")"):
        kept += ")"
    target = kept if kept.startswith("http") else f"https://{kept}"
    shown, rest = html.escape(kept), html.escape(address[len(kept) :])
    return (
        f'<a href="{html.escape(target)}" target="_blank" '
        f'rel="noopener noreferrer nofollow">{shown}</a>{rest}'
    )
