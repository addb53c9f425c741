"""Address lists (RFC 5322, 3.4) as people and programs really write them, in linear time."""

import re
from collections.abc import Iterator

from relance.mime.message import Address
from relance.mime.words import decode_words, one_line

MAX_ADDRESSES = 50_000
MAX_NAME = 300
MAX_ADDRESS = 998

_ENCODED_COMMA = "=?utf-8?q?=2C?="  # between two people: how Python folds long lists (gh-100884)
_SIMPLE = re.compile(r"([^<>@]*+)<\s*([^<>\s]+)\s*>\Z")
# One token: an encoded word, a quoted string, an angle address, a delimiter, or plain text.
_WORD_TOKEN = r'(=\?[^?\s"<>]{1,60}\?[bBqQ]\?[^?"<>]*+\?=)'
_OTHER_TOKEN = r'|(<[^<>]*+>)|([(),;:"<>\\])|[^(),;:"<>\\=]++|='
_TOKEN = re.compile(_WORD_TOKEN + r'|("(?:[^"\\]|\\.)*+")' + _OTHER_TOKEN, re.DOTALL)
_UNQUOTED_TOKEN = re.compile(_WORD_TOKEN + "|(?!)()" + _OTHER_TOKEN, re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def addresses(text: str) -> tuple[Address, ...]:
    """The mailboxes of a header value, groups opened, at most `MAX_ADDRESSES`.

    `text` is unfolded, encoded words not yet decoded. Never raises: what is no address comes
    back as a name with an empty address, or is left out when there is nothing at all in it.
    """
    if _ENCODED_COMMA in text:
        text = text.replace(_ENCODED_COMMA, ",")
    if not any(c in text for c in '"(\\;:=') and "><" not in text:
        found = _split_simple(text)
        if found is not None:
            return found
    return _join_loose(_items(text))


def _split_simple(text: str) -> tuple[Address, ...] | None:
    """The common case: no quotes, comments, groups nor encoded words; None if not that."""
    found: list[Address] = []
    for element in text.split(",", MAX_ADDRESSES)[:MAX_ADDRESSES]:
        item = element.strip()
        match = _SIMPLE.match(item)
        if match:
            found.append(Address(_name(match[1]), match[2][:MAX_ADDRESS]))
        elif item and "@" in item and " " not in item and "<" not in item:
            found.append(Address("", item[:MAX_ADDRESS]))
        elif item:
            return None
    return tuple(found)


class _Item:
    """One list element being read: its words, its comments, its angle address."""

    __slots__ = ("angle", "comments", "quoted", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None
        self.quoted = False

    def address(self) -> Address | None:
        """The element as an address; None when it is empty."""
        words = one_line("".join(self.words))
        if self.angle is not None and (self.angle or words):
            return Address(_name(words), self.angle)
        comment = _name(" ".join(self.comments))
        if "@" in words and (not self.quoted or " " not in words):
            return _bare(words, comment)
        if words:
            return Address(_name(words), "")
        return Address(comment, "") if comment else None


def _bare(words: str, comment: str) -> Address:
    """ "a@b" alone, or a name and an address without brackets."""
    if " " not in words:
        return Address(comment, words[:MAX_ADDRESS])
    pieces = words.split(" ")
    at = next(i for i, piece in enumerate(pieces) if "@" in piece)
    if pieces[at] == "@" or pieces[at][:1] == "@" or pieces[at][-1:] == "@":
        return Address(comment, words.replace(" ", "")[:MAX_ADDRESS])
    rest = " ".join(pieces[:at] + pieces[at + 1 :])
    return Address(_name(rest) or comment, pieces[at][:MAX_ADDRESS])


def _items(text: str) -> Iterator[_Item]:
    """The elements of the list, in order, with group names and their delimiters dropped."""
    item = _Item()
    depth = 0
    closers = text.count(")")
    for match in _tokens(text):
        kind, token = match.lastindex, match[0]
        closers -= token == ")"
        if depth:
            depth += (token == "(") - (token == ")")
            if depth:
                item.comments.append(token)
        elif token == "(" and closers > 0:
            depth = 1
        elif token in (",", ";"):
            yield item
            item = _Item()
        elif token == ":" and item.angle is None and "@" not in "".join(item.words[-3:]):
            item = _Item()
        else:
            _take(item, kind, token)
    yield item


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a list. A quote that never closes ends all quoting: each further one would
    have the rest searched again."""
    for match in _TOKEN.finditer(text):
        yield match
        if match[0] == '"':
            yield from _UNQUOTED_TOKEN.finditer(text, match.end())
            return


def _take(item: _Item, kind: int | None, token: str) -> None:
    if kind == 3:
        inner = _angle(token)
        if item.angle is None or (inner and "@" not in item.angle):
            item.angle = inner
    elif kind == 2:
        item.words.append(_ESCAPED.sub(r"\1", token[1:-1]) if "\\" in token else token[1:-1])
        item.quoted = True
    elif token not in '"<>\\':
        item.words.append(token)


def _angle(token: str) -> str:
    inner = token[1:-1].strip() if '"' in token else "".join(token[1:-1].split())
    if inner[:1] == "@" and ":" in inner:  # a source route, obsolete since 1989
        inner = inner.rpartition(":")[2]
    if inner[:7].lower() == "mailto:":
        inner = inner[7:]
    if len(inner) > 1 and inner[0] == inner[-1] and inner[0] in "'\"":
        inner = inner[1:-1]
    if inner[:11].lower() == "undisclosed" and ":" in inner:
        return ""
    return _CONTROLS.sub("", inner)[:MAX_ADDRESS]


def _name(words: str) -> str:
    name = one_line(_CONTROLS.sub(" ", decode_words(words)))
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name[:MAX_NAME]


def _join_loose(items: Iterator[_Item]) -> tuple[Address, ...]:
    """Addresses, an unquoted `Dupont, Jean <j@d>` put together again."""
    found: list[Address] = []
    loose = ""
    for item in items:
        address = item.address()
        if address is None:
            continue
        if not address.address and item.angle is None:
            loose = f"{loose}, {address.name}" if loose else address.name
            continue
        if loose and item.angle is not None and address.name:
            address = Address(f"{loose}, {address.name}"[:MAX_NAME], address.address)
        elif loose:
            found.append(Address(loose[:MAX_NAME], ""))
        loose = ""
        found.append(address)
        if len(found) >= MAX_ADDRESSES:
            return tuple(found)
    if loose:
        found.append(Address(loose[:MAX_NAME], ""))
    return tuple(found[:MAX_ADDRESSES])
