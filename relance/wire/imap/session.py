"""One IMAP connection, as the rest of the product uses it.

The session belongs to one thread at a time. Every failure is a
:class:`~relance.wire.errors.WireError`; after a transient one the session is closed, and a new one
must be opened. Reading never sets a flag: bodies are fetched with ``BODY.PEEK``, and folders are
opened read-only unless told.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from relance.wire.channel import Channel
from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard
from relance.wire.imap import moving
from relance.wire.imap.dialogue import Answer, Block, Dialogue, astring, ended, require_ok
from relance.wire.imap.fetched import FetchedFlags, RawFetched, raw_fetched, read_flag_line
from relance.wire.imap.fetching import Fetching, fetch_items
from relance.wire.imap.folders import RemoteFolder, read_folders
from relance.wire.imap.login import open_dialogue
from relance.wire.imap.names import encode_name
from relance.wire.imap.uids import read_ranges, read_set, uid_or_none
from relance.wire.servers import Server

MAX_MESSAGE: Final = 64 * 1024 * 1024
_SEARCH_LINE: Final = 1 << 27
_NUMBER = re.compile(rb"\* (\d{1,10}) EXISTS", re.IGNORECASE)
_ESEARCH = re.compile(rb"\* ESEARCH\b", re.IGNORECASE)
_ESEARCH_ALL = re.compile(rb" ALL ([\d:,]+)", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED \(EARLIER\) ([\d:,]+)", re.IGNORECASE)
_RANGE = re.compile(r"[\d:,*]+")
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,900}")
_MONTH_NAMES: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"


@dataclass(frozen=True)
class FolderState:
    """What the server says of a folder when it is opened. ``highestmodseq`` is 0 without one."""

    uidvalidity: int
    uidnext: int
    exists: int
    highestmodseq: int = 0


class ImapSession:
    """A logged-in connection: open, select a folder, then fetch, flag, move."""

    def __init__(self, server: Server, guard: Guard, timeout: float = 60.0) -> None:
        self.server = server
        self.guard = guard
        self.timeout = timeout
        self.capabilities: frozenset[str] = frozenset()
        self.selected: str | None = None
        self.state: FolderState | None = None
        #: UIDs that the server itself could not serve in the last fetch.
        self.unfetchable: frozenset[int] = frozenset()
        self._dialogue: Dialogue | None = None
        self._raw_paths: dict[str, bytes] = {}
        self._qresync = False

    def open(self) -> None:
        """Connect and log in; see :mod:`relance.wire.errors` for what can go wrong."""
        self._dialogue, self.capabilities = open_dialogue(
            self.server, self.guard, timeout=self.timeout
        )
        if {"ENABLE", "QRESYNC"} <= self.capabilities:
            answer = self.dialogue.run(b"ENABLE QRESYNC")
            enabled = b" ".join(line.text.upper() for line in answer.lines)
            self._qresync = answer.status == "OK" and b"QRESYNC" in enabled

    def close(self) -> None:
        """Say goodbye if the line still stands, and close. Never raises."""
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            with contextlib.suppress(WireError):
                dialogue.send(b"LOGOUT")
            dialogue.channel.close()

    def abort(self) -> None:
        """Close at once, from any thread: a wait in progress ends with ``disconnected``."""
        if self._dialogue is not None:
            self._dialogue.channel.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def dialogue(self) -> Dialogue:
        """The open dialogue. Raises ``disconnected`` when there is none."""
        if self._dialogue is None:
            raise TransientFailure("disconnected", "the session is not open")
        return self._dialogue

    @property
    def channel(self) -> Channel:
        """The channel below, for the pool that watches many sessions."""
        return self.dialogue.channel

    @property
    def is_gmail(self) -> bool:
        """Gmail, where folders are labels and ``All Mail`` holds everything."""
        return "X-GM-EXT-1" in self.capabilities

    def list_folders(self) -> list[RemoteFolder]:
        """List all folders with what each is for."""
        extended = {"SPECIAL-USE", "LIST-EXTENDED"} <= self.capabilities
        command = b'LIST "" "*"' + (b" RETURN (SPECIAL-USE)" if extended else b"")
        answer = self.dialogue.run(command)
        if extended and answer.status == "BAD":
            answer = self.dialogue.ask(b'LIST "" "*"')
        folders = read_folders(answer.lines, gmail=self.is_gmail)
        self._raw_paths = {folder.path: folder.raw_path for folder in folders}
        return folders

    def select(self, path: str, *, readonly: bool = True) -> FolderState:
        """Open a folder; without ``readonly`` its flags may be changed."""
        self.selected = self.state = None
        verb = b"EXAMINE" if readonly else b"SELECT"
        condstore = b"(CONDSTORE)" if self._has_modseq and not self._qresync else b""
        parts: list[bytes | Block] = [verb, astring(self._raw(path))]
        answer = self.dialogue.ask(*parts, *([condstore] if condstore else []))
        if not readonly and answer.code("READ-ONLY") is not None:
            raise PermanentFailure("rejected", "the folder is read-only", answer.text)
        self.selected = path
        self.state = _folder_state(answer)
        return self.state

    def uids(self) -> list[int]:
        """Return all UIDs of the selected folder in rising order."""
        if "ESEARCH" not in self.capabilities:
            return moving.search(self.dialogue, b"ALL", line_limit=_SEARCH_LINE)
        answer = self.dialogue.ask(b"UID SEARCH RETURN (ALL) ALL", line_limit=_SEARCH_LINE)
        most = (self.state.exists if self.state else 0) + 1_000_000
        for line in answer.lines:
            if _ESEARCH.match(line.text):
                found = _ESEARCH_ALL.search(line.text)
                return sorted(read_set(found[1], most=most)) if found else []
        return []

    def fetch_sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return sizes in bytes (RFC822.SIZE) by UID; messages gone meanwhile are absent."""
        items = fetch_items(self.dialogue, uids, b"(RFC822.SIZE)")
        return {item.uid: item.size for item in items if item.size is not None}

    def fetch_flags(
        self, uid_range: str = "1:*", *, changed_since: int | None = None
    ) -> FetchedFlags:
        """Return flags by UID for a range such as ``"1:*"`` or ``"5:9,12"``.

        ``changed_since`` (a MODSEQ) asks only for what changed after it, and what vanished where
        the server knows (QRESYNC). It is ignored without CONDSTORE: all flags come then.
        """
        if not _RANGE.fullmatch(uid_range):
            raise ValueError("not a range of UIDs")
        flags = FetchedFlags()
        modifier = b""
        if changed_since is not None and self._has_modseq:
            vanished = b" VANISHED" if self._qresync else b""
            flags.vanished = () if self._qresync else None
            modifier = b" (CHANGEDSINCE %d%b)" % (changed_since, vanished)
        tag = self.dialogue.send(b"UID FETCH", uid_range.encode(), b"(FLAGS)" + modifier)
        self._read_flags(tag, flags, lowest=_lowest(uid_range))
        return flags

    def _read_flags(self, tag: bytes, flags: FetchedFlags, *, lowest: int) -> None:
        while (line := self.dialogue.read()).tag != tag:
            if found := read_flag_line(line):
                uid, words, modseq = found
                flags.highest_modseq = max(flags.highest_modseq, modseq)
                if uid >= lowest:
                    flags[uid] = words
            elif gone := _VANISHED.match(line.text):
                flags.vanished = (*(flags.vanished or ()), *read_ranges(gone[1]))
        require_ok(ended(line, []))

    def fetch_raw(
        self, uids: Sequence[int], *, max_size: int = MAX_MESSAGE
    ) -> Iterator[RawFetched]:
        """Yield whole messages, batch by batch in the order given (newest first if you will).

        One larger than ``max_size`` bytes comes with its header alone (``is_partial``). Messages
        gone meanwhile are skipped; those the server cannot serve are in ``unfetchable``.
        """
        self.unfetchable = frozenset()
        # One octet more than allowed tells an oversized message, whatever size is announced.
        yield from self._fetch(uids, b"BODY.PEEK[]<0.%d>" % (max_size + 1), max_size=max_size)

    def fetch_headers(self, uids: Sequence[int]) -> Iterator[RawFetched]:
        """Yield messages with their header alone in ``raw``; ``is_partial`` is always true."""
        self.unfetchable = frozenset()
        yield from self._fetch(uids, b"BODY.PEEK[HEADER]", max_size=MAX_MESSAGE)

    def _fetch(self, uids: Sequence[int], body: bytes, *, max_size: int) -> Iterator[RawFetched]:
        items = b"(UID FLAGS INTERNALDATE RFC822.SIZE %b)" % body
        fetching = Fetching(self.dialogue, items, literal_limit=max_size + 1)
        header_only = body.endswith(b"[HEADER]")
        try:
            for item in fetching.run(uids, bodies=True):
                yield raw_fetched(item, max_size=max_size, header_only=header_only)
        finally:
            self.unfetchable |= fetching.refused

    def store_flags(
        self, uids: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove flags in the selected folder (opened with ``readonly=False``)."""
        moving.store_flags(self.dialogue, uids, add=add, remove=remove)

    def move(self, uids: Sequence[int], target_path: str) -> dict[int, int]:
        """Move messages; return new UIDs by old, or nothing where the server does not say."""
        target = self._raw(target_path)
        return moving.move_messages(self.dialogue, uids, target, capabilities=self.capabilities)

    def delete(self, uids: Sequence[int]) -> None:
        """Remove messages of the selected folder (opened with ``readonly=False``) for good."""
        moving.delete_messages(self.dialogue, uids, capabilities=self.capabilities)

    def append(
        self, path: str, raw: bytes, flags: Sequence[str] = (), date: datetime | None = None
    ) -> int | None:
        """Add a message to a folder; return its UID where the server says it."""
        parts: list[bytes | Block] = [b"APPEND", astring(self._raw(path)), moving.flag_list(flags)]
        if date is not None:
            parts.append(_date_time(date))
        answer = self.dialogue.ask(*parts, Block(raw))
        words = (answer.code("APPENDUID") or b"").split()
        return uid_or_none(words[1]) if len(words) == 2 else None

    def create_folder(self, path: str) -> None:
        """Create a folder; one that exists already is no error."""
        answer = self.dialogue.run(b"CREATE", astring(self._raw(path)))
        if answer.status == "NO" and "EXISTS" in answer.text.upper():
            return
        require_ok(answer)

    def search_message_id(self, message_id: str) -> list[int]:
        """Return UIDs of the selected folder whose Message-ID holds ``message_id``."""
        if not _MESSAGE_ID.fullmatch(message_id):
            return []
        quoted = message_id.replace("\\", "\\\\").replace('"', '\\"')
        return moving.search(self.dialogue, b'HEADER Message-ID "%b"' % quoted.encode("ascii"))

    def noop(self) -> None:
        """Keep the connection alive; raises when it is not."""
        self.dialogue.ask(b"NOOP")

    @property
    def _has_modseq(self) -> bool:
        return bool(self.capabilities & {"CONDSTORE", "QRESYNC"})

    def _raw(self, path: str) -> bytes:
        if path.upper() == "INBOX":
            return b"INBOX"
        return self._raw_paths.get(path) or encode_name(path)


def _lowest(uid_range: str) -> int:
    """``n:*`` names the last message even when its UID is below n (RFC 9051): we do not."""
    match = re.fullmatch(r"(\d+):\*", uid_range)
    return int(match[1]) if match else 0


def _folder_state(answer: Answer) -> FolderState:
    counts = [int(match[1]) for line in answer.lines if (match := _NUMBER.match(line.text))]

    def number(name: str) -> int:
        digits = answer.code(name) or b""
        return int(digits) if digits.isdigit() and len(digits) < 20 else 0

    return FolderState(
        uidvalidity=number("UIDVALIDITY"),
        uidnext=number("UIDNEXT"),
        exists=counts[-1] if counts else 0,
        highestmodseq=number("HIGHESTMODSEQ"),
    )


def _date_time(date: datetime) -> bytes:
    """Write a date as IMAP wants it, whatever the locale."""
    date = date.astimezone(UTC)
    month = _MONTH_NAMES[date.month * 3 - 3 : date.month * 3]
    text = f"{date.day:2d}-{month}-{date.year:04d} {date:%H:%M:%S} +0000"
    return f'"{text}"'.encode("ascii")
