"""The condition of a Thunderbird filter: ALL, or terms such as AND (subject,contains,offer)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from relance.inbox.filter_files.drafts import (
    NEVER,
    Notes,
    Tree,
    all_of,
    any_of,
    ask,
    ask_text,
)
from relance.inbox.filter_files.thunderbird_actions import label_of

_TERM = re.compile(
    r'\s*([A-Za-z]*)\s*\(\s*("(?:\\.|[^"\\])*"|[^,()]*?)\s*,\s*([^,()]*?)\s*,[ ]*'
    r'("(?:\\.|[^"\\])*"(?=\s*\))|(?!")[^)]*)\)'
)
_ESCAPED = re.compile(r'\\(["\\])')
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_MONTHS = ("jan feb mar apr may jun jul aug sep oct nov dec").split()
_KILOBYTE = Decimal("1.024")  # of ours, which have a thousand bytes
_DENIALS = {"doesn't contain": "not_contains", "isn't": "is_not"}
_TEXTS = {
    **_DENIALS,
    "contains": "contains",
    "is": "is",
    "begins with": "starts",
    "ends with": "ends",
}
_EMPTY = {"is empty": "empty", "isn't empty": "filled"}
_FIELDS = {"subject": "subject", "body": "body", "to": "to", "cc": "cc", "to or cc": "toOrCc"}
_HEADERS = {"list-id": "listId", "reply-to": "replyTo"}
#: Fields that are often empty: what they do not hold is denied of the empty ones too.
_OFTEN_EMPTY = frozenset({"cc", "listId", "replyTo", "fromName"})
_ADDRESSES = frozenset({"to", "cc", "toOrCc", "replyTo"})


def read(condition: str, notes: Notes) -> Tree | None:
    """The tree; None for every mail. Lists of both AND and OR are read from left to right."""
    if condition.strip() == "ALL":
        return None
    tree: Tree | None = None
    at = 0
    while condition[at:].strip():
        term = _TERM.match(condition, at)
        if term is None:
            notes.disable("condition")
            return notes.lost("unreadable_condition", condition[at:])
        at = term.end()
        one = _term(_plain(term[2]), term[3].lower(), _plain(term[4]), notes)
        if tree is None:
            tree = one
        else:
            # Thunderbird looks for the letter alone.
            tree = any_of([tree, one]) if "O" in term[1] else all_of([tree, one])
    return notes.lost("no_condition") if tree is None else tree


def _plain(word: str) -> str:
    if len(word) > 1 and word.startswith('"') and word.endswith('"'):
        return _ESCAPED.sub(r"\1", word[1:-1])
    return word


def _term(attribute: str, operator: str, value: str, notes: Notes) -> Tree:
    name = attribute.lower()
    if operator in ("is in ab", "isn't in ab"):
        return _in_crm(name, operator, notes)
    if name == "from":
        return _sender(operator, value, notes)
    if name in _FIELDS or name in _HEADERS:
        return _text(_FIELDS.get(name) or _HEADERS[name], operator, value, notes)
    if name == "all addresses":
        return _everybody(operator, value, notes)
    reader = _READERS.get(name)
    found = reader(operator, value) if reader else None
    if found is None:
        return notes.lost("unknown_condition", f"{attribute}, {operator}, {value}")
    return found


def _in_crm(name: str, operator: str, notes: Notes) -> Tree:
    if name not in ("from", "from in ab"):
        return notes.lost("unknown_condition", f"{name}, {operator}")
    notes.say("address_book")
    return ask("inCrm", "yes" if operator == "is in ab" else "no")


def _text(field: str, operator: str, value: str, notes: Notes) -> Tree:
    if operator in _EMPTY:
        return ask(field, _EMPTY[operator])
    known = _TEXTS.get(operator)
    if known is None:
        return notes.lost("unknown_operator", operator)
    if field in _ADDRESSES and operator in _DENIALS and "@" not in value:
        return notes.lost("recipient_names", value)
    asked = ask_text(notes, field, known, value)
    if operator in _DENIALS and field in _OFTEN_EMPTY and asked != NEVER:
        return any_of([ask(field, "empty"), asked])
    return asked


def _sender(operator: str, value: str, notes: Notes) -> Tree:
    """An address is looked for in the address alone; a word in the name, too."""
    asked = _text("from", operator, value, notes)
    if operator in _EMPTY or asked == NEVER or ("@" in value and operator not in _DENIALS):
        return asked
    both = [asked, _text("fromName", operator, value, notes)]
    return all_of(both) if operator in _DENIALS else any_of(both)


def _everybody(operator: str, value: str, notes: Notes) -> Tree:
    if operator in _EMPTY:
        return notes.lost("unknown_operator", operator)
    both = [_sender(operator, value, notes), _text("toOrCc", operator, value, notes)]
    return all_of(both) if operator in _DENIALS else any_of(both)


def _received(operator: str, value: str) -> Tree | None:
    day = _day(value)
    if day is None:
        return None
    if operator == "isn't":
        return any_of([ask("receivedAt", "before", day), ask("receivedAt", "after", day)])
    known = {"is": "on", "is before": "before", "is after": "after"}.get(operator)
    return ask("receivedAt", known, day) if known else None


def _day(value: str) -> str | None:
    found = _DATE.fullmatch(value.strip())
    if found is None or found[2].lower() not in _MONTHS:
        return None
    try:
        day = date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        return None
    return day.isoformat()


def _age(operator: str, value: str) -> Tree | None:
    known = {"is greater than": "older_days", "is less than": "last_days"}.get(operator)
    days = _number(value)
    if known is None or days is None or not 0 < days <= 3660:
        return None
    return ask("receivedAt", known, days)


def _size(operator: str, value: str) -> Tree | None:
    known = {"is greater than": "gt", "is less than": "lt"}.get(operator)
    kilobytes = _number(value)
    if known is None or kilobytes is None:
        return None
    return ask("size", known, f"{(kilobytes * _KILOBYTE).normalize():f}")


def _number(value: str) -> int | None:
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _status(operator: str, value: str) -> Tree | None:
    """Read or starred; whether it was answered is not asked here."""
    if operator not in ("is", "isn't"):
        return None
    yes, no = ("yes", "no") if operator == "is" else ("no", "yes")
    word = value.strip().lower()
    if word == "read":
        return ask("isUnread", no)
    return ask("isStarred", yes) if word == "flagged" else None


def _tag(operator: str, value: str) -> Tree | None:
    if operator in _EMPTY:
        return ask("label", _EMPTY[operator])
    label = label_of(value)
    if not label or "*" in label or len(label) > 100:
        return None
    if operator in ("contains", "is"):
        return ask("label", "is", label)
    if operator in _DENIALS:
        return any_of([ask("label", "empty"), ask("label", "is_not", label)])
    return None


def _attached(operator: str, value: str) -> Tree | None:
    if operator not in ("is", "isn't") or value.strip().lower() != "true":
        return None
    return ask("hasAttachment", "yes" if operator == "is" else "no")


_READERS = {
    "date": _received,
    "age in days": _age,
    "size": _size,
    "status": _status,
    "tag": _tag,
    "has attachment status": _attached,
}
