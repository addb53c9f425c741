"""Sales documents and the mails they leave with (REC-10).

A document that left with a mail is *sent*. A mail leaves when the outbox says so, maybe hours
after it was written: whoever shows documents calls `settle` first.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from relance.crm import sales
from relance.crm.models import SalesDocument
from relance.inbox import recipients, writing
from relance.inbox.models import DocumentMail
from relance.inbox.recipients import Recipient
from relance.mail import attachments
from relance.mail.models import Outgoing
from relance.users.models import User


def recipient_of(viewer: User, document: SalesDocument) -> Recipient | None:
    """Whom it goes to: its contact, else its account (of a purchase order, the supplier). None
    where there is no address that takes mail."""
    for record in (document.person, document.company):
        if record is None or record.deleted_at is not None:
            continue
        found = recipients.of_record(viewer, record)
        if found.first is not None or found.others:
            return found.first or found.others[0]
    return None


@transaction.atomic
def begin(  # noqa: PLR0913 (a mail begins with these)
    viewer: User, document: SalesDocument, to: Recipient, *, subject: str, html: str, pdf: bytes
) -> Outgoing:
    """A draft to `to` with the PDF attached. Raises what `writing.begin` and `attachments.add`
    do."""
    row = {"name": to.name, "address": to.address}
    if document.person_id:
        row["record"] = f"person:{document.person_id}"
    draft = writing.begin(viewer, people={"to": [row]}, subject=subject, html=html)
    attachments.add(draft, name=f"{document.number}.pdf", data=pdf, content_type="application/pdf")
    DocumentMail.objects.get_or_create(document=document, outgoing=draft)
    return draft


def settle() -> None:
    """Say of drafts whose mail has left that they are sent."""
    rows = DocumentMail.objects.filter(
        document__status=SalesDocument.Status.DRAFT,
        is_settled=False,
        outgoing__sent_at__isnull=False,
    )
    if found := dict(rows.values_list("pk", "document")):
        with transaction.atomic():
            sales.sent(list(found.values()))
            DocumentMail.objects.filter(pk__in=found).update(is_settled=True)


def mails_of(viewer: User, document: SalesDocument) -> QuerySet[DocumentMail]:
    """The mails of `viewer`'s own it left with, the latest first."""
    rows = DocumentMail.objects.filter(
        document=document, outgoing__author=viewer, outgoing__sent_at__isnull=False
    )
    return rows.select_related("outgoing").order_by("-outgoing__sent_at")
