"""Recipients between a line of text and rows: pasted lists with ";", "," or one on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from relance.addresses import book
from relance.mail.people import ROLES
from relance.mime.addresses import addresses

Row = dict[str, str]
_MOST = 2_000
_LONGEST = 200_000
_BREAKS = re.compile(r"[;\r\n\t]+")
_SPECIAL = re.compile(r'[",;<>()@\[\]\\:]')


def parse(text: str) -> list[Row]:
    """The people of a typed or pasted list. What is no address is kept as it was typed."""
    listed = _outside_quotes(text[:_LONGEST])
    found = [
        {"name": one.name, "address": one.address, "record": ""}
        for one in addresses(listed)
        if one.address or one.name
    ]
    return [row if row["address"] else {**row, "address": row["name"]} for row in found][:_MOST]


def _outside_quotes(text: str) -> str:
    """Semicolons and line ends made commas, except within quotes."""
    pieces = text.split('"')
    if len(pieces) % 2 == 0:  # a quote that never closes ends all quoting
        return _BREAKS.sub(", ", text)
    return '"'.join(p if n % 2 else _BREAKS.sub(", ", p) for n, p in enumerate(pieces))


def written(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as a line one may go on typing in."""
    return ", ".join(_one(row.get("name", ""), row.get("address", "")) for row in rows)


def _one(name: str, address: str) -> str:
    if not name or name == address:
        return address
    if _SPECIAL.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>"


def from_json(text: str) -> dict[str, list[Row]] | None:
    """What the script sent, or None when that is not the shape of people."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    return {role: _rows(given.get(role)) for role in ROLES}


def _rows(given: object) -> list[Row]:
    if not isinstance(given, list):
        return []
    return [
        {name: str(row.get(name) or "")[:320] for name in ("name", "address", "record")}
        for row in given[:_MOST]
        if isinstance(row, dict)
    ]


def keep_records(rows: list[Row], before: Sequence[Mapping[str, str]]) -> list[Row]:
    """Rows read from text, each with the record it was chosen as before."""
    known = {book.normalise(row["address"]): row.get("record", "") for row in before}
    return [{**row, "record": known.get(book.normalise(row["address"]), "")} for row in rows]
