"""Gmail's mailFilters.xml: an Atom feed, whose entries hold properties.

All conditions of an entry hold together. XML from strangers: no document type, no entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from relance.inbox.filter_files import gmail_query
from relance.inbox.filter_files.drafts import (
    LONGEST_VALUE,
    Action,
    Draft,
    Found,
    Notes,
    Reading,
    RefusedFile,
    Tree,
    all_of,
    ask,
    finished,
)

ORIGIN = "gmail"
ATOM = "http://www.w3.org/2005/Atom"
APPS = "http://schemas.google.com/apps/2006"
MOST_FILTERS = 1000
MOST_PROPERTIES = 200
_DECLARED = re.compile(r"\s*<\?xml\b[^>]{0,200}?\?>", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_ENTRY = re.compile(r"<entry[\s>].*?</entry\s*>", re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>,;\"@]+@[^\s<>,;\"@]+")
_SMART = {
    "personal": "Personnel",
    "social": "Réseaux sociaux",
    "promo": "Promotions",
    "notification": "Notifications",
    "group": "Forums",
    "formus": "Forums",
    "forums": "Forums",
    "receipt": "Reçus",
}
_FLAGS: dict[str, Action] = {
    "shouldStar": {"kind": "star"},
    "shouldMarkAsRead": {"kind": "read"},
    "shouldNeverSpam": {"kind": "never_spam"},
    "shouldAlwaysMarkAsImportant": {"kind": "priority", "priority": 1},
    "shouldNeverMarkAsImportant": {"kind": "priority", "priority": -1},
    "shouldArchive": {"kind": "archive"},
    "shouldTrash": {"kind": "trash"},
    "shouldDelete": {"kind": "trash"},
}
_VALUED = ("label", "smartLabelToApply", "forwardTo", "cannedResponse")
_QUERIES = {"from": "from", "to": "to", "subject": "subject", "hasTheWord": ""}
_SIZES = ("size", "sizeOperator", "sizeUnit")
_KNOWN = {*_FLAGS, *_VALUED, *_QUERIES, *_SIZES, "doesNotHaveTheWord", "hasAttachment"}
_SIZE_UNITS = {"": 1, "s_sb": 1, "s_skb": 1024, "s_smb": 1024**2}
_SIZE_OPERATORS = {"": True, "s_sl": True, "s_ss": False}
Properties = list[tuple[str, str]]


def is_one(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read(data: bytes) -> Reading:
    """The filters in it. Raises `RefusedFile`."""
    text = _decoded(data)
    root = _parsed(text)
    if root.tag != f"{{{ATOM}}}feed":
        raise RefusedFile("unknown_format")
    entries = root.findall(f"{{{ATOM}}}entry")
    if len(entries) > MOST_FILTERS:
        raise RefusedFile("too_many")
    sources = _ENTRY.findall(text)
    kept = sources if len(sources) == len(entries) else [""] * len(entries)
    templates = [_template(entry) for entry in entries if _term(entry) == "cannedResponse"]
    rules = [(e, s) for e, s in zip(entries, kept, strict=True) if _term(e) != "cannedResponse"]
    if not rules:
        raise RefusedFile("no_filter")
    return Reading(ORIGIN, tuple(_draft(*rule) for rule in rules), templates=tuple(templates))


def _decoded(data: bytes) -> str:
    found = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    encoding = found[1].decode().lower() if found else "utf-8"
    if encoding not in _ENCODINGS:
        raise RefusedFile("encoding")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except UnicodeDecodeError:
        raise RefusedFile("broken") from None
    declared = _DECLARED.match(text)
    return text[declared.end() :] if declared else text.lstrip()


def _parsed(text: str) -> Element:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise RefusedFile("dtd") from None
    except (ParseError, ValueError, LookupError):
        raise RefusedFile("broken") from None
    return root


def _term(entry: Element) -> str:
    category = entry.find(f"{{{ATOM}}}category")
    return "" if category is None else category.get("term", "")


def _template(entry: Element) -> tuple[str, str]:
    """The title and the text of an answer."""
    return (
        (entry.findtext(f"{{{ATOM}}}title") or "").strip()[:200],
        (entry.findtext(f"{{{ATOM}}}content") or "").strip(),
    )


def _draft(entry: Element, source: str) -> Draft:
    notes = Notes()
    if (term := _term(entry)) != "filter":
        notes.say("unknown_category", term)
        notes.disable("unreadable")
    found: Properties = []
    for one in entry.findall(f"{{{APPS}}}property")[:MOST_PROPERTIES]:
        found.append((one.get("name", ""), one.get("value", "")))
    if len(entry.findall(f"{{{APPS}}}property")) > MOST_PROPERTIES:
        notes.lost("too_many_properties")
    for name, value in found:
        if name not in _KNOWN and name != "excludeChats":
            # It may have been a condition: without it, the filter would meet more.
            notes.lost("unknown_property", f"{name}={value}")
    tree = _conditions(found, notes)
    actions = _actions(found, notes)
    key = "\n".join(f"{name}={value}" for name, value in sorted(_telling(found)))
    title = (entry.findtext(f"{{{ATOM}}}title") or "").strip()
    name = title if title not in ("", "Mail Filter") else _named(found)
    written = source or "\n".join(f"{name}={quoteattr(value)}" for name, value in found)
    return finished(ORIGIN, notes, Found(name, written, tree, actions, key=key))


def _telling(found: Properties) -> Properties:
    """Without what Gmail writes into every entry."""
    has_size = any(name == "size" for name, _ in found)
    silent = {"excludeChats"} if has_size else {"excludeChats", *_SIZES}
    return [(name, value) for name, value in found if name not in silent]


def _named(found: Properties) -> str:
    """Gmail's filters have no names: what they look for."""
    words = [value for name, value in found if name in _QUERIES and value.strip()]
    return " · ".join(words) or next((v for n, v in found if n == "label"), "") or "Gmail"


