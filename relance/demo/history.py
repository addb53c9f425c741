"""The year behind the story: who wrote about what, and what was answered. Deterministic."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.demo import phrases
from relance.demo.cast import CAMILLE, COLLEAGUES, CUSTOMERS, HUGO, SOPHIE, Character
from relance.demo.letters import Letter
from relance.demo.phrases import Topic

YEAR = 365
_SEED = 20261124
_QUIET_DAYS = 5  # the last days belong to the story


@dataclass(slots=True)
class _Chance:
    """Draws that never give the same thing twice in a row."""

    random: random.Random
    last: dict[str, str]

    def pick(self, kind: str, options: Sequence[str]) -> str:
        chosen = self.random.choice([o for o in options if o != self.last.get(kind)] or options)
        self.last[kind] = chosen
        return chosen


def conversations(now: datetime) -> Iterator[list[Letter]]:
    """Exchanges without end, newest begun first, each a list of letters from oldest to newest."""
    chance = _Chance(random.Random(_SEED), {})  # noqa: S311 (no secret)
    number = 0
    while True:
        number += 1
        days = _QUIET_DAYS + (number * 0.83) % (YEAR - _QUIET_DAYS - 6)
        start = _office_hour(now - timedelta(days=days), chance.random)
        yield _internal(chance, start) if number % 6 == 0 else _external(chance, start, number)


def _external(chance: _Chance, start: datetime, number: int) -> list[Letter]:
    customer = CUSTOMERS[(number * 7) % len(CUSTOMERS)]
    english = customer.firm.language == "en"
    topics = phrases.ENGLISH if english else phrases.FRENCH
    topic = topics[(number * 5 + number // len(topics)) % len(topics)]
    reader = (CAMILLE, CAMILLE, CAMILLE, SOPHIE, HUGO)[number % 5]
    return _exchange(chance, topic, (customer, reader), start)


def _internal(chance: _Chance, start: datetime) -> list[Letter]:
    one = chance.random.choice(COLLEAGUES[:3])
    topic = chance.random.choice(phrases.INTERNAL)
    return _exchange(chance, topic, (one, CAMILLE), start)


def _exchange(
    chance: _Chance, topic: Topic, pair: tuple[Character, Character], start: datetime
) -> list[Letter]:
    """Opening, answer, perhaps a reply; sometimes nobody answered."""
    asker, answerer = pair
    words = _words(chance, asker.firm.language)
    length = chance.random.choice((1, 2, 2, 3, 3, 3))
    steps = (topic.opening, topic.answer, topic.reply)[:length]
    letters: list[Letter] = []
    at = start
    for position, options in enumerate(steps):
        asking = position % 2 == 0
        text = chance.pick(f"{topic.subject}{position}", options).format(**words)
        subject = topic.subject.format(**words)
        letters.append(
            Letter(
                sender=asker if asking else answerer,
                to=(answerer if asking else asker,),
                subject=_capital(subject if position == 0 else f"Re: {subject}"),
                text="\n\n".join(_capital(p) for p in text.split("\n\n")),
                at=at,
                answers=letters[-1] if letters else None,
                files=(topic.file,) if topic.file and position == 1 else (),
                html=chance.random.random() < 0.5,
            )
        )
        at += timedelta(minutes=chance.random.choice((35, 140, 420, 1500, 2900)))
    return letters


def _words(chance: _Chance, language: str) -> dict[str, str]:
    english = language == "en"
    return {
        "x": chance.pick("x", phrases.PRODUCTS_EN if english else phrases.PRODUCTS_FR),
        "p": chance.pick("p", phrases.PLACES_EN if english else phrases.PLACES_FR),
        "d": chance.pick("d", phrases.DAYS_EN if english else phrases.DAYS_FR),
        "n": str(chance.random.randint(6, 96)),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _office_hour(at: datetime, chance: random.Random) -> datetime:
    """A working day between eight and six, at or before `at`."""
    at = at.replace(hour=chance.randint(7, 16), minute=chance.randint(0, 59))
    return at - timedelta(days=max(0, at.weekday() - 4))
