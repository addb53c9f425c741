"""What a file says of a filter, before anybody confirmed it.

Nothing is widened: a condition that cannot be asked here becomes `NEVER`, which no mail meets, and
leaves the filter disabled. Denials stand at single conditions only, so that with it a filter meets
less than the file says, never more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from relance.criteria import conditions
from relance.lib.text import squeeze

Tree = dict[str, Any]
Action = dict[str, Any]
Warned = tuple[str, dict[str, str]]

NEVER: Tree = {"any": []}
EVERY, ALL, ANY = "every", "all", "any"
LONGEST_VALUE, LONGEST_NAME = 500, 120
_LONGEST_SHOWN = 200
_MOST_WARNINGS = 50
#: Stay off until somebody confirms them: mail would be lost, or leave the house.
CONFIRMED_ONLY = frozenset({"trash", "spam", "forward"})


class RefusedFile(ValueError):
    """A file that is not read at all. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Draft:
    """A filter as a file has it. `actions` may be done; those in `unconfirmed` (of the same shape)
    only once the user said so. `disabled_because` is a code, "" when it may be enabled at once."""

    name: str
    match: str = ALL
    criteria: Tree = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    unconfirmed: tuple[Action, ...] = ()
    stops: bool = False
    is_outgoing: bool = False
    disabled_because: str = ""
    warnings: tuple[Warned, ...] = ()
    origin: str = ""
    source: str = ""
    fingerprint: str = ""

    @property
    def is_enabled(self) -> bool:
        return not self.disabled_because

    @property
    def labels(self) -> list[str]:
        return [a["label"] for a in self.actions if a["kind"] == "label"]

    @property
    def folders(self) -> list[str]:
        return [a["folder"] for a in self.actions if a["kind"] in ("move", "copy")]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `templates` are texts of answers that stood beside the filters."""

    origin: str
    drafts: tuple[Draft, ...]
    warnings: tuple[Warned, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()


class Notes:
    """What is to be said of one filter while it is read."""

    def __init__(self) -> None:
        self.warnings: list[Warned] = []
        self.disabled_because = ""

    def say(self, code: str, what: str = "") -> None:
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append((code, {"what": squeeze(what)[:_LONGEST_SHOWN]} if what else {}))

    def disable(self, why: str) -> None:
        """The first reason counts."""
        self.disabled_because = self.disabled_because or why

    def lost(self, code: str, what: str = "") -> Tree:
        """A condition that cannot be asked: said, and met by nothing."""
        self.say(code, what)
        self.disable("condition")
        return NEVER


def ask(name: str, operator: str, value: Any = None) -> Tree:
    asked = {"field": name, "op": operator}
    return asked if value is None else {**asked, "value": value}


def ask_text(notes: Notes, name: str, operator: str, text: str) -> Tree:
    """A condition on a text, unless it would mean something else here."""
    if not text:
        return notes.lost("no_value", name)
    if len(text) > LONGEST_VALUE:
        return notes.lost("long_value", text)
    if "*" in text:
        return notes.lost("star", text)
    if text != text.strip() or "\0" in text:
        return notes.lost("spaces", f"“{text}”")
    return ask(name, operator, text)


def all_of(nodes: Iterable[Tree]) -> Tree:
    return _group(ALL, nodes)


def any_of(nodes: Iterable[Tree]) -> Tree:
    return _group(ANY, nodes)


def _group(key: str, nodes: Iterable[Tree]) -> Tree:
    """A group without groups of its own kind in it; of one node, that node."""
    flat: list[Tree] = []
    for node in nodes:
        inner = node.get(key) if node != NEVER or key == ANY else None
        flat.extend(inner if inner is not None else [node])
    return flat[0] if len(flat) == 1 else {key: flat}


def criteria_of(tree: Tree, notes: Notes) -> tuple[str, Tree]:
    """How the conditions match, and the tree as it is kept."""
    try:
        conditions.parse(tree, "Mail")
    except conditions.InvalidCriteria as fault:
        tree = notes.lost(f"criteria_{fault.code}", fault.what)
    if ANY in tree:
        return ANY, tree
    return ALL, tree if ALL in tree else {ALL: [tree]}


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of one filter. `tree` is None for every mail; its fingerprint is taken of
    `key`, or of its source."""

    name: str
    source: str
    tree: Tree | None
    actions: list[Action]
    stops: bool = False
    is_outgoing: bool = False
    key: str = ""


def finished(origin: str, notes: Notes, found: Found) -> Draft:
    """The draft: what is dangerous apart, what is useless disabled."""
    tree, actions = found.tree, found.actions
    match, criteria = (EVERY, {}) if tree is None else criteria_of(tree, notes)
    if not actions and not found.stops:
        notes.say("no_action")
        notes.disable("no_action")
    kept = [a for a in actions if a["kind"] not in CONFIRMED_ONLY]
    waiting = [a for a in actions if a["kind"] in CONFIRMED_ONLY]
    for action in waiting:
        notes.say("to_confirm", action["kind"])
    return Draft(
        name=squeeze(found.name)[:LONGEST_NAME] or "…",
        match=match,
        criteria=criteria,
        actions=tuple(kept),
        unconfirmed=tuple(waiting),
        stops=found.stops,
        is_outgoing=found.is_outgoing,
        disabled_because=notes.disabled_because,
        warnings=tuple(notes.warnings),
        origin=origin,
        source=found.source,
        fingerprint=fingerprint(origin, found.key or found.source),
    )


def fingerprint(origin: str, text: str) -> str:
    """Sixty-four hexadecimal digits: the same for the same filter of the same kind of file."""
    return hashlib.sha256(f"{origin}\n{text}".encode(errors="replace")).hexdigest()


def repeated(drafts: Sequence[Draft]) -> set[int]:
    """The places of those that say what one before them says."""
    seen: set[str] = set()
    found = set()
    for place, draft in enumerate(drafts):
        if draft.fingerprint in seen:
            found.add(place)
        seen.add(draft.fingerprint)
    return found
