"""What of sanitised HTML a reader can see.

A quote goes to others under the answerer's name: what a stranger hid in his mail by a style (a
text for machines, somebody else's words) must not travel with it unseen.
"""

import re

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\"[^\"]*\"|[^<>\"])*+)>", re.IGNORECASE)
_STYLE = re.compile(r"\bstyle=\"([^\"]*)\"", re.IGNORECASE)
_VOID = {"br", "hr", "img", "area", "col", "wbr"}
_ZERO = r"0(?:\.0*)?(?:px|pt|em|rem|ex|%)?"
_END = r"\s*(?:!important)?\s*(?:;|$)"
_GONE = re.compile(
    rf"(?:^|;)\s*(?:display:\s*none|visibility:\s*(?:hidden|collapse)|opacity:\s*{_ZERO}){_END}",
    re.IGNORECASE,
)
_SMALL = re.compile(rf"(?:^|;)\s*font-size:\s*{_ZERO}{_END}", re.IGNORECASE)
_FLAT = re.compile(rf"(?:^|;)\s*(?:max-)?(?:height|width):\s*{_ZERO}{_END}", re.IGNORECASE)
_CUT = re.compile(r"(?:^|;)\s*overflow(?:-[xy])?:\s*(?:hidden|clip)", re.IGNORECASE)
_ANY = re.compile(r"none|hidden|collapse|clip|opacity:\s*0|font-size:\s*0", re.IGNORECASE)
_SEEN_INSIDE = re.compile(r"<img\b|\bfont-size:\s*(?!0)", re.IGNORECASE)


def without_hidden(html: str) -> str:
    """`html` (sanitised, so that its tags are balanced) without the elements that its styles make
    invisible. Linear."""
    if not _ANY.search(html):
        return html
    pieces: list[str] = []
    position = depth = 0
    start = -1  # of the hidden element we are in
    is_small = False
    for match in _TAG.finditer(html):
        is_void = match[2].lower() in _VOID
        if start >= 0:
            depth += 0 if is_void else -1 if match[1] else 1
            if depth == 0:
                position = _cut(html, pieces, (position, start, match.end()), is_small)
                start = -1
        elif not match[1] and (hidden := _hidden(match[3])):
            is_small = hidden == "small"
            if is_void:
                position = _cut(html, pieces, (position, match.start(), match.end()), is_small)
            else:
                start, depth = match.start(), 1
    if start >= 0:
        pieces.append(html[position:start])
        return "".join(pieces)
    return "".join([*pieces, html[position:]])


def _hidden(attributes: str) -> str:
    """ "gone", "small" (its text is, what sets a size of its own inside is not), or ""."""
    found = _STYLE.search(attributes)
    if found is None:
        return ""
    style = found[1]
    if _GONE.search(style) or (_CUT.search(style) and _FLAT.search(style)):
        return "gone"
    return "small" if _SMALL.search(style) else ""


def _cut(html: str, pieces: list[str], span: tuple[int, int, int], is_small: bool) -> int:
    """Leave `span` (position, start, end) out, unless something in small print is seen after all;
    returns where the text goes on."""
    position, start, end = span
    if is_small and _SEEN_INSIDE.search(html, html.find(">", start), end):
        return position
    pieces.append(html[position:start])
    return end
