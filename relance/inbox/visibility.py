"""Who may see which mail: the one function every list, panel, count, search and stream asks.

Until mailboxes can be shared, a copy is visible to its mailbox's owner alone, whatever sharing
level she chose; a record in context therefore narrows, and never widens, what is seen.
"""

from __future__ import annotations

from django.db.models import Model, QuerySet

from relance.crm.models import Company, Deal, Person
from relance.mail.models import MailAccount, MessageCopy, Thread
from relance.users.models import User


def visible_accounts(viewer: User) -> QuerySet[MailAccount]:
    """The viewer's connected mailboxes, the default one first."""
    if not viewer.is_active:
        return MailAccount.objects.none()
    return (
        MailAccount.objects.filter(owner=viewer)
        .exclude(state=MailAccount.State.DISCONNECTED)
        .order_by("-is_default", "pk")
    )


def visible_copies(viewer: User, record: Model | None = None) -> QuerySet[MessageCopy]:
    """The copies `viewer` may see; with a record, those that concern its addresses."""
    copies = MessageCopy.objects.filter(account__in=visible_accounts(viewer))
    if record is None:
        return copies
    return copies.filter(message__participants__address__in=_addresses_of(record)).distinct()


def _addresses_of(record: Model) -> QuerySet[Person, int]:
    people = Person.objects.filter(deleted_at=None)
    if isinstance(record, Person):
        people = people.filter(pk=record.pk)
    elif isinstance(record, Company):
        people = people.filter(company=record)
    elif isinstance(record, Deal):
        people = people.filter(deals=record)
    else:
        people = people.none()
    return people.values_list("addresses", flat=True)


def thread_for(viewer: User, thread_id: int) -> Thread:
    """That thread, if it is in one of the viewer's mailboxes. Raises `Thread.DoesNotExist`."""
    return Thread.objects.select_related("account").get(
        pk=thread_id, account__in=visible_accounts(viewer)
    )


def copy_for(viewer: User, copy_id: int) -> MessageCopy:
    """That copy, if the viewer may see it. Raises `MessageCopy.DoesNotExist`."""
    return (
        visible_copies(viewer).select_related("message", "folder", "account", "raw").get(pk=copy_id)
    )
