"""Which mail a sales document leaves with."""

from __future__ import annotations

from django.db import models

from relance.crm.models import SalesDocument
from relance.mail.models import Outgoing


class DocumentMail(models.Model):
    """A document attached to a mail. `is_settled` says that the document is known as sent by it, so
    that a document made a draft again stays one."""

    document = models.ForeignKey(SalesDocument, on_delete=models.CASCADE, related_name="+")
    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="+")
    is_settled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "outgoing"], name="inbox_document_mail_once"
            )
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} in mail {self.outgoing_id}"
