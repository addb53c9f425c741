"""Invitations to meetings: iCalendar (RFC 5545) in iTIP (RFC 5546) in mail (RFC 6047).

Read with bounds, since they come from strangers: recurrences are never unrolled, and a time zone
that a mail brings with it is read for that mail alone.
"""

from relance.mime.calendar.answering import ANSWERS, reply
from relance.mime.calendar.reading import (
    MAX_BYTES,
    Attendee,
    Event,
    Invitation,
    Recurrence,
    read,
)
from relance.mime.calendar.writing import cancel, feed, request

__all__ = [
    "ANSWERS",
    "MAX_BYTES",
    "Attendee",
    "Event",
    "Invitation",
    "Recurrence",
    "cancel",
    "feed",
    "read",
    "reply",
    "request",
]
