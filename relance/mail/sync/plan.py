"""Deciding what a folder needs, from what we have and what the server says. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

FLAGS_LOOKED_AT = 2_000  # newest messages whose flags are compared where CONDSTORE is missing


@dataclass(frozen=True, slots=True)
class Saved:
    """What we know of the folder. `count` is of our copies under the server's numbering;
    `pending` are UIDs that an operation of ours is about to move away."""

    uidvalidity: int
    uidnext: int
    highestmodseq: int
    count: int
    pending: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Remote:
    """What SELECT answered."""

    uidvalidity: int
    uidnext: int
    exists: int
    highestmodseq: int


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What to do. `restart`: the folder was numbered anew, our UIDs mean nothing any more."""

    fetch: list[int] = field(default_factory=list)  # newest first
    forget: list[int] = field(default_factory=list)
    restart: bool = False


def is_unchanged(saved: Saved, remote: Remote) -> bool:
    """Is there surely nothing to do? Only a server with CONDSTORE can say so of flags too."""
    return (
        saved.uidvalidity == remote.uidvalidity
        and bool(remote.highestmodseq)
        and saved.highestmodseq == remote.highestmodseq
        and saved.uidnext == remote.uidnext
        and saved.count == remote.exists
        and not saved.pending
    )


def needs_every_uid(saved: Saved, remote: Remote, *, new_count: int) -> bool:
    """Must all UIDs be listed, or do the new ones explain the folder's size?"""
    if saved.uidvalidity != remote.uidvalidity or not saved.uidnext:
        return True
    return saved.count + len(saved.pending) + new_count != remote.exists


def make(
    saved: Saved,
    remote: Remote,
    *,
    theirs: Collection[int],
    ours: Collection[int],
    complete: bool,
) -> SyncPlan:
    """The plan, given the server's UIDs and ours: all of them when `complete`, else new ones."""
    newest_first = sorted(set(theirs) - set(ours) - set(saved.pending), reverse=True)
    if saved.uidvalidity not in (0, remote.uidvalidity):
        return SyncPlan(fetch=newest_first, restart=True)
    gone = set(ours) - set(theirs) if complete else set()
    return SyncPlan(fetch=newest_first, forget=sorted(gone))
