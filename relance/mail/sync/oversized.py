"""Loading an oversized mail, of which only the header was fetched, when somebody wants to read it
(SYN-07)."""

from __future__ import annotations

from django.db import transaction

from relance import live
from relance.mail import accounts, sources, store
from relance.mail.models import MessageCopy
from relance.mail.parsing import Parser, ParserDied
from relance.wire.errors import PermanentFailure, WireError
from relance.wire.imap import ImapSession, RawFetched

LARGEST = 64 * 1024 * 1024  # bytes; one larger still stays on its server


class TooLarge(Exception):
    """The mail is larger than `LARGEST`."""


def load(copy_id: int) -> bool:
    """Fetch the whole of that copy, and store what it says in place of its header.

    False when the server has it no more. Raises `TooLarge`, and `WireError` when the server
    cannot be reached or refuses. Takes as long as the server needs for the mail.
    """
    copy = MessageCopy.objects.select_related("account", "folder").get(pk=copy_id)
    if not copy.is_partial:
        return True
    if copy.size > LARGEST:
        raise TooLarge
    fetched = _fetch(copy)
    if fetched is None:
        return False
    if fetched.is_partial:
        raise TooLarge
    _store(copy, fetched.raw)
    return True


def load_and_tell(copy_id: int) -> str:
    """`load`, and what became of it told to the open pages of the mailbox's owner: "loaded",
    "gone", "too_large", "refused" or "unreachable"; "" when the copy itself is gone."""
    copy = MessageCopy.objects.select_related("account").filter(pk=copy_id).first()
    if copy is None:
        return ""
    try:
        outcome = "loaded" if load(copy_id) else "gone"
    except TooLarge:
        outcome = "too_large"
    except PermanentFailure:
        outcome = "refused"
    except WireError:
        outcome = "unreachable"
    live.publish(
        "message.loaded",
        {"copy": copy.pk, "thread": copy.thread_id, "outcome": outcome},
        user_id=copy.account.owner_id,
    )
    return outcome


def _fetch(copy: MessageCopy) -> RawFetched | None:
    session = ImapSession(accounts.imap_server(copy.account), accounts.guard())
    with session:
        session.list_folders()  # paths are written as the server does
        try:
            state = session.select(copy.folder.path)
        except PermanentFailure:
            return None
        if state.uidvalidity != copy.uidvalidity or copy.uid is None:
            return None
        return next(iter(list(session.fetch_raw([copy.uid], max_size=LARGEST))), None)


def _store(copy: MessageCopy, raw: bytes) -> None:
    parser = Parser()
    try:
        parsed = parser.parse([raw])[0]
    except ParserDied:
        parsed = None
    finally:
        parser.stop()
    sha256 = sources.digest(raw)
    with transaction.atomic():
        sources.keep([(sha256, raw, None)])
        fresh = MessageCopy.objects.filter(pk=copy.pk, is_partial=True).update(
            raw=sha256, is_partial=False, stage=MessageCopy.Stage.KEPT
        )
        if not fresh:
            return  # somebody else has just loaded it
        copy.raw_id, copy.is_partial = sha256, False
        if parsed is None:
            store.set_aside(copy.account, copy, raw)
        else:
            store.place(copy.account, [(copy, parsed)])
