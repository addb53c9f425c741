"""Quoted history in HTML mail, folded behind a button that opens it. Nothing is removed.

Works on sanitised HTML, whose tags are balanced, through a light tree of its block elements:
linear, and given up (nothing folded) beyond `MAX_TAGS`.
"""

import re
from dataclasses import dataclass, field

from relance.mime.quotes import is_attribution, is_header_block
from relance.mime.text_html import folded

MAX_TAGS = 60_000
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\"[^\"]{0,20000}\"|[^<>\"])*+)>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r"(?:<(?!img\b)[^<>]*>|&nbsp;|\s|\u200b)*+", re.IGNORECASE)
_VOID = {"br", "hr", "img", "area", "col", "wbr"}
_PREFIX = r"(?:class|id|data-marker)=\"(?:[^\"]*\s)?(?:x_)*"
# Elements that hold a quote and nothing else.
_WHOLE = re.compile(
    _PREFIX + r"(?:yahoo_quoted|protonmail_quote|tutanota_quote|OLK_SRC_BODY_SECTION|zmail_extra"
    r"|moz-forward-container|__QUOTED_TEXT__)(?:\s[^\"]*)?\"",
)
# Elements after which, inside their parent, everything is old.
_ONWARD = re.compile(
    _PREFIX
    + r"(?:divRplyFwdMsg|OutlookMessageHeader|zwchr|__DIVIDER__|__HEADERS__)(?:\s[^\"]*)?\"",
)
_GMAIL = re.compile(_PREFIX + r"gmail_quote(?:_container)?(?:\s[^\"]*)?\"")
_ATTRIBUTION = re.compile(_PREFIX + r"(?:gmail_attr|moz-cite-prefix)(?:\s[^\"]*)?\"")
_RULED = re.compile(r"border-top:\s?(?:solid|\d)|border:\s?none;border-top", re.IGNORECASE)
_HEADER_READ = 6_000
_MOST_LOOKS = 300


@dataclass(slots=True)
class _Element:
    """`source[start:end]`, its content being `source[inner:close]`."""

    tag: str
    attributes: str
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: "list[_Element]" = field(default_factory=list)


def fold_html(source: str, *, label: str = "…") -> str:
    """`source` (sanitised) with each quote in `<details class="quoted">`.

    Where a client quotes everything below a mark (Outlook, Zimbra), all that follows inside its
    element is folded; words written between two quotes stay in sight. A mail that is nothing but
    a quote stays open.
    """
    root = _tree(source)
    if root is None:
        return source
    spans = _Finder(source).quotes(root)
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [source[position:start], folded(source[start:end], label)]
        position = end
    outside = "".join(pieces[::2]) + source[position:]
    if not spans or _is_blank(outside):
        return source
    return "".join(pieces) + source[position:]


def _is_blank(source: str) -> bool:
    return bool(_BLANK.fullmatch(source))


def _tree(source: str) -> _Element | None:
    root = _Element("", "", 0, 0, len(source), len(source))
    stack = [root]
    for count, match in enumerate(_TAG.finditer(source)):
        if count >= MAX_TAGS:
            return None
        name = match[2].lower()
        if match[1]:
            _close(stack, name, match)
        else:
            element = _Element(name, match[3], match.start(), match.end(), match.end(), match.end())
            stack[-1].children.append(element)
            if name not in _VOID:
                stack.append(element)
    for element in stack[1:]:
        element.close = element.end = len(source)
    return root


def _close(stack: list[_Element], name: str, match: re.Match[str]) -> None:
    # Balanced by the sanitiser; otherwise a stray closing tag is passed over.
    if len(stack) > 1 and stack[-1].tag == name:
        element = stack.pop()
        element.close, element.end = match.start(), match.end()


class _Finder:
    """Finds the spans to fold, outermost first, in order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._spans: list[tuple[int, int]] = []
        self._looks = _MOST_LOOKS

    def quotes(self, root: _Element) -> list[tuple[int, int]]:
        """The spans, disjoint and in order."""
        stack: list[tuple[_Element, int]] = [(root, 0)]
        while stack:
            element, number = stack.pop()
            if number >= len(element.children):
                continue
            child = element.children[number]
            span = self._span(element, number)
            if span is None:
                stack.append((element, number + 1))
                stack.append((child, 0))
                continue
            self._spans.append(span)
            after = number + 1
            while after < len(element.children) and element.children[after].start < span[1]:
                after += 1
            stack.append((element, after))
        return self._spans

    def _span(self, parent: _Element, number: int) -> tuple[int, int] | None:
        child = parent.children[number]
        if _ONWARD.search(child.attributes) or self._is_ruled_header(child):
            return child.start, parent.close
        if _WHOLE.search(child.attributes) or self._is_gmail_whole(child):
            return child.start, child.end
        if child.tag == "blockquote" and self._is_quote(parent, number):
            return child.start, child.end
        following = parent.children[number + 1] if number + 1 < len(parent.children) else None
        if following and following.tag == "blockquote" and self._introduces(child, following):
            return child.start, following.end
        return None

    def _is_gmail_whole(self, element: _Element) -> bool:
        """A Gmail quote; one that was answered between its lines is looked into instead."""
        if element.tag == "blockquote" or not _GMAIL.search(element.attributes):
            return False
        if not self._may_look():
            return False
        position, outside = element.inner, []
        for child in element.children:
            if child.tag == "blockquote" or _ATTRIBUTION.search(child.attributes):
                outside.append(self._source[position : child.start])
                position = child.end
        outside.append(self._source[position : element.close])
        holds_quote = any(child.tag == "blockquote" for child in element.children)
        return not holds_quote or _is_blank("".join(outside))

    def _is_quote(self, parent: _Element, number: int) -> bool:
        child = parent.children[number]
        if 'type="cite"' in child.attributes or _GMAIL.search(child.attributes):
            return True
        before = self._source[max(parent.inner, child.start - 600) : child.start]
        return is_attribution(_text(before))

    def _introduces(self, element: _Element, quote: _Element) -> bool:
        if not _is_blank(self._source[element.end : quote.start]):
            return False
        if _ATTRIBUTION.search(element.attributes):
            return True
        length = element.end - element.start
        return length < 1_500 and is_attribution(_text(self._source[element.start : element.end]))

    def _is_ruled_header(self, element: _Element) -> bool:
        """Outlook's block of headers: below a line drawn by a border, or after a rule."""
        if element.tag not in ("div", "p", "hr") or element.end - element.start > _HEADER_READ * 4:
            return False
        if element.tag == "hr" and self._may_look():
            window = self._source[element.end : element.end + _HEADER_READ]
            return is_header_block(_text(window[: window.rfind("<") + 1 or None]))
        if "border" not in self._source[element.start : element.start + 400]:
            return False
        inner = self._source[element.start : min(element.end, element.start + _HEADER_READ)]
        return (
            bool(_RULED.search(inner[:400])) and self._may_look() and is_header_block(_text(inner))
        )

    def _may_look(self) -> bool:
        """Counts the costly looks, so that hostile nesting cannot multiply them."""
        self._looks -= 1
        return self._looks >= 0


def _text(source: str) -> str:
    lined = re.sub(r"<(?:br|/p|/div|/tr|p|div)\b[^<>]*>", "\n", source, flags=re.IGNORECASE)
    return (
        _ANY_TAG.sub("", lined)
        .replace("&nbsp;", " ")
        .replace("\xa0", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .strip()
    )
