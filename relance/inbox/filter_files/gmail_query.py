"""Gmail's search expressions, as its filters hold them, read into conditions.

    all    := any any …                 a space is "and"
    any    := one "OR" one …            binds closer than "and"
    one    := "-" one | "(" all ")" | "{" all "}" | word ":" one | "phrase" | word

Braces are "or". Denials are carried down to single conditions. A bare word is looked for in the
subject, the text and the addresses; denied, in the names of attachments too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from relance.inbox.filter_files.drafts import (
    NEVER,
    Notes,
    Tree,
    all_of,
    any_of,
    ask,
    ask_text,
)

DEEPEST = 20
MOST_TOKENS = 600
ANYWHERE = ("subject", "body", "from", "fromName", "toOrCc")
#: Operators that look for a text in one field.
FIELDS = {
    "from": "from",
    "to": "toOrCc",
    "cc": "cc",
    "subject": "subject",
    "list": "listId",
    "replyto": "replyTo",
    "filename": "attachmentName",
}
_OFTEN_EMPTY = frozenset({"cc", "listId", "replyTo", "attachmentName", "fromName"})
_RECIPIENTS = frozenset({"toOrCc", "cc", "replyTo"})
_UNITS = {"": 1, "k": 1024, "kb": 1024, "m": 1024**2, "mb": 1024**2}
_TOKEN = re.compile(
    r'\s*(?:(?P<mark>[(){}])|(?P<minus>-(?=[^\s]))|(?P<phrase>"[^"]*"?)'
    r'|(?P<op>[A-Za-z][A-Za-z0-9_]*):(?=[^\s/])|(?P<word>[^\s(){}"]+))'
)
_SIZE = re.compile(r"(\d{1,12})([kmKM][bB]?)?")
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_LAST_DAYS = re.compile(r"(\d{1,4})d")


class _Broken(ValueError):
    """An expression that is not of this grammar."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # mark, minus, phrase, op, word, end
    text: str


_END = _Token("end", "")


