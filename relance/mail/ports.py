"""What this floor needs of the floors above, and who gives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from relance.lib.reason import Reason

if TYPE_CHECKING:
    from relance.mail.models import Outgoing

_NONE: Mapping[int, str] = MappingProxyType({})


class Placer(Protocol):
    """Places conversations where their readers find them."""

    def threads_changed(
        self,
        account_id: int,
        thread_ids: Collection[int],
        *,
        new_messages: Mapping[int, str] = _NONE,
        arrived_message_ids: Sequence[int] = (),
    ) -> None:
        """Called inside the transaction in which copies of these threads were stored, moved,
        removed or merged, or their seen flag changed.

        `new_messages` were never stored before, in any mailbox: the folded words of each by its
        key ("" where nobody has folded them yet); `arrived_message_ids` are new
        to this one and no part of its history.
        """


class _Nobody:
    """Before the floor above has registered: nothing is placed."""

    def threads_changed(self, *_args: object, **_options: object) -> None:
        return


placer: Placer = _Nobody()


def register_placer(given: Placer) -> None:
    """Fill the port. Callers must read `ports.placer` when they call, not at import."""
    global placer  # noqa: PLW0603 (the port itself)
    placer = given


class Screener(Protocol):
    """Knows of the floors above why a mail must not leave: a record deleted since, say."""

    def screen(self, outgoing: Outgoing) -> list[Reason]:
        """Asked right before each attempt, outside any transaction; nothing means: go.

        The first reason is what its author is told; the mail is held (`Outgoing.State.HELD`).
        """


class _Nothing:
    """Before the floor above has registered: nothing speaks against a mail."""

    def screen(self, _outgoing: Outgoing) -> list[Reason]:
        return []


class Arrivals(Protocol):
    """Acts on mail that has just come: reports of undelivered mail, absence notes."""

    def arrived(self, account_id: int, copy_ids: Sequence[int]) -> None:
        """Called inside the transaction in which these copies were placed, after the placer, once
        for each copy. None is part of the mailbox's history, and none came by a move of ours."""


class _Unheard:
    """Before the floor above has registered: what comes is only placed."""

    def arrived(self, _account_id: int, _copy_ids: Sequence[int]) -> None:
        return


screener: Screener = _Nothing()
arrivals: Arrivals = _Unheard()


def register_screener(given: Screener) -> None:
    """Fill the port. Callers must read `ports.screener` when they call."""
    global screener  # noqa: PLW0603 (the port itself)
    screener = given


def register_arrivals(given: Arrivals) -> None:
    """Fill the port. Callers must read `ports.arrivals` when they call."""
    global arrivals  # noqa: PLW0603 (the port itself)
    arrivals = given