def _conditions(found: Properties, notes: Notes) -> Tree:
    nodes = []
    for name, value in found:
        if name in _QUERIES and value.strip():
            nodes.append(gmail_query.read(value, notes, field=_QUERIES[name]))
        elif name == "doesNotHaveTheWord" and value.strip():
            # As Gmail does, which denies each of several words, not their company.
            nodes.append(gmail_query.read(f"{{{value}}}", notes, denied=True))
        elif name == "hasAttachment" and _is_true(value):
            nodes.append(ask("hasAttachment", "yes"))
        elif name == "size" and value.strip():
            nodes.append(_size(value.strip(), dict(found), notes))
    return all_of(nodes) if nodes else notes.lost("no_condition")


def _is_true(value: str) -> bool:
    return value.strip().lower() == "true"


def _size(value: str, found: dict[str, str], notes: Notes) -> Tree:
    unit = _SIZE_UNITS.get(found.get("sizeUnit", ""))
    is_larger = _SIZE_OPERATORS.get(found.get("sizeOperator", ""))
    if unit is None or is_larger is None or not re.fullmatch(r"[0-9]{1,12}", value):
        return notes.lost("unknown_size", value)
    return gmail_query.sized(int(value) * unit, is_larger)


def _actions(found: Properties, notes: Notes) -> list[Action]:
    actions: list[Action] = []
    for name, value in found:
        if name in _FLAGS and _is_true(value):
            actions.append(dict(_FLAGS[name]))
            if name == "shouldDelete":
                notes.say("unknown_property", name)
        elif name in _VALUED and value.strip():
            actions.extend(_valued(name, value.strip(), notes))
    moves = [a for a in actions if a["kind"] in ("archive", "trash")]
    kept = [a for a in actions if a not in moves]
    return [*_once(kept), *_once(moves)]


def _once(actions: Iterable[Action]) -> list[Action]:
    found: list[Action] = []
    for action in actions:
        if action not in found:
            found.append(action)
    return found


def _valued(name: str, value: str, notes: Notes) -> list[Action]:
    if name == "cannedResponse":
        notes.say("answer_dropped", value)
    elif len(value) > LONGEST_VALUE:
        notes.say("long_value", value)
    elif name == "label":
        return [{"kind": "label", "label": value}]
    elif name == "forwardTo":
        if _ADDRESS.fullmatch(value):
            return [{"kind": "forward", "to": value}]
        notes.say("no_address", value)
    else:
        label = _SMART.get(value.removeprefix("^smartlabel_").lower())
        notes.say("smart_label" if label else "unknown_smart_label", value)
        return [{"kind": "label", "label": label}] if label else []
    return []
