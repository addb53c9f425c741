"""New mail in the demo: now and then by itself, and whenever one asks."""

from __future__ import annotations

import random
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings

from relance.demo import history, maildir, story, world
from relance.demo.cast import BY_ADDRESS, CAMILLE, Character
from relance.demo.letters import Letter, as_bytes
from relance.demo.scenes import Dated, dated
from relance.lib import clock
from relance.mail import accounts
from relance.mail.models import MailAccount
from relance.users.models import Organisation

_EVERY = (150.0, 270.0)  # seconds between two mails that come by themselves
_ALREADY_FULL = 8  # unread arrivals nobody looks at; then the world waits


class Clock:
    """When the next mail comes by itself, in this process."""

    due_at = 0.0

    def is_time(self) -> bool:
        """Is it time? The first answer is no; each yes sets the next time."""
        now = time.monotonic()
        due = bool(self.due_at) and now >= self.due_at
        if due or not self.due_at:
            self.due_at = now + random.uniform(*_EVERY)  # noqa: S311 (no secret)
        return due


_clock = Clock()


def deliver_now(email: str) -> str:
    """Let the next mail of the story arrive in that mailbox; returns its subject.

    Each comes once, whichever process asks; when the story is told, customers go on writing.
    """
    data = Path(settings.DATA)
    reader = BY_ADDRESS[email]
    scenes = [scene for scene in dated("arrivals") if _reader_of(scene) == reader]
    number = _claim(data, email)
    now = clock.now()
    if number < len(scenes):
        letter = _told(scenes[number], reader, now, world.built_at(data))
    else:
        letter = history.one_more(reader, number, now)
    maildir.deliver(data, email, as_bytes(letter))
    return letter.subject


def deliver_sometimes() -> None:
    """Called every minute by the schedule; does nothing outside the demo."""
    organisation = Organisation.current()
    if organisation is None or not organisation.is_demo or not _clock.is_time():
        return
    account = MailAccount.objects.filter(address=CAMILLE.address).first()
    if account is not None and _has_room(account):
        deliver_now(account.address)
        accounts.ask_sync(account)


def _has_room(account: MailAccount) -> bool:
    """A demo left alone overnight is not found with hundreds of mails."""
    unread = account.copies.filter(is_seen=False, is_history=False, is_outgoing=False)
    return unread.count() < _ALREADY_FULL


def _told(scene: Dated, reader: Character, now: datetime, built_at: datetime) -> Letter:
    """The letter of an arrival, in the conversation of the story it goes on with."""
    after = story.last_of(scene.subject, built_at)
    return next(story.conversation(scene, now, reader, after=after))


def _reader_of(scene: Dated) -> Character:
    return story.recipients(scene, 0, CAMILLE)[0]


def _claim(data: Path, email: str) -> int:
    """The next number of that mailbox: making its file is what counts, and only one can."""
    folder = data / "arrived" / email.partition("@")[0]
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in folder.iterdir())
    while True:
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number
