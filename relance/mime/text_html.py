"""Plain text shown as HTML: escaped, its links made links, its quotes folded."""

import html
import re

from relance.mime.quotes import split_quotes

MAX_TEXT = 1_000_000
_LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"\x00-\x1f]{1,2000}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"»’”>"
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


def text_to_html(text: str, *, quote_label: str = "…", with_folds: bool = True) -> str:
    """`text` as safe HTML: paragraphs, line ends, links; each quote is folded behind a button
    named `quote_label`, a signature is set apart. A mail that is only a quote stays open, and so
    do all without `with_folds` (paper has no buttons)."""
    blocks = split_quotes(text[:MAX_TEXT])
    has_own = any(block.kind == "own" and block.text.strip() for block in blocks)
    pieces: list[str] = []
    for block in blocks:
        inner = _paragraphs(block.text)
        if not inner:
            continue
        if block.kind == "quote" and has_own:
            inner = f"<blockquote>{inner}</blockquote>"
            inner = folded(inner, quote_label) if with_folds else inner
        elif block.kind == "signature":
            inner = f'<div class="signature">{inner}</div>'
        pieces.append(inner)
    return "\n".join(pieces)


def folded(inner: str, label: str) -> str:
    """`inner` (safe HTML) behind a button."""
    summary = f'<summary aria-label="{html.escape(label)}">…</summary>'
    return f'<details class="quoted">{summary}{inner}</details>'


def _paragraphs(text: str) -> str:
    pieces = [piece.strip("\n") for piece in _PARAGRAPH.split(text.strip("\r\n"))]
    return "\n".join(f"<p>{_lines(piece)}</p>" for piece in pieces if piece.strip())


def _lines(text: str) -> str:
    return linked(text).replace("\n", "<br>\n")


def linked(text: str) -> str:
    """`text` escaped, web and mail addresses in it made links."""
    if "://" not in text and "@" not in text and "www." not in text.lower():
        return html.escape(text)
    out: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        out += [html.escape(text[end : match.start()]), _link(match[0])]
        end = match.end()
    out.append(html.escape(text[end:]))
    return "".join(out)


def _link(address: str) -> str:
    kept = address.rstrip(_TRAILING)
    while kept.count("(") > kept.count(")") and address[len(kept) : len(kept) + 1] == ")":
        kept += ")"
    rest = html.escape(address[len(kept) :])
    if kept.lower().startswith(("http://", "https://")):
        target = kept
    elif kept.lower().startswith("www."):
        target = f"https://{kept}"
    else:
        target = f"mailto:{kept}"
    return (
        f'<a href="{html.escape(target)}" target="_blank" '
        f'rel="noopener noreferrer nofollow">{html.escape(kept)}</a>{rest}'
    )
