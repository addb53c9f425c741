"""Moving messages, on servers that can and on servers that cannot (RFC 6851, RFC 4315)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from relance.wire.imap.dialogue import Answer, Dialogue, astring
from relance.wire.imap.uids import batches, compact, line_sets, read_set, uid_or_none

# One command moves so many; the reply then holds as many new UIDs.
MOVE_BATCH: Final = 80
_SEARCH = re.compile(rb"\* SEARCH([ \d]*)", re.IGNORECASE)


def move_messages(
    dialogue: Dialogue, uids: Sequence[int], target: bytes, *, capabilities: frozenset[str]
) -> dict[int, int]:
    """Move messages of the selected folder; return new UIDs by old, as far as the server says.

    Without MOVE: COPY, then ``\\Deleted``, then an expunge of exactly these messages (UIDPLUS).
    Without UIDPLUS either, EXPUNGE runs only while no other message is marked ``\\Deleted``;
    otherwise ours stay behind, marked, for whoever cleans the folder.
    """
    moved: dict[int, int] = {}
    for batch in batches(uids, MOVE_BATCH):
        moved |= _move_batch(dialogue, batch, target, capabilities=capabilities)
    return moved


def _move_batch(
    dialogue: Dialogue, batch: tuple[int, ...], target: bytes, *, capabilities: frozenset[str]
) -> dict[int, int]:
    uid_set = compact(batch)
    if "MOVE" in capabilities:
        return copied_uids(dialogue.ask(b"UID MOVE", uid_set, astring(target)))
    answer = dialogue.ask(b"UID COPY", uid_set, astring(target))
    _expunge(dialogue, batch, capabilities=capabilities)
    return copied_uids(answer)


def delete_messages(
    dialogue: Dialogue, uids: Sequence[int], *, capabilities: frozenset[str]
) -> None:
    """Remove messages of the selected folder for good, and no others.

    Without UIDPLUS, EXPUNGE runs only while no other message is marked ``\\Deleted``; otherwise
    ours stay behind, marked, for whoever cleans the folder.
    """
    for batch in batches(uids, MOVE_BATCH):
        _expunge(dialogue, batch, capabilities=capabilities)


def _expunge(dialogue: Dialogue, batch: tuple[int, ...], *, capabilities: frozenset[str]) -> None:
    uid_set = compact(batch)
    dialogue.ask(b"UID STORE", uid_set, rb"+FLAGS.SILENT (\Deleted)")
    if "UIDPLUS" in capabilities:
        dialogue.ask(b"UID EXPUNGE", uid_set)
    elif not set(search(dialogue, b"DELETED")) - set(batch):
        dialogue.ask(b"EXPUNGE")


def copied_uids(answer: Answer) -> dict[int, int]:
    """Read COPYUID: new UIDs by old, or nothing when the server does not say."""
    code = answer.code("COPYUID")
    words = code.split() if code else []
    if len(words) != 3:
        return {}
    old, new = read_set(words[1]), read_set(words[2])
    return dict(zip(old, new, strict=True)) if len(old) == len(new) else {}


def search(dialogue: Dialogue, *criteria: bytes, line_limit: int = 1 << 27) -> list[int]:
    """Run a plain UID SEARCH of quoted or bare words; return UIDs in rising order."""
    answer = dialogue.ask(b"UID SEARCH", *criteria, line_limit=line_limit)
    found = [_SEARCH.match(line.text) for line in answer.lines]
    words = {uid_or_none(word) for match in found if match for word in match[1].split()}
    return sorted(uid for uid in words if uid)


def store_flags(
    dialogue: Dialogue, uids: Sequence[int], *, add: Sequence[str], remove: Sequence[str]
) -> None:
    """Add and remove flags without asking for their new state."""
    for sign, flags in ((b"+", add), (b"-", remove)):
        if not flags:
            continue
        item = b"%bFLAGS.SILENT %b" % (sign, flag_list(flags))
        for uid_set in line_sets(uids):
            dialogue.ask(b"UID STORE", uid_set, item)


_FLAG = re.compile(r"\\?[A-Za-z0-9!#$&'+,\-./:;<=>?@^_`|~]+")


def flag_list(flags: Sequence[str]) -> bytes:
    """Write flags as a list. Raises ``ValueError`` for what is not a flag (RFC 9051 atom)."""
    for flag in flags:
        if not _FLAG.fullmatch(flag):
            raise ValueError(f"not an IMAP flag: {flag!r}")
    return b"(%b)" % " ".join(sorted(set(flags))).encode("ascii")
