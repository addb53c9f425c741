"""Filters written as Gmail's mailFilters.xml, as far as Gmail can do what they do.

An expression is written only if reading it gives the very same conditions back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from relance.inbox.filter_files import gmail_query
from relance.inbox.filter_files.drafts import (
    ALL,
    ANY,
    EVERY,
    Action,
    Draft,
    Notes,
    Tree,
    criteria_of,
)
from relance.inbox.filter_files.gmail import APPS, ATOM

_FLAGS = {
    "star": "shouldStar",
    "read": "shouldMarkAsRead",
    "never_spam": "shouldNeverSpam",
    "archive": "shouldArchive",
    "trash": "shouldTrash",
}
_VALUED = {"label": ("label", "label"), "forward": ("forwardTo", "to")}
_PRIORITIES = {1: "shouldAlwaysMarkAsImportant", -1: "shouldNeverMarkAsImportant"}
_OPERATORS = ("", *(f"{name}:" for name in gmail_query.FIELDS), "label:")
Property = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """The file, in UTF-8, and the places of the filters that Gmail cannot have."""

    data: bytes
    left: tuple[int, ...]


def write(drafts: Sequence[Draft]) -> Written:
    entries, left = [], []
    for place, draft in enumerate(drafts):
        properties = _properties(draft)
        if properties is None:
            left.append(place)
        else:
            entries.append(_entry(draft.name, properties))
    head = f"<feed xmlns='{ATOM}' xmlns:apps='{APPS}'>\n  <title>Mail Filters</title>\n"
    text = f"<?xml version='1.0' encoding='UTF-8'?>\n{head}{''.join(entries)}</feed>\n"
    return Written(text.encode(), tuple(left))


def _entry(name: str, properties: list[Property]) -> str:
    lines = [
        "<category term='filter'></category>",
        f"<title>{escape(name)}</title>",
        "<content></content>",
        *(f"<apps:property name='{key}' value={quoteattr(value)}/>" for key, value in properties),
    ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _properties(draft: Draft) -> list[Property] | None:
    """None where Gmail could not do the same: no order, no filters that are off, none on what
    one sends."""
    if not draft.is_enabled or draft.stops or draft.is_outgoing or draft.match == EVERY:
        return None
    text = expression(draft.match, draft.criteria)
    done = [_action(a) for a in (*draft.actions, *draft.unconfirmed)]
    known = [one for one in done if one is not None]
    if text is None or not known or len(known) < len(done):
        return None
    return [("hasTheWord", text), *known]


def _action(action: Action) -> Property | None:
    kind = action["kind"]
    if kind in _FLAGS:
        return _FLAGS[kind], "true"
    if kind in _VALUED:
        name, key = _VALUED[kind]
        return name, action[key]
    important = _PRIORITIES.get(action.get("priority", 0)) if kind == "priority" else None
    return (important, "true") if important else None


def expression(match: str, criteria: Tree) -> str | None:
    """The search expression that asks the same; None if there is none."""
    text = _written(criteria)
    if text is None:
        return None
    notes = Notes()
    read = criteria_of(gmail_query.read(text, notes), notes)
    return text if not notes.warnings and read == (match, criteria) else None


def _written(node: Tree) -> str | None:
    if ALL not in node and ANY not in node:
        return next((text for text, nodes in _candidates(node, ALL) if nodes == [node]), None)
    key = ANY if ANY in node else ALL
    whole = next((text for text, nodes in _candidates(node, "") if nodes == [node]), None)
    if whole is not None:
        return whole
    parts, at = [], 0
    while at < len(node[key]):
        text, count = _run(node[key][at:], key)
        if text is None:
            return None
        parts.append(text)
        at += count
    joined = " ".join(parts)
    return f"{{{joined}}}" if key == ANY else joined if len(parts) == 1 else f"({joined})"


def _run(nodes: list[Tree], key: str) -> tuple[str | None, int]:
    """One term for as many of the first nodes as one term can ask."""
    found = [
        (text, len(asked))
        for text, asked in _candidates(nodes[0], key)
        if nodes[: len(asked)] == asked
    ]
    if found:
        return max(found, key=lambda one: one[1])
    return _written(nodes[0]), 1


def _candidates(node: Tree, key: str) -> Iterator[tuple[str, list[Tree]]]:
    """Terms that might ask it, each with what it asks within a group of that kind."""
    for text in _terms(node):
        for sign in ("", "-"):
            notes = Notes()
            tree = gmail_query.read(sign + text, notes)
            if not notes.warnings:
                yield sign + text, tree[key] if key and key in tree else [tree]


def _terms(node: Tree) -> Iterator[str]:
    field, value = _told(node)
    if field == "hasAttachment":
        yield "has:attachment"
    elif field == "size" and value:
        octets = Decimal(value) * 1000
        if octets == int(octets):
            yield from (f"larger:{int(octets)}", f"smaller:{int(octets)}")
    elif field == "receivedAt" and value:
        day = value.replace("-", "/")
        yield from (f"after:{day}", f"before:{day}", f"newer_than:{value}d")
    elif value and '"' not in value:
        yield from (f'{operator}"{value}"' for operator in _OPERATORS)


def _told(node: Tree) -> tuple[str, str]:
    """The field of the first condition with a value in it, and the value."""
    for inner in node.get(ALL) or node.get(ANY) or ():
        field, value = _told(inner)
        if value:
            return field, value
    value = node.get("value", "")
    return str(node.get("field", "")), "" if isinstance(value, list | dict) else str(value)
