"""Everything between "send" and "filed in Sent". States are drawn in `models.Outgoing`.

`queueing` and `changing` hold what users do, `sending` what workers do, `lanes` the background of
the jobs process. Whoever queues a mail wakes a worker with `jobs.deliver_later`; a lost wake-up
costs a second.
"""

from relance.mail.outbox.changing import (
    discard,
    hold_for_editing,
    mark_gone,
    resume,
    take_back,
    try_again,
)
from relance.mail.outbox.filing import settle_uncertain
from relance.mail.outbox.lanes import stop, wake
from relance.mail.outbox.letters import Letter, bytes_of, sent_copy_of
from relance.mail.outbox.outcomes import GIVE_UP_AFTER
from relance.mail.outbox.queueing import (
    MayNotSend,
    NoRecipient,
    queue,
    queue_reply,
    schedule,
    send,
)
from relance.mail.outbox.sending import deliver, due, sweep
from relance.mail.outbox.times import TooSoon, wall_time

__all__ = [
    "GIVE_UP_AFTER",
    "Letter",
    "MayNotSend",
    "NoRecipient",
    "TooSoon",
    "bytes_of",
    "deliver",
    "discard",
    "due",
    "hold_for_editing",
    "mark_gone",
    "queue",
    "queue_reply",
    "resume",
    "schedule",
    "send",
    "sent_copy_of",
    "settle_uncertain",
    "stop",
    "sweep",
    "take_back",
    "try_again",
    "wake",
    "wall_time",
]
