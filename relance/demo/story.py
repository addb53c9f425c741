"""The conversations one finds on opening the demo, from what people wrote in `scenes`.

A large deal waits for a date, another went quiet, somebody promised a signed order, a stranger
asks for a quote, a mail came back, a newsletter arrived, and one mail is private.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from relance.demo import almanac, projects
from relance.demo.cast import BY_NAME, CAMILLE, CLARTE, HUGO, SOPHIE, TOM, Character
from relance.demo.letters import BOUNCED, Letter
from relance.demo.scenes import Dated, Line, dated

_FILES = {"today": CAMILLE, "sophie": SOPHIE, "hugo": HUGO}  # whose mailbox tells it


def today(now: datetime) -> Iterator[Letter]:
    """Every letter of the story as it stands when the demo begins, in no order."""
    for name, owner in _FILES.items():
        for scene in dated(name):
            yield from conversation(scene, now, owner)


def conversation(
    scene: Dated, now: datetime, owner: Character, *, after: Letter | None = None
) -> Iterator[Letter]:
    """The letters of one conversation in `owner`'s mailbox, oldest first, going on from `after`."""
    previous = after
    people = list(dict.fromkeys(BY_NAME[line.who] for line in scene.lines))
    outside = [one for one in people if one.firm != CLARTE]
    language = "en" if people[0] == TOM else outside[0].firm.language if outside else "fr"
    words = almanac.words(now, language)
    for number, line in enumerate(scene.lines):
        is_last = number == len(scene.lines) - 1
        subject = _subject(scene, line, is_first=previous is None, is_last=is_last)
        previous = Letter(
            sender=BY_NAME[line.who],
            to=recipients(scene, number, owner),
            subject=projects.polish(subject.format(**words), language),
            text=projects.polish(line.text.format(**words), language),
            at=_instant(line.when, now),
            answers=previous,
            cc=_named(line, "cc"),
            files=[name.format(**words) for name in line.values.get("files", ())],
            options=line.options,
        )
        yield previous


def last_of(subject: str, now: datetime) -> Letter | None:
    """The newest letter of the story's conversation of that subject, None when there is none."""
    for name, owner in _FILES.items():
        for scene in dated(name):
            if scene.subject.removeprefix("Re: ") == subject.removeprefix("Re: "):
                return list(conversation(scene, now, owner))[-1]
    return None


def _subject(scene: Dated, line: Line, *, is_first: bool, is_last: bool) -> str:
    plain = scene.subject.removeprefix("Re: ")
    if "bounce" in line.options:
        return BOUNCED
    if is_first:
        return plain
    return scene.subject if is_last else f"Re: {plain}"


def recipients(scene: Dated, number: int, owner: Character) -> tuple[Character, ...]:
    """Whom a letter says it is to; else the owner, and hers go to whoever wrote last, or next."""
    line = scene.lines[number]
    if named := _named(line, "to"):
        return named
    if line.who != owner.name:
        return (owner,)
    before = [one.who for one in reversed(scene.lines[:number])]
    after = [one.who for one in scene.lines[number:]]
    return (BY_NAME[next(who for who in (*before, *after) if who != owner.name)],)


def _named(line: Line, option: str) -> tuple[Character, ...]:
    return tuple(BY_NAME[name] for name in line.values.get(option, ()))


def _instant(when: str, now: datetime) -> datetime:
    """ "11m" is that long ago, "3d 09:40" three working days ago at that hour, "now" is now."""
    if when == "now":
        return now
    if when.endswith("m"):
        return now - timedelta(minutes=int(when[:-1]))
    days, clock = when.split()
    hour, _, minute = clock.partition(":")
    return almanac.working_days_ago(now, int(days[:-1]), int(hour), int(minute))
