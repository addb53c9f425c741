"""What the outbox tells: open pages of every state, the author of what needs her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relance import live, notices
from relance.lib.reason import Reason
from relance.mail.models import Outgoing

_MOST_NAMED = 5


def announce(outgoing: Outgoing, state: str = "") -> None:
    """Tell the author's open pages of the mail's state."""
    live.publish(
        "outgoing.changed",
        {"id": outgoing.pk, "thread": outgoing.thread_id, "state": state or outgoing.state},
        user_id=outgoing.author_id,
    )


def failed(outgoing: Outgoing, addresses: Sequence[str], answer: str, code: str = "") -> None:
    """It was refused for good, by all these recipients' servers or by her own."""
    _tell(outgoing, "outgoing_failed", addresses, answer=answer[:300], code=code)


def delayed(outgoing: Outgoing, answer: str, code: str) -> None:
    """It has been tried for a while and still waits; it will be tried for five days."""
    _tell(outgoing, "outgoing_delayed", addresses_of(outgoing), answer=answer[:300], code=code)


def held(outgoing: Outgoing, reason: Reason) -> None:
    """It does not leave: something changed since it was queued."""
    _tell(
        outgoing,
        "outgoing_held",
        addresses_of(outgoing),
        code=reason.code,
        params=dict(reason.params),
    )


def not_sent_while_edited(outgoing: Outgoing) -> None:
    """Its hour came while she was changing it, and it has not been sent since."""
    people = outgoing.people.get("to") or ()
    _tell(
        outgoing,
        "outgoing_edited",
        [str(p.get("address", "")) for p in people],
        code="edited",
        at=outgoing.scheduled_at.isoformat() if outgoing.scheduled_at else "",
    )


def addresses_of(outgoing: Outgoing) -> list[str]:
    """The addresses the mail goes to."""
    return list(outgoing.recipients.order_by("pk").values_list("address__address", flat=True))


def _tell(outgoing: Outgoing, notice: str, addresses: Sequence[str], **params: Any) -> None:
    notices.tell(
        outgoing.author_id,
        notice,
        {"outgoing": outgoing.pk, "addresses": list(addresses[:_MOST_NAMED]), **params},
        url=f"/outgoing/{outgoing.pk}/",
    )
