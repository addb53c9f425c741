"""UID sets (RFC 9051, sequence-set): written compactly, split so that no line grows long."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from relance.wire.errors import PermanentFailure

# Servers bound a command line, some at 8 kB or 1,000 octets (RFC 7162, section 4).
SET_BYTES: Final = 900
# More messages than any folder holds; a range beyond it is an attack or an error.
MOST_UIDS: Final = 20_000_000

_SET = re.compile(rb"(\d{1,10})(?::(\d{1,10}))?(?:,|$)")


def compact(uids: Iterable[int]) -> bytes:
    """Write UIDs as one sequence-set, e.g. ``b"1:4,7"``."""
    return b",".join(_ranges(sorted(set(uids))))


def _ranges(ordered: Sequence[int]) -> Iterator[bytes]:
    start = end = 0
    for uid in ordered:
        if uid == end + 1 and start:
            end = uid
            continue
        if start:
            yield _range(start, end)
        start = end = uid
    if start:
        yield _range(start, end)


def _range(start: int, end: int) -> bytes:
    return b"%d" % start if start == end else b"%d:%d" % (start, end)


def line_sets(uids: Iterable[int], *, limit: int = SET_BYTES) -> Iterator[bytes]:
    """Write UIDs, in rising order, as sets of at most ``limit`` bytes each."""
    parts: list[bytes] = []
    length = 0
    for part in _ranges(sorted(set(uids))):
        if parts and length + len(part) + 1 > limit:
            yield b",".join(parts)
            parts, length = [], 0
        parts.append(part)
        length += len(part) + 1
    if parts:
        yield b",".join(parts)


def batches(uids: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """Cut UIDs into batches of ``size``, in the order given."""
    iterator = iter(uids)
    while batch := tuple(itertools.islice(iterator, size)):
        yield batch


def uid_or_none(digits: bytes) -> int | None:
    """Read one UID (32 bits, never 0), or None."""
    uid = int(digits) if digits.isdigit() and len(digits) <= 10 else 0
    return uid or None


def read_ranges(text: bytes) -> list[range]:
    """Read a sequence-set as ranges, in its own order. Raises ``protocol`` when malformed."""
    found: list[range] = []
    at = 0
    while at < len(text):
        match = _SET.match(text, at)
        if match is None:
            raise PermanentFailure("protocol", "a malformed set of UIDs")
        first = int(match[1])
        last = int(match[2] or first)
        found.append(range(min(first, last), max(first, last) + 1))
        at = match.end()
    return found


def read_set(text: bytes, *, most: int = MOST_UIDS) -> list[int]:
    """Read a sequence-set as UIDs. Raises ``protocol`` when malformed or beyond ``most``."""
    ranges = read_ranges(text)
    if sum(map(len, ranges)) > most:
        raise PermanentFailure("protocol", "a set of UIDs larger than the folder")
    return [uid for span in ranges for uid in span]
