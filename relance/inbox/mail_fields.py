"""The fields of a mail that conditions ask, and the records of whoever wrote it.

Rows are copies of mails in folders. In SQL a condition reads them; asked of one mail, it reads
`mail_facts.Facts`, which knows the same. "The sender's" records are those of the address in From:
contacts, and leads not converted (D2); the display name counts for nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import ExtractMonth, ExtractYear
from django.utils.translation import gettext_lazy as _

from relance.criteria.asking import Asking
from relance.criteria.fields import Entity, Field, Kind, Relation, register
from relance.crm.models import Company, Deal, Person, PersonAddress, Stage
from relance.inbox.models import Stream, ThreadLabel
from relance.mail.models import Attachment, Folder, MessageCopy, Participant

_SENDER = "message__from_address"
_KILOBYTE = 1000
_OTHER = "other"  # folders of no use of their own: "" would be what is unknown
COLUMNS = (
    (str(Stream.POTENTIALS.value), _("Potentials")),
    (str(Stream.PEOPLE.value), _("Contacts & leads")),
    (str(Stream.COLLEAGUES.value), _("Colleagues")),
    (str(Stream.NOT_IN_CRM.value), _("Not in CRM")),
)
FOLDERS = (
    (Folder.Use.INBOX.value, _("Inbox")),
    (Folder.Use.ARCHIVE.value, _("Archive")),
    (Folder.Use.SENT.value, _("Sent")),
    (Folder.Use.SPAM.value, _("Spam")),
    (Folder.Use.TRASH.value, _("Trash")),
    (_OTHER, _("Other folders")),
)


def people() -> QuerySet[Person]:
    """Those whom an address can belong to: nobody deleted, no lead that was converted."""
    rows = Person.objects.filter(deleted_at=None)
    return rows.exclude(kind=Person.Kind.LEAD, status=Person.Status.CONVERTED)


def deals() -> QuerySet[Deal]:
    return Deal.objects.filter(deleted_at=None)


def _senders() -> QuerySet[Person]:
    return people().filter(address_links__address=OuterRef(_SENDER))


def _written_by(found: QuerySet[Person]) -> tuple[str, QuerySet[Any]]:
    """Mail from these people's addresses, whichever of them it is."""
    links = PersonAddress.objects.filter(person__in=found).order_by()
    return _SENDER, links.values("address")


def _of_people(found: QuerySet[Person]) -> tuple[str, QuerySet[Any]]:
    return _written_by(people().filter(pk__in=found.order_by().values("pk")))


def _of_accounts(found: QuerySet[Company]) -> tuple[str, QuerySet[Any]]:
    living = found.filter(deleted_at=None).order_by()
    return _written_by(people().filter(company__in=living.values("pk")))


def _of_deals(found: QuerySet[Deal]) -> tuple[str, QuerySet[Any]]:
    living = found.filter(deleted_at=None).order_by()
    contacts = people().filter(kind=Person.Kind.CONTACT, deal_roles__deal__in=living.values("pk"))
    return _written_by(contacts)


def _deals() -> QuerySet[Deal]:
    return deals().filter(
        contacts__person__in=people().filter(kind=Person.Kind.CONTACT),
        contacts__person__address_links__address=OuterRef(_SENDER),
    )


def _closing(asking: Asking) -> Exists:
    """Does a deal of the sender's close in the month in which the mail was received (D43)?"""
    received, zone = OuterRef("received_at"), asking.zone
    same_month = (
        _deals()
        .exclude(stage__kind=Stage.Kind.LOST)
        .annotate(closing_year=ExtractYear("closes_on"), closing_month=ExtractMonth("closes_on"))
        .filter(
            closing_year=ExtractYear(received, tzinfo=zone),
            closing_month=ExtractMonth(received, tzinfo=zone),
        )
    )
    return Exists(same_month)


def _in_role(*roles: Participant.Role) -> Any:
    return lambda: Participant.objects.order_by().filter(
        message=OuterRef("message"), role__in=roles
    )


def _to(name: str, label: Any, *roles: Participant.Role) -> Field:
    return Field(
        *("Mail", name, label, Kind.EMAIL),
        path="address__address",
        values=lambda facts: facts.in_roles(*roles),
        is_many=True,
        beside=_in_role(*roles),
    )


