"""What the people of the demo write, as texts, and how those are read.

A conversation with dates (`today.txt`, `arrivals.txt`) begins with `= Subject`; each mail with
`> Name | when | options`, its text below. `when` is minutes before the demo began (`11m`) or
working days before it and an hour (`3d 09:40`). Options are `unread`, `html`, `to:`, `cc:`,
`files:` and `header:`.

An exchange of the year (the other files) begins with `= Subject`, then `@ options`, then a line
for each wording of each turn: `>` by the one who asks, `<` by the one who answers; several lines
in a row are wordings of one turn. `//` begins a paragraph.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Line:
    """One mail of a dated conversation."""

    who: str
    when: str
    text: str
    options: frozenset[str] = frozenset()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dated:
    """A conversation of the story. `answers` is the subject of the one it goes on with."""

    subject: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One kind of conversation of the year: each turn has several wordings."""

    subject: str
    turns: tuple[tuple[str, ...], ...]
    options: dict[str, str]

    @property
    def phase(self) -> int:
        """Where in a customer's life it belongs, 1 (first contact) to 9."""
        return int(self.options.get("phase", "5"))


@functools.cache
def dated(name: str) -> tuple[Dated, ...]:
    """The conversations of a file such as "today"."""
    return tuple(_dated(block) for block in _blocks(name))


@functools.cache
def exchanges(name: str) -> tuple[Exchange, ...]:
    """The exchanges of a file such as "customers_fr"."""
    return tuple(_exchange(block) for block in _blocks(name))


def rows(name: str) -> list[list[str]]:
    """The lines of a file such as "deals", each cut at its bars."""
    return [[cell.strip() for cell in line.split("|")] for line in _lines(name) if line]


def _lines(name: str) -> list[str]:
    """Lines with # are for the reader of the file."""
    text = files(__name__).joinpath(f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _blocks(name: str) -> Iterator[list[str]]:
    """The lines of each conversation, its subject first."""
    block: list[str] = []
    for line in _lines(name):
        if line.startswith("= ") and block:
            yield block
            block = []
        if line.startswith("= ") or block:
            block.append(line.removeprefix("= "))
    if block:
        yield block


def _dated(block: list[str]) -> Dated:
    lines: list[Line] = []
    head, text = "", list[str]()
    for line in [*block[1:], "> "]:
        if not line.startswith("> "):
            text.append(line)
            continue
        if head:
            lines.append(_line(head, "\n".join(text).strip()))
        head, text = line[2:], []
    return Dated(block[0], tuple(lines))


def _line(head: str, text: str) -> Line:
    who, when, *options = [piece.strip() for piece in head.split("|")]
    values = {}
    for option in options:
        name, colon, value = option.partition(":")
        if colon:
            values[name] = tuple(v.strip() for v in value.split(","))
    words = frozenset(o for o in options if ":" not in o)
    return Line(who, when, text, words, values)


def _exchange(block: list[str]) -> Exchange:
    options: dict[str, str] = {}
    turns: list[list[str]] = []
    last = ""
    for line in block[1:]:
        mark, _, rest = line.partition(" ")
        if mark == "@":
            options.update(word.split("=", 1) for word in rest.split())  # type: ignore[misc]
        elif mark in (">", "<"):
            if mark != last:
                turns.append([])
            turns[-1].append(rest.replace(" // ", "\n\n"))
            last = mark
    return Exchange(block[0], tuple(map(tuple, turns)), options)
