"""Building the demo world: people and deals in the CRM, mail in the folders of its server."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from relance.demo import history, maildir, records, story
from relance.demo.cast import CAMILLE, STRANGERS
from relance.demo.letters import Letter, as_bytes
from relance.lib import clock
from relance.mail.models import MailAccount
from relance.users.models import Organisation

MAILS = 1_200
_IN_INBOX = timedelta(days=50)
_MARKER = "demo.json"


def primary_email() -> str:
    """Whom the one-time link lets in."""
    return CAMILLE.address


def build(data: Path) -> None:
    """Make the world, once: a world that was built is left as it is.

    Interrupted, it begins anew the next time: the marker is written last.
    """
    marker = data / _MARKER
    if marker.exists():
        return
    shutil.rmtree(data / "mail", ignore_errors=True)
    maildir.make(data)
    now = clock.now()
    write_mail(data, now)
    with transaction.atomic():
        if Organisation.current() is None:
            records.write(now)
    kept = {"imap": 0, "smtp": 0, "built_at": now.isoformat()}
    marker.write_text(json.dumps(kept))


def built_at(data: Path) -> datetime:
    """When the story began: its dates are counted from there."""
    return datetime.fromisoformat(json.loads((data / _MARKER).read_text())["built_at"])


def settle_ports(data: Path) -> tuple[int, int]:
    """(IMAP port, SMTP port): the ones of last time where they are free, else others; the
    mailboxes and the guard are told."""
    marker = data / _MARKER
    kept = json.loads(marker.read_text())
    imap, smtp = _free(kept["imap"]), _free(kept["smtp"])
    while smtp == imap:
        smtp = _free(0)
    marker.write_text(json.dumps({**kept, "imap": imap, "smtp": smtp}))
    hosts = [f"127.0.0.1:{imap}", f"127.0.0.1:{smtp}"]
    Organisation.objects.update(allowed_hosts=hosts)
    MailAccount.objects.filter(imap_host="127.0.0.1").update(
        imap_port=imap,
        smtp_port=smtp,
        wanted_at=clock.now(),
        next_try_at=None,
        lease_until=None,
    )
    return imap, smtp


def _free(port: int) -> int:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return _free(0)
        return int(trial.getsockname()[1])


def write_mail(data: Path, now: datetime) -> None:
    """Twelve hundred mails, oldest first, so that the server numbers them so."""
    for letter in sorted(letters(now), key=lambda one: one.at):
        raw = as_bytes(letter)
        for email, folder, flags in places(letter, now):
            maildir.deliver(data, email, raw, folder=folder, flags=flags, at=letter.at)


def letters(now: datetime) -> list[Letter]:
    """The story, then as much of the year as makes `MAILS` copies in the mailboxes."""
    found = list(story.today(now))
    room = MAILS - sum(_copies(letter, now) for letter in found)
    for conversation in _evenly(history.conversations(now)):
        for letter in conversation:
            copies = _copies(letter, now)
            if copies > room:
                break
            found.append(letter)
            room -= copies
    return found


def _evenly(conversations: list[list[Letter]]) -> Iterator[list[Letter]]:
    """Strangers' first, then the others by turns, so that the year is thinned evenly."""
    strangers = set(STRANGERS.values())
    yield from (one for one in conversations if one and one[0].sender in strangers)
    others = [one for one in conversations if one and one[0].sender not in strangers]
    for first in range(7):
        yield from others[first::7]


def _copies(letter: Letter, now: datetime) -> int:
    return sum(1 for _ in places(letter, now))


def places(letter: Letter, now: datetime) -> Iterator[tuple[str, str, str]]:
    """(mailbox, folder, Maildir flags) of each copy of a letter."""
    if letter.sender.address in maildir.PASSWORDS:
        yield letter.sender.address, "Sent", "S"
    for person in (*letter.to, *letter.cc):
        if person.address in maildir.PASSWORDS and person != letter.sender:
            is_recent = letter.at > now - _IN_INBOX
            flags = "" if "unread" in letter.options else "S"
            yield person.address, "" if is_recent else "Archive", flags
