"""What of sanitised HTML a reader can see.

A quote goes to others under the answerer's name: what a stranger hid in his mail by a style (a
text for machines, somebody else's words) must not travel with it unseen.
"""

import re
from bisect import bisect_left

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
    tags = list(_TAG.finditer(html))
    ends = _ends(tags, len(html))
    seen = [found.start() for found in _SEEN_INSIDE.finditer(html)]
    pieces: list[str] = []
    position = 0
    for number, tag in enumerate(tags):
        if tag[1] or tag.start() < position:
            continue
        hidden = _hidden(tag[3])
        end = ends.get(number, tag.end())
        if hidden == "small" and (number not in ends or _holds_any(seen, tag.end(), end)):
            continue
        if hidden:
            pieces.append(html[position : tag.start()])
            position = end
    return "".join([*pieces, html[position:]])


def _ends(tags: list[re.Match[str]], length: int) -> dict[int, int]:
    """Where each element ends, by the number of its opening tag; void ones have no end."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for number, tag in enumerate(tags):
        if tag[1]:
            if opened:
                ends[opened.pop()] = tag.end()
        elif tag[2].lower() not in _VOID:
            opened.append(number)
    return ends | dict.fromkeys(opened, length)


def _holds_any(positions: list[int], start: int, end: int) -> bool:
    at = bisect_left(positions, start)
    return at < len(positions) and positions[at] < end


def _hidden(attributes: str) -> str:
    """ "gone", "small" (its text is, what sets a size of its own inside is not), or ""."""
    found = _STYLE.search(attributes)
    if found is None:
        return ""
    style = found[1]
    if _GONE.search(style) or (_CUT.search(style) and _FLAT.search(style)):
        return "gone"
    return "small" if _SMALL.search(style) else ""
