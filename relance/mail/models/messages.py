"""Messages and their copies.

`Message` holds what every recipient has in common; `MessageCopy` what is personal to one mailbox.
A source, a Bcc or a read state is never on the message, so sharing cannot leak it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from relance.addresses.models import EmailAddress
from relance.files.models import Blob
from relance.lib import clock
from relance.mail.models.accounts import Folder, MailAccount


class RawMessage(models.Model):
    """The bytes as the server gave them, kept once, compressed (zstandard level 1).

    `sha256` (32 bytes) is of the uncompressed source. Above 1 MB the bytes are a `Blob`.
    """

    sha256 = models.BinaryField(max_length=32, primary_key=True)
    size = models.BigIntegerField()
    data = models.BinaryField(null=True)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return bytes(self.sha256).hex()


class Message(models.Model):
    """What all copies of one mail share. `id` is a date-major key (`lib.keys`)."""

    class Authentication(models.TextChoices):
        PASS = "pass"
        FAIL = "fail"
        NONE = "none"

    id = models.BigIntegerField(primary_key=True)
    message_id = models.CharField(max_length=995, blank=True)
    message_id_hash = models.BigIntegerField(default=0, db_index=True)
    digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=998, blank=True)
    from_address = models.ForeignKey(
        EmailAddress, null=True, on_delete=models.PROTECT, related_name="+"
    )
    from_name = models.CharField(max_length=255, blank=True)
    date = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    snippet = models.CharField(max_length=255, blank=True)
    attachment_count = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    is_auto = models.BooleanField(default=False)
    is_bulk = models.BooleanField(default=False)
    is_bounce = models.BooleanField(default=False)
    list_id = models.CharField(max_length=255, blank=True)
    authentication = models.CharField(
        max_length=4, choices=Authentication.choices, default=Authentication.NONE
    )
    in_reply_to = models.TextField(blank=True)
    references = models.TextField(blank=True)
    defects = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id_hash", "digest"], name="mail_message_once")
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageBody(models.Model):
    """The text and HTML of a message: wide, so apart from what lists read."""

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="body"
    )
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"body of message {self.pk}"


class Participant(models.Model):
    """An address on a message, in a role. Bcc is not here but on the copy."""

    class Role(models.IntegerChoices):
        FROM = 1
        SENDER = 2
        REPLY_TO = 3
        TO = 4
        CC = 5

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="participants")
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    position = models.PositiveIntegerField(default=0)
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["role", "position"]
        indexes = [
            models.Index(fields=["address", "role", "message"], name="mail_participant_by_addr")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of message {self.message_id}"


class Attachment(models.Model):
    """A part of a message that is a file: where it is in the source, and what it is."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    part = models.CharField(max_length=200)
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=150)
    content_id = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_inline = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"part {self.part} of message {self.message_id}"


class Thread(models.Model):
    """A conversation (RFC 8621) as one mailbox holds it."""

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="threads")
    base_subject = models.CharField(max_length=255, blank=True)
    # somebody moved messages in or out by hand: it is never joined with another by itself
    is_corrected = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["account", "base_subject"], name="mail_thread_by_subject")]

    def __str__(self) -> str:
        return f"thread {self.pk}"


class ThreadReference(models.Model):
    """Which thread a Message-ID belongs to, also one that has not arrived (yet).

    `reference_hash` is `lib.keys.short_hash` of the Message-ID.
    """

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="+")
    reference_hash = models.BigIntegerField()
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="references")
    # moved by hand without its answers: what names it does not follow it
    is_alone = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "reference_hash"], name="mail_reference_once"
            )
        ]

    def __str__(self) -> str:
        return f"reference of thread {self.thread_id}"


class MessageCopy(models.Model):
    """One mail as it lies in one folder of one mailbox.

    Stages, each advanced in the transaction of its work:

        kept ──▶ placed
          └─two deaths of the parser──▶ quarantined ("unreadable, source available")

    `uid` is null while a move of ours waits for the server to tell the new one. `key` orders a
    folder newest first (a date-major key of `received_at`, the server's INTERNALDATE).
    """

    class Stage(models.IntegerChoices):
        KEPT = 1
        PLACED = 3
        QUARANTINED = 9

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="copies")
    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="copies")
    uidvalidity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(null=True)
    key = models.BigIntegerField()
    received_at = models.DateTimeField()
    size = models.BigIntegerField(default=0)
    raw = models.ForeignKey(RawMessage, null=True, on_delete=models.PROTECT, related_name="copies")
    is_partial = models.BooleanField(default=False)  # headers only: the whole is fetched on demand
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="copies")
    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="copies")
    is_outgoing = models.BooleanField(default=False)  # From is one of my own addresses
    is_history = models.BooleanField(default=False)  # came with the first import: fires nothing
    is_seen = models.BooleanField(default=False)
    is_flagged = models.BooleanField(default=False)
    is_answered = models.BooleanField(default=False)
    is_draft = models.BooleanField(default=False)
    flags_changed_at = models.DateTimeField(null=True)  # by us, not yet confirmed by the server
    stage = models.PositiveSmallIntegerField(choices=Stage.choices, default=Stage.KEPT)
    attempts = models.PositiveSmallIntegerField(default=0)
    kept_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["folder", "uidvalidity", "uid"], name="mail_copy_once_per_folder"
            )
        ]
        indexes = [
            models.Index(fields=["folder", "-key"], name="mail_copy_by_folder"),
            models.Index(fields=["account"], condition=Q(stage=1), name="mail_copy_to_place"),
        ]

    def __str__(self) -> str:
        return f"copy {self.pk}"


class CopyParticipant(models.Model):
    """A Bcc recipient, known to the sender's copy alone."""

    copy = models.ForeignKey(MessageCopy, on_delete=models.CASCADE, related_name="bcc")
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"bcc of copy {self.copy_id}"
