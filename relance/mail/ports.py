"""What this floor needs of the floors above, and who gives it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class Placer(Protocol):
    """Places conversations where their readers find them."""

    def threads_changed(
        self,
        account_id: int,
        thread_ids: Collection[int],
        *,
        new_message_ids: Sequence[int] = (),
        arrived_message_ids: Sequence[int] = (),
    ) -> None:
        """Called inside the transaction in which copies of these threads were stored, moved,
        removed or merged, or their seen flag changed.

        `new_message_ids` were never stored before, in any mailbox; `arrived_message_ids` are new
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
