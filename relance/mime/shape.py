"""Whether HTML has a shape that a tree builder can take in: no person writes the others.

HTML5 tree building is quadratic in three ways: in depth, in the attributes of one tag, and in
the formatting elements left open times the paragraphs that reopen them (measured: 2,000 × 2,000
take 2.7 s, 500,000 attributes about a minute).
"""

import re

MAX_DEPTH = 1_500
MAX_ATTRIBUTES = 5_000
MAX_REOPENED = 2_000_000
_SMALL = 100_000
_FEW_FORMATTING = 30

_FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())
_VOID = set("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_THEMSELVES = set("p li td th tr dd dt option".split())
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,15})", re.IGNORECASE)
_WHOLE_TAG = re.compile(
    r"<(?P<name>[a-z][a-z0-9]{0,15})[^>=]*+"
    r"(?:=\s{0,20}+(?:\"[^\"]*+\"|'[^']*+')?+[^>=]*+)*+(?:>|\Z)",
    re.IGNORECASE,
)
_STOP = re.compile(r"=\s{0,20}[\"']|>")


def is_buildable(html: str) -> bool:
    """False when building a tree of `html` would cost far more than its length deserves."""
    depth = formatting = deepest = tags = 0
    for match in _TAG.finditer(html):
        name = match[2].lower()
        tags += 1
        if name in _VOID or name in _CLOSED_BY_THEMSELVES:
            continue
        step = -1 if match[1] else 1
        depth = max(0, depth + step)
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
            deepest = max(deepest, formatting)
        if depth > MAX_DEPTH:
            return False
    if deepest > _FEW_FORMATTING and deepest * tags > MAX_REOPENED:
        return False
    return len(html) < _SMALL or not _has_crowded_tag(html)


def _has_crowded_tag(html: str) -> bool:
    """Whether some tag carries more than `MAX_ATTRIBUTES`, quoted values left out of account."""
    for match in _WHOLE_TAG.finditer(html):
        if match.end() - match.start() > 2 * MAX_ATTRIBUTES:  # a space and a letter for each
            count, _end = _attributes(html, match.end("name"))
            if count > MAX_ATTRIBUTES:
                return True
    return False


def _attributes(html: str, position: int) -> tuple[int, int]:
    """How many attributes, roughly, the tag has whose name ends at `position`; and its end."""
    count = 0
    while match := _STOP.search(html, position):
        count += len(html[position : match.start()].replace("/", " ").split())
        if match[0] == ">" or count > MAX_ATTRIBUTES:
            return count, match.end()
        closing = html.find(match[0][-1], match.end())
        if closing < 0:
            return count, len(html)
        position = closing + 1
    return count + len(html[position:].split()), len(html)
