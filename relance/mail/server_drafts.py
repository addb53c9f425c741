"""Drafts on the mail server: ours put there while they are written, those made elsewhere found.

Ours are known by their UID, and not fetched back (`sync.drafts`). One with a Message-ID of ours
that is newer was edited elsewhere (webmail, a phone): it is shown beside ours, never dropped.
"""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from relance.lib import clock
from relance.mail import accounts, operations
from relance.mail.models import Folder, MailAccount, MessageCopy, Operation, Outgoing
from relance.users.models import User

#: Seconds between two versions of a draft on the server, while somebody types; longer for a heavy
#: one, which takes as long to be uploaded.
PAUSE, _LONGEST_PAUSE = 30.0, 600.0
_LIGHT = 500_000  # bytes of files


def put_soon(draft: Outgoing) -> None:
    """Have the draft's present version put in Drafts, within `PAUSE`. Inside a transaction.

    Only in her own mailbox: what is written from an address of the organisation is nobody else's
    to read before it leaves.
    """
    if draft.state != Outgoing.State.DRAFT or draft.account.owner_id != draft.author_id:
        return
    target = operations.folder_of(draft.account, Folder.Use.DRAFTS)
    waiting = Operation.objects.filter(
        outgoing=draft, kind=Operation.Kind.DRAFT, state=Operation.State.WAITING, lease_until=None
    )
    # An update, so that a replay about to claim it waits for what is being saved.
    if waiting.update(account=draft.account, target_folder=target):
        return
    Operation.objects.create(
        account=draft.account,
        kind=Operation.Kind.DRAFT,
        outgoing=draft,
        target_folder=target,
        next_try_at=clock.seconds_from_now(_pause(draft)),
    )


def _pause(draft: Outgoing) -> float:
    size = draft.attachments.aggregate(size=Sum("blob__size"))["size"] or 0
    return min(PAUSE * max(1.0, size / _LIGHT), _LONGEST_PAUSE)


def remove(draft: Outgoing) -> None:
    """Have the copy on the server removed. Inside a transaction."""
    Operation.objects.filter(
        outgoing=draft, kind=Operation.Kind.DRAFT, state=Operation.State.WAITING, lease_until=None
    ).update(state=Operation.State.CANCELLED)
    if draft.draft_uid is None or draft.draft_folder is None:
        return
    Operation.objects.create(
        account_id=draft.draft_folder.account_id,
        kind=Operation.Kind.DISCARD,
        source_folder=draft.draft_folder,
        source_uidvalidity=draft.draft_uidvalidity,
        source_uid=draft.draft_uid,
    )
    accounts.ask_sync(draft.draft_folder.account)


def elsewhere(user: User) -> QuerySet[MessageCopy]:
    """Drafts in the user's mailboxes that were made, or edited since, outside Relance; the newest
    first."""
    ours = Outgoing.objects.filter(
        Q(draft_uid=None)
        | Q(draft_uid__gte=OuterRef("uid"))
        | ~Q(draft_uidvalidity=OuterRef("uidvalidity"))
        | ~Q(state=Outgoing.State.DRAFT),
        message_id=OuterRef("message__message_id"),
    )
    same_place = Outgoing.objects.filter(
        draft_folder=OuterRef("folder"),
        draft_uidvalidity=OuterRef("uidvalidity"),
        draft_uid=OuterRef("uid"),
    )
    return (
        MessageCopy.objects.filter(
            account__owner=user,
            folder__special_use=Folder.Use.DRAFTS,
            message__isnull=False,
            uidvalidity=F("folder__uidvalidity"),
        )
        .exclude(account__state=MailAccount.State.DISCONNECTED)
        .filter(~Exists(ours), ~Exists(same_place), ~Exists(_being_removed()))
        .select_related("message", "folder", "account")
        .order_by("-key")
    )


def _being_removed() -> QuerySet[Operation]:
    return Operation.objects.filter(
        kind=Operation.Kind.DISCARD,
        state=Operation.State.WAITING,
        source_folder=OuterRef("folder"),
        source_uidvalidity=OuterRef("uidvalidity"),
        source_uid=OuterRef("uid"),
    )
