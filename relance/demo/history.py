"""The year behind the story: who wrote about what, and what was answered. Deterministic.

Each customer has two projects in the year, with a place, a product and reference numbers of their
own, and goes through them from the first call to the last invoice; the exchanges come from
`scenes`, their wordings taken in turn, so that neighbours never read alike.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.demo import almanac, projects
from relance.demo.cast import BY_KEY, CAMILLE, CUSTOMERS, LEADS, SOPHIE, SOPHIES, Character
from relance.demo.letters import Letter
from relance.demo.scenes import Exchange, exchanges

_SEED = 1026
_OLDEST, _NEWEST = 362, 8  # days; what is newer belongs to the story
_EXCHANGES_EACH = 9  # of a customer, over the year
_LEAD_PHASES = 2  # leads have asked, and bought nothing yet


@dataclass(frozen=True, slots=True)
class _Plan:
    """One conversation to be: which exchange, when, between whom, about what."""

    exchange: Exchange
    start: datetime
    asker: Character
    answerer: Character
    cc: tuple[Character, ...]
    facts: dict[str, str]


def conversations(now: datetime) -> list[list[Letter]]:
    """The year's conversations, newest begun first, each from its oldest letter to its newest."""
    chance = random.Random(_SEED)  # noqa: S311 (no secret)
    plans = [*_strangers(now), *_colleagues(now, chance)]
    for number, person in enumerate((*CUSTOMERS, *LEADS)):
        plans += _customer(now, chance, person, number)
    plans.sort(key=lambda plan: plan.start, reverse=True)
    told: Counter[str] = Counter()
    found = []
    for plan in plans:
        found.append(_write(plan, told[plan.exchange.subject], chance, now))
        told[plan.exchange.subject] += 1
    return found


