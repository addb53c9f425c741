"""What we did here and the server has not heard of yet."""

from __future__ import annotations

from django.db import models

from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models.accounts import Folder, MailAccount
from relance.mail.models.messages import MessageCopy


class Operation(Leased):
    """One act to be replayed on the server, once, in order.

    States: waiting ──▶ done | failed | cancelled. The local effect is applied when the row is
    written. `source_uid` names the message where the server still has it.
    """

    class Kind(models.TextChoices):
        SEEN = "seen"
        UNSEEN = "unseen"
        FLAG = "flag"
        UNFLAG = "unflag"
        ANSWERED = "answered"
        COPY = "copy"
        EXPUNGE = "expunge"  # remove for good
        CREATE = "create"  # folders: `params` holds their names
        RENAME = "rename"
        DELETE = "delete"
        MOVE = "move"
        APPEND = "append"
        DRAFT = "draft"  # put the draft's present version in Drafts, remove the one before
        DISCARD = "discard"  # remove the draft's copy from Drafts

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    copy = models.ForeignKey(
        MessageCopy, null=True, on_delete=models.CASCADE, related_name="operations"
    )
    source_folder = models.ForeignKey(Folder, null=True, on_delete=models.CASCADE, related_name="+")
    source_uidvalidity = models.BigIntegerField(default=0)
    source_uid = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    target_folder = models.ForeignKey(Folder, null=True, on_delete=models.CASCADE, related_name="+")
    outgoing = models.ForeignKey(
        "mail.Outgoing", null=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "id"],
                condition=models.Q(state="waiting"),
                name="mail_operation_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
