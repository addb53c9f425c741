"""The actions of a Thunderbird filter."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from relance.inbox.filter_files.drafts import LONGEST_VALUE, Action, Notes

KEYS = frozenset({"action", "actionvalue", "customid"})
_SPAM = 100
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_ADDRESS = re.compile(r"[^\s<>,;\"@]+@[^\s<>,;\"@]+")
_PRIORITIES = {"highest": 1, "high": 1, "normal": 0, "none": 0, "low": -1, "lowest": -1}
#: The names Thunderbird gives its five tags.
TAGS = {
    "$label1": "Important",
    "$label2": "Work",
    "$label3": "Personal",
    "$label4": "To Do",
    "$label5": "Later",
}
_PLAIN: dict[str, Action] = {
    "mark read": {"kind": "read"},
    "mark unread": {"kind": "unread"},
    "mark flagged": {"kind": "star"},
    "delete": {"kind": "trash"},
    "ignore thread": {"kind": "archive"},
}
_DROPPED = frozenset(
    {
        *("ignore subthread", "watch thread", "reply", "custom"),
        *("delete from pop3 server", "leave on pop3 server", "fetch body from pop3server"),
    }
)
#: Thunderbird does these after the others, whatever their order in the file.
_LATER = {"copy": 1, "move": 2, "trash": 2}


@dataclass(slots=True)
class Actions:
    listed: list[Action] = field(default_factory=list)
    stops: bool = False


def read(pairs: list[tuple[str, str]], notes: Notes, *, is_relative: bool) -> Actions:
    """What it does, in the order in which Thunderbird does it."""
    found = Actions()
    for word, value in _with_values(pairs, notes):
        known = word.lower()
        if known == "stop execution":
            found.stops = True
        elif known in _PLAIN:
            found.listed.append(dict(_PLAIN[known]))
            if known == "ignore thread":
                notes.say("not_muted", word)
        elif known in _VALUED:
            action = _VALUED[known](value, notes, is_relative)
            if action is not None:
                found.listed.append({"kind": action.pop("kind"), **action})
        else:
            notes.say("action_dropped" if known in _DROPPED else "unknown_action", word)
            if known not in _DROPPED:
                notes.disable("unreadable")
    found.listed.sort(key=lambda a: _LATER.get(a["kind"], 0))
    found.stops |= any(a["kind"] in ("move", "trash") for a in found.listed)
    return found


def _with_values(pairs: list[tuple[str, str]], notes: Notes) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in pairs:
        if key == "action":
            found.append((value, ""))
        elif key == "actionvalue" and found:
            found[-1] = (found[-1][0], value)
        elif key == "customid":
            notes.say("add_on", value)
    return found


def _folder(kind: str) -> Callable[[str, Notes, bool], Action | None]:
    def action(value: str, notes: Notes, is_relative: bool) -> Action | None:
        path, server = folder_of(value, is_relative=is_relative)
        if not path or len(path) > LONGEST_VALUE:
            notes.say("no_folder", value)
            return None
        if server:
            notes.say("folder_of", server)
        return {"kind": kind, "folder": path}

    return action


def folder_of(uri: str, *, is_relative: bool = False) -> tuple[str, str]:
    """The path of the folder a URI names, and whose it is (user@server, without an escape)."""
    if "://" not in uri:
        return (_from_utf7(unquote(uri)).strip("/"), "") if is_relative else ("", "")
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "", ""
    path = "/".join(p for p in uri.split("://", 1)[1].split("/")[1:] if p)
    return _from_utf7(unquote(path)), unquote(parts.netloc)


def _from_utf7(name: str) -> str:
    """IMAP's names (RFC 3501, section 5.1.3); what is not in that form stays as it is."""

    def shifted(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        coded = found[1].replace(",", "/")
        try:
            return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            return found[0]

    return _SHIFTED.sub(shifted, name)


def label_of(key: str) -> str:
    return TAGS.get(key.lower(), key.strip())


def _label(value: str, notes: Notes, _is_relative: bool) -> Action | None:
    if not value.strip() or len(value) > LONGEST_VALUE:
        notes.say("no_label", value)
        return None
    return {"kind": "label", "label": label_of(value)}


def _priority(value: str, notes: Notes, _is_relative: bool) -> Action | None:
    if value.lower() not in _PRIORITIES:
        notes.say("unknown_priority", value)
        return None
    return {"kind": "priority", "priority": _PRIORITIES[value.lower()]}


def _forward(value: str, notes: Notes, _is_relative: bool) -> Action | None:
    if not _ADDRESS.fullmatch(value) or len(value) > LONGEST_VALUE:
        notes.say("no_address", value)
        return None
    return {"kind": "forward", "to": value}


def _junk(value: str, notes: Notes, _is_relative: bool) -> Action | None:
    if value == str(_SPAM):
        return {"kind": "spam"}
    if value == "0":
        return {"kind": "never_spam"}
    notes.say("unknown_score", value)
    return None


_VALUED: dict[str, Callable[[str, Notes, bool], Action | None]] = {
    "move to folder": _folder("move"),
    "copy to folder": _folder("copy"),
    "change priority": _priority,
    "addtag": _label,
    "forward": _forward,
    "junkscore": _junk,
}