def read(text: str, notes: Notes, *, field: str = "", denied: bool = False) -> Tree:
    """The conditions of an expression, within a field ("from", "to", "subject") or anywhere."""
    try:
        reader = _Reader(_tokens(text), notes)
        tree = reader.all(field, denied=denied, depth=DEEPEST)
        reader.expect_end()
    except _Broken:
        return notes.lost("unreadable_condition", text)
    return tree


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or len(found) >= MOST_TOKENS:
            raise _Broken(text[at:])
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[_Token], notes: Notes) -> None:
        self._tokens = tokens
        self._notes = notes
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _is(self, kind: str, text: str) -> bool:
        return self._next == _Token(kind, text)

    def expect_end(self) -> None:
        if self._next != _END:
            raise _Broken(self._next.text)

    def all(self, field: str, *, denied: bool, depth: int, closing: str = "") -> Tree:
        """Terms up to the end or `closing`; between braces, one of them is enough."""
        nodes = []
        while self._next != _END and not (closing and self._is("mark", closing)):
            if self._is("word", "AND"):
                self._take()
                continue
            nodes.append(self._any(field, denied=denied, depth=depth))
        if not nodes:
            raise _Broken("nothing")
        return any_of(nodes) if (closing == "}") != denied else all_of(nodes)

    def _any(self, field: str, *, denied: bool, depth: int) -> Tree:
        nodes = [self._one(field, denied=denied, depth=depth)]
        while self._is("word", "OR"):
            self._take()
            nodes.append(self._one(field, denied=denied, depth=depth))
        return all_of(nodes) if denied else any_of(nodes)

    def _one(self, field: str, *, denied: bool, depth: int) -> Tree:
        if depth < 0:
            raise _Broken("too deep")
        token = self._take()
        if token.kind == "minus":
            return self._one(field, denied=not denied, depth=depth - 1)
        if token.kind == "mark" and token.text in "({":
            closing = ")" if token.text == "(" else "}"
            tree = self.all(field, denied=denied, depth=depth - 1, closing=closing)
            if self._take() != _Token("mark", closing):
                raise _Broken(closing)
            return tree
        if token.kind == "op":
            return self._operator(token.text.lower(), field, denied=denied, depth=depth)
        if token.kind == "phrase":
            return self._text(field, token.text.strip('"').strip(), denied=denied)
        if token.kind == "word" and token.text not in ("OR", "AND"):
            return self._word(field, token.text, denied=denied)
        raise _Broken(token.text)

    def _operator(self, name: str, field: str, *, denied: bool, depth: int) -> Tree:
        if name in FIELDS and not field:
            return self._one(name, denied=denied, depth=depth - 1)
        # Another operator's value is read, and thrown away, in the same way.
        start = self._at
        if name not in FIELDS and self._next.kind in ("word", "phrase") and not field:
            value = self._take().text.strip('"')
            tree = _asked(name, value, denied=denied)
            return tree or self._notes.lost("unknown_operator", f"{name}:{value}")
        unheard = _Reader(self._tokens[start:], Notes())
        unheard._one("subject", denied=False, depth=depth - 1)
        self._at = start + unheard._at
        return self._notes.lost("operator_inside" if field else "unknown_operator", f"{name}:")

    def _word(self, field: str, word: str, *, denied: bool) -> Tree:
        if word == "|" or word.startswith("~"):
            return self._notes.lost("unknown_operator", word)
        if word == "AROUND":
            raise _Broken(word)
        text = word.lstrip("+").strip("*") if word.strip("+*") else word
        return self._text(field, text.strip(","), denied=denied)

    def _text(self, field: str, text: str, *, denied: bool) -> Tree:
        if not field:
            return self._anywhere(text, denied=denied)
        name = FIELDS[field]
        text = text.strip("<>") if name == "listId" else text
        if name in _RECIPIENTS and denied and "@" not in text and "." not in text:
            return self._notes.lost("recipient_names", text)
        asked = self._contains(name, text, denied=denied)
        if name != "from" or asked == NEVER or (not denied and _is_address(text)):
            return asked
        both = [asked, self._contains("fromName", text, denied=denied)]
        return all_of(both) if denied else any_of(both)

    def _anywhere(self, text: str, *, denied: bool) -> Tree:
        fields = (*ANYWHERE, "attachmentName") if denied else ANYWHERE
        nodes = [self._contains(fields[0], text, denied=denied)]
        if nodes[0] == NEVER:
            return NEVER
        nodes += [self._contains(name, text, denied=denied) for name in fields[1:]]
        return all_of(nodes) if denied else any_of(nodes)

    def _contains(self, name: str, text: str, *, denied: bool) -> Tree:
        asked = ask_text(self._notes, name, "not_contains" if denied else "contains", text)
        if denied and name in _OFTEN_EMPTY and asked != NEVER:
            return any_of([ask(name, "empty"), asked])
        return asked


def _is_address(text: str) -> bool:
    """An address or a domain: looked for in the address alone, whatever the name says."""
    return "@" in text or ("." in text.strip(".") and " " not in text)


def _asked(name: str, value: str, *, denied: bool) -> Tree | None:
    """A condition by another operator than those that look for a text."""
    if name == "has" and value.lower() == "attachment":
        return ask("hasAttachment", "no" if denied else "yes")
    if name in ("larger", "smaller", "size"):
        return _sized(value, is_larger=name != "smaller", denied=denied)
    if name in ("after", "before"):
        return _dated(value, is_after=name == "after", denied=denied)
    if name == "newer_than" and not denied and (found := _LAST_DAYS.fullmatch(value)):
        days = int(found[1])
        return ask("receivedAt", "last_days", days) if 0 < days <= 3660 else None
    if name == "label" and value and "*" not in value and len(value) <= 100:
        if not denied:
            return ask("label", "is", value)
        return any_of([ask("label", "empty"), ask("label", "is_not", value)])
    return None


def _sized(value: str, *, is_larger: bool, denied: bool) -> Tree | None:
    found = _SIZE.fullmatch(value)
    if found is None:
        return None
    return sized(int(found[1]) * _UNITS[(found[2] or "").lower()], is_larger, denied=denied)


def sized(octets: int, is_larger: bool, *, denied: bool = False) -> Tree:
    """A condition on the size; ours is asked in thousands of bytes."""
    operator = {(True, False): "gt", (True, True): "le", (False, False): "lt", (False, True): "ge"}
    whole, rest = divmod(octets, 1000)
    kilobytes = f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    return ask("size", operator[is_larger, denied], kilobytes)


def _dated(value: str, *, is_after: bool, denied: bool) -> Tree | None:
    """Whether the day itself belongs to it is not sure; so it does not, here."""
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None
    return ask("receivedAt", "after" if is_after != denied else "before", day)
