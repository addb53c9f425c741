"""The local-operation outbox: done here at once, replayed on the server in order, once.

Every act writes its local effect and its `Operation` rows in one transaction. The sync process
replays them before it looks at the folders, so that what it sees agrees with what was done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from relance.mail import accounts, counting, ports
from relance.mail.models import Folder, MailAccount, MessageCopy, Operation

_NAMES = {"archive": "Archive", "trash": "Trash", "spam": "Junk", "sent": "Sent"}


@transaction.atomic
def mark_seen(copies: Sequence[MessageCopy], *, seen: bool) -> None:
    """Mark these copies read or unread, here now and on the server soon."""
    changed = [c for c in copies if c.is_seen != seen]
    if not changed:
        return
    MessageCopy.objects.filter(pk__in=[c.pk for c in changed]).update(
        is_seen=seen, flags_changed_at=timezone.now()
    )
    seen_unseen = (Operation.Kind.SEEN, Operation.Kind.UNSEEN)
    _set(changed, *(seen_unseen if seen else seen_unseen[::-1]))
    for folder_id, n in _per_folder(changed).items():
        counting.move(folder_id, unread=-n if seen else n)
    _tell(changed)


@transaction.atomic
def mark_flagged(copies: Sequence[MessageCopy], *, flagged: bool) -> None:
    """Star these copies or take their star off, here now and on the server soon."""
    changed = [c for c in copies if c.is_flagged != flagged]
    if not changed:
        return
    MessageCopy.objects.filter(pk__in=[c.pk for c in changed]).update(
        is_flagged=flagged, flags_changed_at=timezone.now()
    )
    flag_unflag = (Operation.Kind.FLAG, Operation.Kind.UNFLAG)
    _set(changed, *(flag_unflag if flagged else flag_unflag[::-1]))
    _tell(changed)


def _set(copies: Sequence[MessageCopy], kind: str, opposite: str) -> None:
    """Have the server set a flag; a wish of the opposite that it has not heard of is dropped."""
    _waiting(copies, opposite).update(state=Operation.State.CANCELLED)
    Operation.objects.bulk_create([_operation(c, kind) for c in copies])


@transaction.atomic
def move(copies: Sequence[MessageCopy], use: str) -> None:
    """Move these copies to their mailbox's folder of that use ("archive", "trash", "inbox" …).

    A mailbox that has no such folder gets one, here now and on the server when it is replayed.
    """
    by_account: dict[int, list[MessageCopy]] = defaultdict(list)
    for copy in copies:
        by_account[copy.account_id].append(copy)
    for some in by_account.values():
        move_to(some, folder_of(some[0].account, use))


@transaction.atomic
def move_to(copies: Sequence[MessageCopy], target: Folder) -> None:
    """Move these copies of one mailbox to `target`. Moving back what the server has not heard of
    yet only cancels the operation."""
    moved = [c for c in copies if c.folder_id != target.pk]
    for copy in moved:
        _move_one(copy, target)
    for folder_id, n in _per_folder(moved).items():
        unread = sum(not c.is_seen for c in moved if c.folder_id == folder_id)
        counting.move(folder_id, total=-n, unread=-unread)
    unseen = sum(not c.is_seen for c in moved)
    counting.move(target.pk, total=len(moved), unread=unseen)
    _tell(moved)


def _move_one(copy: MessageCopy, target: Folder) -> None:
    unheard = _waiting([copy], Operation.Kind.MOVE).filter(lease_until=None).last()
    if unheard and unheard.source_folder_id == target.pk:
        cancelled = Operation.objects.filter(pk=unheard.pk, lease_until=None).update(
            state=Operation.State.CANCELLED
        )
        if cancelled:
            _put(copy, target, unheard.source_uidvalidity, unheard.source_uid)
            return
    redirected = (
        unheard is not None
        and copy.uid is None
        and Operation.objects.filter(pk=unheard.pk, lease_until=None).update(target_folder=target)
    )
    if not redirected:
        Operation.objects.create(**_values(copy, Operation.Kind.MOVE), target_folder=target)
    _put(copy, target, target.uidvalidity, None)


def _put(copy: MessageCopy, target: Folder, uidvalidity: int, uid: int | None) -> None:
    MessageCopy.objects.filter(pk=copy.pk).update(folder=target, uidvalidity=uidvalidity, uid=uid)


def _waiting(copies: Sequence[MessageCopy], kind: str) -> QuerySet[Operation]:
    return Operation.objects.filter(
        copy__in=[c.pk for c in copies], kind=kind, state=Operation.State.WAITING
    ).order_by("pk")


def _operation(copy: MessageCopy, kind: str) -> Operation:
    return Operation(**_values(copy, kind))


def _values(copy: MessageCopy, kind: str) -> dict[str, object]:
    return {
        "account_id": copy.account_id,
        "kind": kind,
        "copy": copy,
        "source_folder_id": copy.folder_id,
        "source_uidvalidity": copy.uidvalidity,
        "source_uid": copy.uid,
    }


def folder_of(account: MailAccount, use: str) -> Folder:
    """The mailbox's folder of that use, made here (and on the server later) when missing."""
    found = accounts.folder_for(account, use)
    if found is not None:
        return found
    delimiter = account.folders.exclude(delimiter="").values_list("delimiter", flat=True).first()
    path = _NAMES.get(use, use.title())
    inside = account.folders.filter(path__istartswith=f"INBOX{delimiter}").exists()
    return Folder.objects.update_or_create(
        account=account,
        path=f"INBOX{delimiter}{path}" if inside and delimiter else path,
        defaults={
            "delimiter": delimiter or "",
            "special_use": use,
            "is_monitored": True,
            "is_selectable": True,
            "missing_at": None,
        },
    )[0]


def _per_folder(copies: Sequence[MessageCopy]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for copy in copies:
        counts[copy.folder_id] += 1
    return counts


def _tell(copies: Sequence[MessageCopy]) -> None:
    """Place the threads anew, and have the sync process replay soon."""
    threads: dict[int, set[int]] = defaultdict(set)
    for copy in copies:
        if copy.thread_id:
            threads[copy.account_id].add(copy.thread_id)
    for account_id, ids in threads.items():
        ports.placer.threads_changed(account_id, ids)
    wanted = Q(pk__in={c.account_id for c in copies})
    MailAccount.objects.filter(wanted).update(wanted_at=timezone.now())
