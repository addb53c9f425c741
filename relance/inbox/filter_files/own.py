"""Our own file of filters: JSON, of which nothing is lost.

{"format": "relance-filters", "version": 1, "filters": [
    {"name", "match", "criteria", "actions", "stops", "outgoing", "enabled"}, …]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from relance.criteria import conditions
from relance.inbox.filter_files.drafts import (
    ALL,
    ANY,
    EVERY,
    LONGEST_VALUE,
    NEVER,
    Action,
    Draft,
    Found,
    Notes,
    Reading,
    RefusedFile,
    Tree,
    finished,
)

ORIGIN = "json"
FORMAT, VERSION = "relance-filters", 1
MOST_FILTERS = 1000
_MOST_ACTIONS = 20
_KNOWN = {"name", "match", "criteria", "actions", "stops", "outgoing", "enabled"}
#: The kinds of actions, and what stands beside each.
_ACTIONS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("read", "unread", "star", "unstar", "archive", "trash"), frozenset()),
    **dict.fromkeys(("spam", "never_spam", "stop"), frozenset()),
    **dict.fromkeys(("move", "copy"), frozenset({"folder"})),
    "label": frozenset({"label"}),
    "tag": frozenset({"tags"}),
    "task": frozenset({"name", "days", "priority", "assignee"}),
    "reminder": frozenset({"reminder", "minutes", "note", "by_mail"}),
    "priority": frozenset({"priority"}),
    "link": frozenset({"entity", "record"}),
    "forward": frozenset({"to"}),
}


def is_one(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def write(drafts: Sequence[Draft]) -> bytes:
    """The file, in UTF-8, a filter on each line. Actions that wait to be confirmed are written
    with the others."""
    lines = ",\n".join(json.dumps(_written(draft), ensure_ascii=False) for draft in drafts)
    head = json.dumps({"format": FORMAT, "version": VERSION})[:-1]
    return f'{head}, "filters": [\n{lines}\n]}}\n'.encode()


def _written(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "match": draft.match,
        "criteria": draft.criteria,
        "actions": [*draft.actions, *draft.unconfirmed],
        "stops": draft.stops,
        "outgoing": draft.is_outgoing,
        "enabled": draft.is_enabled,
    }


def read(data: bytes) -> Reading:
    """The filters in it. Raises `RefusedFile`."""
    try:
        kept = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RefusedFile("broken") from None
    if not isinstance(kept, Mapping) or kept.get("format") != FORMAT:
        raise RefusedFile("unknown_format")
    if kept.get("version") != VERSION:
        raise RefusedFile("version")
    filters = kept.get("filters")
    if not isinstance(filters, list):
        raise RefusedFile("broken")
    if not filters:
        raise RefusedFile("no_filter")
    if len(filters) > MOST_FILTERS:
        raise RefusedFile("too_many")
    try:
        return Reading(ORIGIN, tuple(_draft(one) for one in filters))
    except RecursionError:
        raise RefusedFile("broken") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _draft(given: Any) -> Draft:
    notes = Notes()
    source = json.dumps(given, ensure_ascii=False)
    if not isinstance(given, Mapping):
        notes.disable("unreadable")
        given = {}
    for key in sorted(set(given) - _KNOWN):
        notes.lost("unknown_property", key)
    tree = _tree(given, notes)
    if given.get("enabled") is not True:
        notes.disable("off_in_file")
    told = {key: given[key] for key in sorted(set(given) - {"enabled"})}
    found = Found(
        *(str(given.get("name", "")), source, tree, _actions(given.get("actions"), notes)),
        stops=given.get("stops") is True,
        is_outgoing=given.get("outgoing") is True,
        key=json.dumps(told, ensure_ascii=False, sort_keys=True),
    )
    return finished(ORIGIN, notes, found)


def _tree(given: Mapping[str, Any], notes: Notes) -> Tree | None:
    """Every mail only where the file says so in as many words."""
    match, criteria = given.get("match"), given.get("criteria")
    if match == EVERY and criteria in ({}, None):
        return None
    if match not in (ALL, ANY) or not isinstance(criteria, Mapping) or match not in criteria:
        return notes.lost("no_condition")
    try:
        node = conditions.parse(criteria, "Mail")
    except conditions.InvalidCriteria as fault:
        return notes.lost(f"criteria_{fault.code}", fault.what)
    if _meets_all(node):
        return notes.lost("no_condition")
    tree = conditions.dump(node)
    if tree == NEVER:
        notes.disable("condition")
    return tree


def _meets_all(node: conditions.Node) -> bool:
    """Does a group of no conditions stand in it, of which all hold?"""
    if not isinstance(node, conditions.Group):
        return False
    return (not node.nodes and not node.is_any) or any(map(_meets_all, node.nodes))


def _actions(given: Any, notes: Notes) -> list[Action]:
    if not isinstance(given, list):
        notes.say("unknown_action", "actions")
        return []
    if len(given) > _MOST_ACTIONS:
        notes.say("too_many_actions")
    read = [_action(one, notes) for one in given[:_MOST_ACTIONS]]
    return [action for action in read if action is not None]


def _action(given: Any, notes: Notes) -> Action | None:
    kind = str(given.get("kind")) if isinstance(given, Mapping) else ""
    beside = _ACTIONS.get(kind)
    if beside is None:
        notes.say("unknown_action", kind)
        return None
    unknown = set(given) - beside - {"kind"}
    values = [given[key] for key in beside if key in given]
    if unknown or not all(map(_is_plain, values)):
        notes.say("unreadable_action", kind)
        return None
    if missing := [key for key in _NEEDED.get(kind, ()) if not given.get(key)]:
        notes.say("unreadable_action", f"{kind}: {missing[0]}")
        return None
    return dict(given)


_NEEDED = {
    "label": ("label",),
    "tag": ("tags",),
    "move": ("folder",),
    "copy": ("folder",),
    "forward": ("to",),
    "link": ("entity", "record"),
    "reminder": ("minutes",),
}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _MOST_ACTIONS and all(isinstance(v, str) for v in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    return value is None or isinstance(value, bool | int)