def one_more(reader: Character, number: int, now: datetime) -> Letter:
    """What a customer writes when the story is told: another one for each number."""
    own = "hugo" if reader == BY_KEY["hugo"] else ""
    theirs = [one for one in CUSTOMERS if own or (one.firm.name in SOPHIES) == (reader == SOPHIE)]
    person = theirs[number % len(theirs)]
    scenes = [
        scene
        for scene in exchanges(f"customers_{person.firm.language}")
        if scene.options.get("to", "") == own and "first" not in scene.options
    ]
    scene = scenes[(number * 5 + number // len(theirs)) % len(scenes)]
    facts = projects.facts(person, number, now, is_second=number % 2 == 0)
    plan = _Plan(scene, now, person, reader, (), facts)
    return _letter(plan, 0, _said(scene, 0, number), (), now)


def _customer(
    now: datetime, chance: random.Random, person: Character, number: int
) -> Iterator[_Plan]:
    """What one customer went through, in the order in which such things happen."""
    scenes = list(exchanges(f"customers_{person.firm.language}"))
    if person.kind == "lead":
        scenes = [one for one in scenes if one.phase <= _LEAD_PHASES]
    seller = SOPHIE if person.firm.name in SOPHIES else CAMILLE
    chosen = chance.sample(scenes, min(_EXCHANGES_EACH, len(scenes)))
    chosen.sort(key=lambda one: one.phase)
    days = sorted((_days(chance) for _ in chosen), reverse=True)
    half = len(chosen) // 2
    known = [
        projects.facts(person, number, now - timedelta(days=days[first]), is_second=first > 0)
        for first in (0, half)
    ]
    for place, (scene, ago) in enumerate(zip(chosen, days, strict=True)):
        start = _office_hour(now, ago, chance)
        facts = known[place >= half]
        ours = BY_KEY[scene.options["to"]] if "to" in scene.options else seller
        pair = (ours, person) if scene.options.get("first") == "us" else (person, ours)
        yield _Plan(scene, start, *pair, (), facts)


def _colleagues(now: datetime, chance: random.Random) -> Iterator[_Plan]:
    """Each kind of exchange in the house comes back every few months, about somebody else."""
    scenes = exchanges("colleagues")
    for number, scene in enumerate(scenes * 4):
        ago = _NEWEST + (number * 37 + number // len(scenes) * 11) % (_OLDEST - _NEWEST)
        start = _office_hour(now, ago, chance)
        about = CUSTOMERS[(number * 13) % len(CUSTOMERS)]
        copied = (BY_KEY[scene.options["cc"]],) if "cc" in scene.options else ()
        asker, answerer = BY_KEY[scene.options["from"]], BY_KEY[scene.options["to"]]
        facts = projects.facts(about, number, start, is_second=number % 2 == 0)
        yield _Plan(scene, start, asker, answerer, copied, facts)


def _strangers(now: datetime) -> Iterator[_Plan]:
    chance = random.Random(_SEED)  # noqa: S311 (no secret)
    for scene in exchanges("strangers"):
        start = _office_hour(now, int(scene.options["days"]), chance)
        pair = BY_KEY[scene.options["from"]], BY_KEY[scene.options["to"]]
        yield _Plan(scene, start, *pair, (), {})


def _write(plan: _Plan, wording: int, chance: random.Random, now: datetime) -> list[Letter]:
    """The letters of a plan; the newer ones sometimes wait for an answer that has not come."""
    letters: list[Letter] = []
    at, turns = plan.start, len(plan.exchange.turns)
    if chance.random() < 0.15:
        turns = max(1, turns - 1)
    for turn in range(turns):
        if at > now - timedelta(days=_NEWEST - 2):
            break
        letters.append(_letter(plan, turn, _said(plan.exchange, turn, wording), letters, at))
        at = _later(at, chance)
    return letters


def _said(exchange: Exchange, turn: int, wording: int) -> str:
    """The turn's wording: the first answers the first, the second the second."""
    options = exchange.turns[turn]
    return options[wording % len(options)]


def _letter(plan: _Plan, turn: int, text: str, before: Sequence[Letter], at: datetime) -> Letter:
    asking = turn % 2 == 0
    sender, reader = plan.asker, plan.answerer
    if not asking:
        sender, reader = reader, sender
    outside = next((one for one in (sender, reader) if one.firm != CAMILLE.firm), sender)
    language = "en" if BY_KEY["tom"] in (sender, reader) else outside.firm.language
    words = {**almanac.words(at, language), **plan.facts}
    words["Weekday"] = projects.Capital(words["weekday"])
    subject = plan.exchange.subject.format(**words)
    name, _, place = plan.exchange.options.get("files", "").partition("@")
    kinds = {o for o in ("bulk", "auto") if o in plan.exchange.options}
    body = text.format(**words)
    return Letter(
        sender=sender,
        to=(reader,),
        subject=projects.polish(subject if not before else f"Re: {subject}", language),
        text=projects.polish(projects.dressed(body, (sender, reader), turn, language), language),
        at=at,
        answers=before[-1] if before else None,
        cc=plan.cc,
        files=(name.format(**words),) if name and int(place) == turn + 1 else (),
        options=frozenset(kinds | ({"html"} if turn == 1 or kinds else set())),
    )


def _days(chance: random.Random) -> int:
    """So many days ago: recent ones are likelier, since one looks at them more."""
    return _NEWEST + int((_OLDEST - _NEWEST) * chance.random() ** 1.5)


def _later(at: datetime, chance: random.Random) -> datetime:
    """When the answer came: the same day, or one of the next, at an hour when people work."""
    at += timedelta(minutes=chance.choice((24, 50, 95, 160, 1_290, 1_530, 2_880)))
    local = at.astimezone(almanac.ZONE)
    if local.hour >= 19 or local.hour < 8:
        local = local.replace(hour=8 + local.minute % 3) + timedelta(days=local.hour >= 19)
    late = local.weekday() - 4
    return local + timedelta(days=3 - late) if late > 0 else local


def _office_hour(now: datetime, ago: int, chance: random.Random) -> datetime:
    """A working day about `ago` days back, between eight and six in Paris."""
    at = (now - timedelta(days=ago)).astimezone(almanac.ZONE)
    at = at.replace(hour=chance.randint(8, 17), minute=chance.randint(0, 59), second=0)
    return at.replace(microsecond=0) - timedelta(days=max(0, at.weekday() - 4))
