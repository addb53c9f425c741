"""Ten thousand mails as they come, made by rule and always the same.

About 53 kB on average: conversations of 1 to 40 mails, French and English, several charsets,
attachments, one delivery report in a hundred, and one in fifty malformed, of eighteen kinds.
Cached beside the other worlds of the benchmarks, and made anew when the rules change.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import letters, malformed
from bench.measure import CACHE, fingerprint

COUNT = 10_000
_UNREAD = 300
_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

Mail = tuple[bytes, tuple[str, ...], datetime]


def load(count: int = COUNT) -> list[Mail]:
    """(source, flags, date) of the first `count` mails."""
    if not _cached().exists():
        prepare()
    mails: list[Mail] = pickle.loads(_cached().read_bytes())
    return mails[:count]


def prepare() -> None:
    """Write the corpus into the cache, in place of an older one."""
    found = list(mails())
    CACHE.mkdir(parents=True, exist_ok=True)
    for older in CACHE.glob("corpus*.pickle"):
        older.unlink()
    _cached().write_bytes(pickle.dumps(found))
    size = sum(len(raw) for raw, _, _ in found)
    print(f"corpus: {len(found)} mails, {size / len(found) / 1000:.1f} kB on average")


def mails(count: int = COUNT) -> Iterator[Mail]:
    """The first `count` mails, made afresh."""
    chance = random.Random(53)
    for n in range(count):
        at = _START + timedelta(minutes=47 * n)
        flags = ("\\Seen",) if n < COUNT - _UNREAD else ()
        yield _raw(n, chance, at), flags, at


def _raw(n: int, chance: random.Random, at: datetime) -> bytes:
    if n % 50 == 7:
        return malformed.KINDS[n // 50 % len(malformed.KINDS)](n, chance, at)
    return letters.report(n, at) if n % 97 == 3 else letters.ordinary(n, chance, at)


def _cached() -> Path:
    rules = [Path(module.__file__ or "") for module in (letters, malformed)]
    return CACHE / f"corpus-{fingerprint([Path(__file__), *rules])}.pickle"
