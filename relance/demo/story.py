"""Today in the demo, told in `story.toml`.

A large deal waits for a date, another went quiet, somebody promised a signed order for Tuesday, a
stranger asks for a quote, a mail came back, a newsletter arrived, and one mail is private.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from relance.demo import cast
from relance.demo.cast import CAMILLE, Character, Firm
from relance.demo.letters import Letter

_DAEMON = Character("Mail Delivery", "System", "mailer-daemon", Firm("", "relais.example"))


@functools.cache
def _told() -> list[dict[str, Any]]:
    text = files("relance.demo").joinpath("story.toml").read_text("utf-8")
    conversations: list[dict[str, Any]] = tomllib.loads(text)["conversation"]
    return conversations


@functools.cache
def _people() -> dict[str, Character]:
    strangers = (cast.MARION, cast.TOBIAS, cast.AURELIE, cast.TENDERS, cast.LETTER, cast.VICTOR)
    known = (*cast.CUSTOMERS, *cast.SECOND_CONTACTS, *cast.COLLEAGUES, *strangers, CAMILLE, _DAEMON)
    return {one.name: one for one in known}


def unread_subjects() -> set[tuple[str, str]]:
    """(sender's address, end of the subject) of the eleven mails nobody has read yet."""
    return {
        (_people()[one["said"][-1]["who"]].address, one["subject"])
        for one in _told()
        if one.get("unread")
    }


def today(now: datetime) -> Iterator[Letter]:
    """Every letter of the story, each conversation from its oldest to its newest."""
    for told in _told():
        yield from _conversation(told, now)


def _conversation(told: dict[str, Any], now: datetime) -> Iterator[Letter]:
    people = _people()
    other = next(people[s["who"]] for s in told["said"] if s["who"] != CAMILLE.name)
    previous: Letter | None = None
    for position, said in enumerate(told["said"]):
        sender, subject = people[said["who"]], told["subject"]
        answers = previous is not None and not subject.startswith("Re")
        letter = Letter(
            sender=sender,
            to=(other if sender == CAMILLE else CAMILLE,),
            subject=f"Re: {subject}" if answers else subject,
            text=said["text"],
            at=now - timedelta(minutes=said["ago"]),
            answers=previous,
            html=position % 2 == 1,
            signed=told.get("signed", True),
        )
        if said is told["said"][-1]:
            letter.cc = tuple(people[name] for name in told.get("cc", ()))
            letter.files = tuple(told.get("files", ()))
            letter.headers = dict(told.get("headers", {}))
        previous = letter
        yield letter
