"""One folder, brought in step with the server's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from relance.mail import store
from relance.mail.models import Folder, MailAccount, MessageCopy, Operation
from relance.mail.store import Arrival
from relance.mail.sync import drafts, plan
from relance.mail.sync.pipeline import Pipeline
from relance.mail.sync.plan import Remote, Saved, SyncPlan
from relance.wire.imap import FetchedFlags, ImapSession

OURS_WINS = timedelta(minutes=2)
_SOME = 500
_T = TypeVar("_T")


@dataclass(slots=True)
class FolderSync:
    """The work on one folder of an open session."""

    account: MailAccount
    folder: Folder
    session: ImapSession
    pipeline: Pipeline

    def count_missing(self) -> int:
        """How many mails the server has that we have not, as far as counts tell."""
        remote = self._select()
        ours = self._copies(remote.uidvalidity).count() + len(self._drafts(remote))
        return max(0, remote.exists - ours)

    def newest(self, most: int) -> None:
        """Fetch the newest `most` mails only: the first useful screen of a first import."""
        remote = self._select()
        if self.folder.uidvalidity not in (0, remote.uidvalidity):
            return
        self._number(remote)
        lowest = max(1, remote.exists - most + 1)
        uids = self._newest_uids(remote, lowest)
        ours = self._ours(remote, at_least=0)
        self._fetch([u for u in uids if u not in ours][:most], numbered_anew=False)

    def whole(self) -> None:
        """Everything: new mail, flags, what is gone. Nothing when the server says so."""
        remote = self._select()
        saved = self._saved(remote)
        if plan.is_unchanged(saved, remote):
            self._lay_ghosts()
            self._save(remote)
            return
        made, flags = self._plan(saved, remote)
        self._number(remote)
        self._fetch(made.fetch, numbered_anew=made.restart)
        if made.restart:
            self._forget(self.folder.copies.exclude(uidvalidity=remote.uidvalidity))
        for some in _chunks(made.forget):
            self._forget(self._copies(remote.uidvalidity).filter(uid__in=some))
            drafts.forget(self.folder, some)
        if not made.restart:
            self._refresh_flags(remote, flags)
        self._lay_ghosts()
        self._save(remote)

    def _select(self) -> Remote:
        state = self.session.select(self.folder.path)
        return Remote(state.uidvalidity, state.uidnext, state.exists, state.highestmodseq)

    def _copies(self, uidvalidity: int) -> QuerySet[MessageCopy]:
        return self.folder.copies.filter(uidvalidity=uidvalidity, uid__isnull=False)

    def _saved(self, remote: Remote) -> Saved:
        return Saved(
            self.folder.uidvalidity,
            self.folder.uidnext,
            self.folder.highestmodseq,
            self._copies(remote.uidvalidity).count() + len(self._drafts(remote)),
            self._pending(remote),
        )

    def _pending(self, remote: Remote) -> set[int]:
        """UIDs that operations of ours are about to move out of this folder."""
        rows = Operation.objects.filter(
            source_folder=self.folder,
            source_uidvalidity=remote.uidvalidity,
            kind=Operation.Kind.MOVE,
            state=Operation.State.WAITING,
        ).values_list("source_uid", flat=True)
        return {uid for uid in rows if uid is not None}

    def _plan(self, saved: Saved, remote: Remote) -> tuple[SyncPlan, FetchedFlags | None]:
        same = saved.uidvalidity == remote.uidvalidity and saved.uidnext
        flags: FetchedFlags | None = None
        new: list[int] = []
        ours: set[int | None] = set()
        if same and remote.uidnext != saved.uidnext:
            flags = self.session.fetch_flags(f"{saved.uidnext}:*")
            new = list(flags)
            ours = self._ours(remote, at_least=saved.uidnext)
        complete = plan.needs_every_uid(saved, remote, new_count=len(set(new) - ours))
        theirs = self.session.uids() if complete else new
        if complete:
            ours = self._ours(remote, at_least=0)
        known = {uid for uid in ours if uid is not None}
        return plan.make(saved, remote, theirs=theirs, ours=known, complete=complete), flags

    def _ours(self, remote: Remote, *, at_least: int) -> set[int | None]:
        copies = self._copies(remote.uidvalidity).filter(uid__gte=at_least)
        known = set(copies.values_list("uid", flat=True))
        return known | {uid for uid in self._drafts(remote) if uid >= at_least}

    def _drafts(self, remote: Remote) -> set[int]:
        """UIDs of drafts that we wrote and put here: nothing of them is to be fetched back."""
        if self.folder.special_use != Folder.Use.DRAFTS:
            return set()
        return drafts.put_in(self.folder, remote.uidvalidity)

    def _newest_uids(self, remote: Remote, lowest: int) -> list[int]:
        if remote.exists <= 5_000 or lowest == 1:
            return sorted(self.session.uids(), reverse=True)
        guess = max(1, remote.uidnext - 4 * (remote.exists - lowest + 1))
        found = sorted(self.session.fetch_flags(f"{guess}:*"), reverse=True)
        return found if found else sorted(self.session.uids(), reverse=True)

    def _number(self, remote: Remote) -> None:
        """From here on our copies are kept under the server's present numbering."""
        if self.folder.uidvalidity != remote.uidvalidity:
            self.folder.uidvalidity = remote.uidvalidity
            self.folder.uidnext = self.folder.highestmodseq = 0
            self.folder.save(update_fields=["uidvalidity", "uidnext", "highestmodseq"])

    def _fetch(self, uids: Sequence[int], *, numbered_anew: bool) -> None:
        if not uids:
            return
        waiting = self.folder.copies.filter(Q(uid=None) | ~Q(uidvalidity=self.folder.uidvalidity))
        self.pipeline.run(
            self.folder,
            self.session,
            uids,
            is_history=self.account.imported_at is None or self.folder.imported_at is None,
            adopt=self._adopt if numbered_anew or waiting.exists() else None,
        )

    def _adopt(self, arrivals: list[Arrival]) -> list[Arrival]:
        """Give their new UID to copies we have already: moved here by us, or numbered anew."""
        waiting = self.folder.copies.filter(
            Q(uid=None) | ~Q(uidvalidity=self.folder.uidvalidity),
            raw__in=[a.sha256 for a in arrivals],
        )
        by_source: dict[bytes, list[MessageCopy]] = {}
        for copy in waiting.order_by("-uid"):
            by_source.setdefault(bytes(copy.raw_id or b""), []).append(copy)
        rest = []
        for arrival in arrivals:
            same = by_source.get(arrival.sha256)
            if not same:
                rest.append(arrival)
                continue
            copy = same.pop()
            taken = self._copies(self.folder.uidvalidity).filter(uid=arrival.uid).exists()
            if not taken:
                MessageCopy.objects.filter(pk=copy.pk).update(
                    uid=arrival.uid, uidvalidity=self.folder.uidvalidity
                )
        return rest

    def _lay_ghosts(self) -> None:
        """Forget copies that we moved here and the server has not: their source was gone by then,
        or the folder had them already (an archive that holds every mail)."""
        waiting = Operation.objects.filter(
            state=Operation.State.WAITING, account=self.account, copy__isnull=False
        )
        ghosts = self.folder.copies.filter(uid=None).exclude(pk__in=waiting.values("copy"))
        for some in _chunks(list(ghosts)):
            store.forget(self.folder, some)

    def _forget(self, copies: QuerySet[MessageCopy]) -> None:
        rows = list(copies.filter(uid__isnull=False))
        for some in _chunks(rows):
            store.forget(self.folder, some)

    def _refresh_flags(self, remote: Remote, known: FetchedFlags | None) -> None:
        since = self.folder.highestmodseq
        if remote.highestmodseq and since:
            if remote.highestmodseq <= since:
                return
            flags = self.session.fetch_flags("1:*", changed_since=since)
        elif remote.highestmodseq and not self.folder.uidnext:
            return  # just imported: the flags came with the mails
        else:
            flags = self._newest_flags()
        flags.update(known or {})
        for some in _chunks(sorted(flags, reverse=True)):
            self._apply_flags(remote, {uid: flags[uid] for uid in some})

    def _newest_flags(self) -> FetchedFlags:
        """Flags of the newest mails, where the server cannot say what changed."""
        rows = self._copies(self.folder.uidvalidity).order_by("-uid")
        uids = list(rows.values_list("uid", flat=True)[: plan.FLAGS_LOOKED_AT])
        return self.session.fetch_flags(f"{uids[-1]}:*") if uids else FetchedFlags()

    def _apply_flags(self, remote: Remote, flags: dict[int, frozenset[str]]) -> None:
        recent = timezone.now() - OURS_WINS
        copies = self._copies(remote.uidvalidity).filter(uid__in=list(flags))
        changes = [
            (c, flags[c.uid or 0])
            for c in copies
            if not (c.flags_changed_at and c.flags_changed_at > recent)
            and _differ(c, flags[c.uid or 0])
        ]
        if changes:
            store.set_flags(self.folder, changes)

    def _save(self, remote: Remote) -> None:
        folder = self.folder
        folder.uidvalidity, folder.uidnext = remote.uidvalidity, remote.uidnext
        folder.highestmodseq, folder.remote_count = remote.highestmodseq, remote.exists
        folder.synced_at = timezone.now()
        folder.imported_at = folder.imported_at or folder.synced_at
        folder.save(
            update_fields=[
                "uidvalidity",
                "uidnext",
                "highestmodseq",
                "remote_count",
                "synced_at",
                "imported_at",
            ]
        )


def _differ(copy: MessageCopy, words: Iterable[str]) -> bool:
    flags = {w.lower() for w in words}
    return (copy.is_seen, copy.is_flagged, copy.is_answered, copy.is_draft) != (
        "\\seen" in flags,
        "\\flagged" in flags,
        "\\answered" in flags,
        "\\draft" in flags,
    )


def _chunks(items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for start in range(0, len(items), _SOME):
        yield items[start : start + _SOME]
