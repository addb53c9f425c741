"""One mailbox, synchronised: what is done here replayed, then each folder brought in step."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from relance import live, notices
from relance.mail import accounts, outbox
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.mail.parsing import Parser
from relance.mail.sync import folders, welcome
from relance.mail.sync.folder import FolderSync
from relance.mail.sync.pipeline import Pipeline, recover
from relance.mail.sync.replay import replay
from relance.wire.errors import PermanentFailure
from relance.wire.imap import ImapSession

_log = logging.getLogger(__name__)
FIRST_SCREEN = 200  # newest mails of each folder, before the rest of any
_PROGRESS_SECONDS = 0.5
_State = MailAccount.State


@contextlib.contextmanager
def _unless_closed(folder: Folder) -> Iterator[None]:
    """A folder the server refuses to open (deleted just now, damaged, forbidden) does not keep
    the others from being read; the inbox is what a mailbox is for."""
    try:
        yield
    except PermanentFailure as failure:
        if folder.special_use == Folder.Use.INBOX or failure.code != "rejected":
            raise
        _log.warning("folder %s cannot be read: %s", folder.pk, failure.code)


class Disconnected(Exception):
    """The owner has disconnected the mailbox while it was read."""


class MailboxSync:
    """The work on one mailbox over one open session."""

    def __init__(self, account: MailAccount, session: ImapSession, parser: Parser) -> None:
        self.account = account
        self.session = session
        self.parser = parser
        self.pipeline = Pipeline(account, parser, self._placed)
        self._told_at = 0.0

    def run(self) -> None:
        """Everything. Raises `WireError` when the connection fails, `Disconnected` when the owner
        lets the mailbox go meanwhile; what was kept stays."""
        replay(self.account, self.session)
        found = folders.refresh(self.account, self.session)
        self._recover()
        works = [self._work(f) for f in found]
        if self.account.imported_at is None:
            self._begin_import(works)
        for work in works:
            with _unless_closed(work.folder):
                work.whole()
        folders.retire(self.account)
        self._done(found)

    def inbox_only(self) -> None:
        """The quick round after IDLE has spoken."""
        replay(self.account, self.session)
        inbox = accounts.folder_for(self.account, Folder.Use.INBOX)
        if inbox is not None:
            self._work(inbox).whole()
        MailAccount.objects.filter(pk=self.account.pk).update(synced_at=timezone.now())

    def _work(self, folder: Folder) -> FolderSync:
        return FolderSync(self.account, folder, self.session, self.pipeline)

    def _begin_import(self, works: Sequence[FolderSync]) -> None:
        """First the newest mails of each folder, so that the first screen is useful at once."""
        account = self.account
        self._enter(_State.IMPORTING, import_started_at=account.import_started_at or timezone.now())
        missing = 0
        for work in works:
            with _unless_closed(work.folder):
                work.newest(FIRST_SCREEN)
        for work in works:
            with _unless_closed(work.folder):
                missing += work.count_missing()
        account.import_done = MessageCopy.objects.filter(account=account).count()
        account.import_total = account.import_done + missing
        account.save(update_fields=["import_done", "import_total"])
        self._tell_progress()

    def _recover(self) -> None:
        """Mails kept by a process that died before it had placed them."""
        stuck = MessageCopy.objects.filter(account=self.account, stage=MessageCopy.Stage.KEPT)
        copies = list(stuck.select_related("folder").order_by("-key"))
        if copies:
            recover(self.account, copies, self.parser)

    def _placed(self, count: int) -> None:
        if not self._connected().exists():
            raise Disconnected
        if self.account.imported_at is None:
            self.account.import_done += count
            if time.monotonic() - self._told_at > _PROGRESS_SECONDS:
                self._tell_progress()

    def _tell_progress(self) -> None:
        self._told_at = time.monotonic()
        account = self.account
        account.import_total = max(account.import_total, account.import_done)
        with transaction.atomic():
            account.save(update_fields=["import_done", "import_total"])
            live.publish(
                "sync.progress",
                {
                    "account": account.pk,
                    "done": account.import_done,
                    "total": account.import_total,
                },
                user_id=account.owner_id,
            )

    @transaction.atomic
    def _done(self, found: Sequence[Folder]) -> None:
        now = timezone.now()
        first: dict[str, Any] = {}
        if self.account.imported_at is None:
            count = MessageCopy.objects.filter(account=self.account).count()
            first = {"imported_at": now, "import_done": count, "import_total": count}
        self._enter(_State.OK, error_code="", synced_at=now, **first)
        if first:
            self._welcome(found)
        outbox.settle_uncertain()

    def _enter(self, state: str, **changes: Any) -> None:
        """Write where the mailbox stands. Raises `Disconnected` when its owner has let it go."""
        if not self._connected().update(state=state, **changes):
            raise Disconnected
        before = self.account.state
        for name, value in {**changes, "state": state}.items():
            setattr(self.account, name, value)
        if before != state:
            accounts.announce(self.account)

    def _connected(self) -> QuerySet[MailAccount]:
        rows = MailAccount.objects.filter(pk=self.account.pk)
        return rows.exclude(state=_State.DISCONNECTED)

    def _welcome(self, found: Sequence[Folder]) -> None:
        """Once in the mailbox's life: its mail is here (ACC-09)."""
        owner, address, count = self.account.owner, self.account.address, self.account.import_done
        if not welcome.send(owner, address, count):
            params = {"address": address, "count": count, "folders": len(found)}
            notices.tell(owner.pk, "mailbox_imported", params)
