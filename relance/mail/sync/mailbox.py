"""One mailbox, synchronised: what is done here replayed, then each folder brought in step."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from relance import live, notices
from relance.mail import accounts, outbox
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.mail.parsing import Parser
from relance.mail.sync import folders
from relance.mail.sync.folder import FolderSync
from relance.mail.sync.pipeline import Pipeline, recover
from relance.mail.sync.replay import replay
from relance.wire.imap import ImapSession

FIRST_SCREEN = 200  # newest mails of each folder, before the rest of any
_PROGRESS_SECONDS = 0.5
_State = MailAccount.State


class MailboxSync:
    """The work on one mailbox over one open session."""

    def __init__(self, account: MailAccount, session: ImapSession, parser: Parser) -> None:
        self.account = account
        self.session = session
        self.parser = parser
        self.pipeline = Pipeline(account, parser, self._placed)
        self._told_at = 0.0

    def run(self) -> None:
        """Everything. Raises `WireError` when the connection fails; what was kept stays."""
        replay(self.account, self.session)
        found = folders.refresh(self.account, self.session)
        self._recover()
        works = [self._work(f) for f in found]
        if self.account.imported_at is None:
            self._begin_import(works)
        for work in works:
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
        account.state = _State.IMPORTING
        account.import_started_at = account.import_started_at or timezone.now()
        account.save(update_fields=["state", "import_started_at"])
        accounts.announce(account)
        for work in works:
            work.newest(FIRST_SCREEN)
        done = MessageCopy.objects.filter(account=account).count()
        account.import_done = done
        account.import_total = done + sum(work.count_missing() for work in works)
        account.save(update_fields=["import_done", "import_total"])
        self._tell_progress()

    def _recover(self) -> None:
        """Mails kept by a process that died before it had placed them."""
        stuck = MessageCopy.objects.filter(account=self.account, stage=MessageCopy.Stage.KEPT)
        copies = list(stuck.select_related("folder").order_by("-key"))
        if copies:
            recover(self.account, copies, self.parser)

    def _placed(self, count: int) -> None:
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
        account, now = self.account, timezone.now()
        before = account.state
        first = account.imported_at is None
        account.state, account.error_code, account.synced_at = _State.OK, "", now
        if first:
            account.imported_at = now
            account.import_done = MessageCopy.objects.filter(account=account).count()
            account.import_total = account.import_done
            self._welcome(found)
        account.save(
            update_fields=[
                "state",
                "error_code",
                "synced_at",
                "imported_at",
                "import_done",
                "import_total",
            ]
        )
        if before != account.state:
            accounts.announce(account)
        outbox.settle_uncertain()

    def _welcome(self, found: Sequence[Folder]) -> None:
        """Once in the mailbox's life: its mail is here."""
        notices.tell(
            self.account.owner_id,
            "mailbox_imported",
            {
                "address": self.account.address,
                "count": self.account.import_done,
                "folders": len(found),
            },
        )
