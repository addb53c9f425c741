"""Thunderbird's msgFilterRules.dat, read as mailnews/search (nsMsgFilterList.cpp) reads it.

Pairs name="value", in which `\\"` is a quote and `\\\\` a backslash; a filter begins at `name`.
What is not known leaves its filter disabled, with its text kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from relance.inbox.filter_files import thunderbird_actions, thunderbird_terms
from relance.inbox.filter_files.drafts import (
    Draft,
    Found,
    Notes,
    Reading,
    RefusedFile,
    finished,
)

ORIGIN = "thunderbird"
MOST_FILTERS = 1000
_PAIR = re.compile(r'[\s\ufeff]*([A-Za-z][A-Za-z0-9 _-]{0,98})=[^"\r\n]*"((?:\\.|[^"\\\r\n])*)"?')
_ESCAPED = re.compile(r'\\(["\\])')
_VERSION = re.compile(rb'^[\s\xef\xbb\xbf]*version="(\d{1,4})"', re.IGNORECASE)
_HEAD = frozenset({"version", "logging"})
_FIRST_IN_UTF8 = 7
_INCOMING, _MANUAL, _OUTGOING = 1, 16, 64
_IGNORED_BITS = {32: "after_junk", 128: "archiving", 256: "periodic"}
_UNREADABLE_BITS = {2: "javascript", 4: "news", 8: "news_javascript"}


@dataclass(slots=True)
class _Lines:
    """One filter, as the file has it."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.pairs if key == name), None)


def is_one(data: bytes) -> bool:
    return _VERSION.match(data) is not None


def read(data: bytes) -> Reading:
    """The filters in it. Raises `RefusedFile`."""
    found = _VERSION.match(data)
    version = int(found[1]) if found else 0
    warned: list[tuple[str, dict[str, str]]] = []
    try:
        text = data.decode("utf-8-sig" if version >= _FIRST_IN_UTF8 else "cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        warned.append(("encoding", {}))
    filters: list[_Lines] = []
    for name, what in _gathered(text, filters):
        warned.append((name, {"what": what}))
    if not filters:
        raise RefusedFile("no_filter")
    if len(filters) > MOST_FILTERS:
        raise RefusedFile("too_many")
    is_relative = version <= _FIRST_IN_UTF8
    drafts = [_draft(lines, text, is_relative=is_relative) for lines in filters]
    return Reading(ORIGIN, tuple(drafts), tuple(warned))


def _gathered(text: str, filters: list[_Lines]) -> Iterator[tuple[str, str]]:
    """Fill `filters`; what cannot be read outside any of them comes as warnings."""
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end + 1
            lost = text[at:end].strip()
            if lost and filters:
                filters[-1].pairs.append(("", lost))
                filters[-1].end = end
            elif lost:
                yield "unreadable", lost[:200]
            at = end
            continue
        at = pair.end()
        key, value = pair[1].strip().lower(), _ESCAPED.sub(r"\1", pair[2])
        if key == "name":
            filters.append(_Lines(start=pair.start(1)))
        if filters:
            filters[-1].pairs.append((key, value))
            filters[-1].end = at
        elif key not in _HEAD:
            yield "unknown_attribute", key


def _draft(lines: _Lines, text: str, *, is_relative: bool) -> Draft:
    notes = Notes()
    actions = thunderbird_actions.read(lines.pairs, notes, is_relative=is_relative)
    kind = _type(lines.first("type"), notes)
    _unknown(lines, notes)
    condition = lines.first("condition")
    tree = thunderbird_terms.read(condition or "", notes)
    if (lines.first("enabled") or "").lower() != "yes":
        notes.disable("off_in_file")
    source = text[lines.start : lines.end].strip()
    key = "\n".join(f"{k}={v}" for k, v in lines.pairs if k not in ("enabled", "description"))
    found = Found(
        *(lines.first("name") or "", source, tree, actions.listed),
        stops=actions.stops,
        is_outgoing=bool(kind & _OUTGOING) and not kind & _INCOMING,
        key=key,
    )
    return finished(ORIGIN, notes, found)


def _type(word: str | None, notes: Notes) -> int:
    """When it runs, as bits."""
    if word is None or not (word.isascii() and word.isdigit() and len(word) < 10):
        notes.say("unknown_type", word or "")
        notes.disable("unreadable")
        return 0
    kind = int(word)
    for bit, name in _IGNORED_BITS.items():
        if kind & bit:
            notes.say("when_ignored", name)
    for bit, name in _UNREADABLE_BITS.items():
        if kind & bit:
            notes.say("when_unknown", name)
            notes.disable("unreadable")
    if kind & _OUTGOING and kind & _INCOMING:
        notes.say("when_ignored", "outgoing")
    elif not kind & (_INCOMING | _OUTGOING):
        notes.say("manual_only" if kind & _MANUAL else "never_runs")
        notes.disable("manual")
    return kind


def _unknown(lines: _Lines, notes: Notes) -> None:
    known = {"name", "enabled", "description", "type", "condition", *thunderbird_actions.KEYS}
    for key, value in lines.pairs:
        if key not in known:
            notes.say("unknown_attribute", key or value)
            notes.disable("unreadable")
    for once in ("type", "condition"):
        if sum(key == once for key, _ in lines.pairs) > 1:
            notes.say("repeated_attribute", once)
            notes.disable("unreadable")
