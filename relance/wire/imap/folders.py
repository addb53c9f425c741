"""Folders as the server lists them, and what each is for (RFC 6154, then known names)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from relance.wire.imap.dialogue import Line
from relance.wire.imap.names import USE_BY_NAME, decode_name, folded

_LIST = re.compile(
    rb'\* X?LIST \(([^)]*)\) (NIL|"(?:[^"\\]|\\.)*"|\S+) (.*)$', re.IGNORECASE | re.DOTALL
)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_BLOCK = re.compile(rb"\0(\d+)\0")

_USE_BY_FLAG: Final = {
    "\\inbox": "inbox",
    "\\sent": "sent",
    "\\drafts": "drafts",
    "\\archive": "archive",
    "\\junk": "spam",
    "\\spam": "spam",
    "\\trash": "trash",
}
_CLOSED: Final = {"\\noselect", "\\nonexistent"}


@dataclass(frozen=True)
class RemoteFolder:
    """One folder. ``special_use``: inbox, sent, drafts, archive, spam, trash, or nothing.

    At most one folder has each special use. ``flags`` are as the server wrote them.
    """

    path: str
    raw_path: bytes
    delimiter: str
    flags: frozenset[str]
    special_use: str = ""
    selectable: bool = True

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(self.delimiter)[2] if self.delimiter else self.path

    @property
    def depth(self) -> int:
        """How many folders stand above."""
        return self.path.count(self.delimiter) if self.delimiter else 0


def read_folders(lines: Sequence[Line], *, gmail: bool = False) -> list[RemoteFolder]:
    """Read LIST lines; folders come in the server's order, each path once.

    ``gmail``: only there is ``\\All`` the archive; elsewhere it shows each mail a second time.
    """
    found: dict[str, RemoteFolder] = {}
    for line in lines:
        folder = _read_folder(line)
        if folder is not None:
            found.setdefault(folder.path, folder)
    return _with_uses(list(found.values()), gmail=gmail)


def _read_folder(line: Line) -> RemoteFolder | None:
    match = _LIST.match(line.text)
    if match is None:
        return None
    raw = _string(match[3], line)
    flags = frozenset(match[1].decode("latin-1").split())
    if raw.upper() == b"INBOX":
        raw = b"INBOX"
    delimiter = b"" if match[2].upper() == b"NIL" else _string(match[2], line)
    return RemoteFolder(
        path=decode_name(raw),
        raw_path=raw,
        delimiter=decode_name(delimiter),
        flags=flags,
        selectable=_CLOSED.isdisjoint(flag.lower() for flag in flags),
    )


def _string(text: bytes, line: Line) -> bytes:
    if quoted := _QUOTED.match(text):
        return re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
    block = _BLOCK.match(text)
    if block and int(block[1]) < len(line.literals):
        return line.literals[int(block[1])].data
    return text


def _with_uses(folders: list[RemoteFolder], *, gmail: bool) -> list[RemoteFolder]:
    uses: dict[str, str] = {}
    for path, use in [*_by_flag(folders, gmail=gmail), *_by_name(folders)]:
        if path not in uses and use not in uses.values():
            uses[path] = use
    return [replace(folder, special_use=uses.get(folder.path, "")) for folder in folders]


def _by_flag(folders: list[RemoteFolder], *, gmail: bool) -> list[tuple[str, str]]:
    found = [(folder.path, "inbox") for folder in folders if folder.raw_path == b"INBOX"]
    for folder in filter(lambda folder: folder.selectable, folders):
        for flag in sorted(flag.lower() for flag in folder.flags):
            use = _USE_BY_FLAG.get(flag, "archive" if gmail and flag == "\\all" else "")
            if use:
                found.append((folder.path, use))
    return found


def _by_name(folders: list[RemoteFolder]) -> list[tuple[str, str]]:
    """Guess by name, the shallowest folder first; deeper than INBOX/Sent is a private affair."""
    near = [folder for folder in folders if folder.selectable and folder.depth <= 1]
    near.sort(key=lambda folder: folder.depth)
    named = [(folder.path, USE_BY_NAME.get(folded(folder.name), "")) for folder in near]
    return [(path, use) for path, use in named if use]
