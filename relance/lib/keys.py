"""Primary keys that grow with time.

A date-major key lets SQLite's FTS5 and every list read newest first without sorting, also for
mail imported newest first, which an AUTOINCREMENT key would number backwards.
"""

import hashlib
import itertools
import secrets
from datetime import UTC, datetime

from relance.lib import clock

SEQUENCE_BITS = 20
_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1
_sequence = itertools.count(secrets.randbits(SEQUENCE_BITS))


def date_major_key(at: datetime) -> int:
    """A 62-bit key: milliseconds since 1970 (42 bits), then a sequence (20 bits).

    Within one process a million keys of the same millisecond stay distinct; between processes a
    clash is improbable, and the caller's unique constraint catches it.
    """
    milliseconds = int(clock.clamp(at).timestamp() * 1000)
    return (milliseconds << SEQUENCE_BITS) | (next(_sequence) & _SEQUENCE_MASK)


def smallest_key_at(at: datetime) -> int:
    """The smallest key a row of that instant can have: for ranges by date."""
    return int(clock.clamp(at).timestamp() * 1000) << SEQUENCE_BITS


def instant_of(key: int) -> datetime:
    """The instant a date-major key was made for, to the millisecond."""
    return datetime.fromtimestamp((key >> SEQUENCE_BITS) / 1000, UTC)


def short_hash(text: str) -> int:
    """A signed 64-bit hash of `text`, for narrow index rows (not for security)."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def hex_digest(data: bytes) -> str:
    """The SHA-256 of `data`, in hexadecimal (64 characters)."""
    return hashlib.sha256(data).hexdigest()