MAIL = (
    Field(
        *("Mail", "from", _("from"), Kind.EMAIL),
        path="message__from_address__address",
        values=lambda facts: facts.sender,
    ),
    Field(
        *("Mail", "fromName", _("sender’s name"), Kind.TEXT),
        path="message__from_name",
        values=lambda facts: facts.sender_name,
    ),
    _to("to", _("to"), Participant.Role.TO),
    _to("cc", _("Cc"), Participant.Role.CC),
    _to("toOrCc", _("to or Cc"), Participant.Role.TO, Participant.Role.CC),
    _to("replyTo", _("answers go to"), Participant.Role.REPLY_TO),
    Field(
        *("Mail", "subject", _("subject"), Kind.TEXT),
        path="message__subject",
        values=lambda facts: facts.subject,
    ),
    Field(
        *("Mail", "body", _("text"), Kind.TEXT),
        path="message__body__text",
        values=lambda facts: facts.text,
    ),
    Field(
        *("Mail", "hasAttachment", _("has an attachment"), Kind.YES_NO),
        path="has_attachment",
        expression=ExpressionWrapper(
            Q(message__attachment_count__gt=0), output_field=BooleanField()
        ),
        values=lambda facts: facts.message.attachment_count > 0,
    ),
    Field(
        *("Mail", "attachmentName", _("name of an attachment"), Kind.TEXT),
        path="filename",
        values=lambda facts: facts.attachment_names,
        is_many=True,
        beside=lambda: Attachment.objects.filter(message=OuterRef("message"), is_inline=False),
    ),
    Field(
        *("Mail", "size", _("size (kB)"), Kind.NUMBER),
        path="size",
        values=lambda facts: facts.copy.size,
        scale=_KILOBYTE,
    ),
    Field(
        *("Mail", "listId", _("mailing list"), Kind.TEXT),
        path="message__list_id",
        values=lambda facts: facts.message.list_id,
    ),
    Field(
        *("Mail", "isBulk", _("is a newsletter or list"), Kind.YES_NO),
        path="message__is_bulk",
        values=lambda facts: facts.message.is_bulk,
    ),
    Field(
        *("Mail", "isAuto", _("was written by a machine"), Kind.YES_NO),
        path="message__is_auto",
        values=lambda facts: facts.message.is_auto,
    ),
    Field(
        *("Mail", "mailbox", _("mailbox"), Kind.EMAIL),
        path="account__address",
        values=lambda facts: facts.copy.account.address,
    ),
    Field(
        *("Mail", "folder", _("folder"), Kind.CHOICE),
        path="folder_use",
        expression=Case(
            When(folder__special_use="", then=Value(_OTHER)), default=F("folder__special_use")
        ),
        values=lambda facts: facts.copy.folder.special_use or _OTHER,
        choices=lambda: FOLDERS,
    ),
    Field(
        *("Mail", "receivedAt", _("received"), Kind.MOMENT),
        path="received_at",
        values=lambda facts: facts.copy.received_at,
    ),
    Field(
        *("Mail", "isUnread", _("is unread"), Kind.YES_NO),
        path="is_unread",
        expression=ExpressionWrapper(Q(is_seen=False), output_field=BooleanField()),
        values=lambda facts: not facts.copy.is_seen,
    ),
    Field(
        *("Mail", "isStarred", _("is starred"), Kind.YES_NO),
        path="is_flagged",
        values=lambda facts: facts.copy.is_flagged,
    ),
    Field(
        *("Mail", "column", _("column"), Kind.RECORD),
        path="thread__placement__stream",
        values=lambda facts: facts.stream,
        choices=lambda: COLUMNS,
    ),
    Field(
        *("Mail", "label", _("label"), Kind.TEXT),
        path="label__name",
        values=lambda facts: facts.labels,
        is_many=True,
        beside=lambda: ThreadLabel.objects.filter(thread=OuterRef("thread")),
    ),
    Field(
        *("Mail", "inCrm", _("is from somebody in the CRM"), Kind.YES_NO),
        path="in_crm",
        expression=Exists(_senders()),
        values=lambda facts: bool(facts.people),
    ),
    Field(
        *("Mail", "closesInMonth", _("a deal closes in the month it came"), Kind.YES_NO),
        path="closes_in_month",
        asked=_closing,
        asked_of=lambda facts, asking: facts.closes_in_month(asking.zone),
    ),
)


def declare() -> None:
    """Make the entity known; called when the application starts."""
    register(
        Entity(
            *("Mail", _("E-mail")),
            rows=lambda: MessageCopy.objects.filter(message__isnull=False),
        ),
        MAIL,
        relations=[
            Relation(
                *("Mail", "sender", _("a record of the sender"), "Person", ""),
                rows=lambda facts: facts.people,
                keyed=_of_people,
                known="inCrm",
            ),
            Relation(
                *("Mail", "account", _("an account of the sender"), "Account", ""),
                rows=lambda facts: facts.accounts,
                keyed=_of_accounts,
                known="inCrm",
            ),
            Relation(
                *("Mail", "deals", _("a deal of the sender"), "Deal", ""),
                rows=lambda facts: facts.deals,
                keyed=_of_deals,
                known="inCrm",
            ),
        ],
    )
