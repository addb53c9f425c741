"""Mail on its way out, from the first word of a draft to what each recipient's server said."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.addresses.models import EmailAddress
from relance.files.models import Blob, Document
from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models.accounts import Folder, MailAccount
from relance.mail.models.identities import Identity, OrganisationAddress
from relance.mail.models.messages import MessageCopy, Thread


class Outgoing(Leased):
    """A mail one writes, schedules or sends. Its Message-ID is fixed with the row and is the same
    on every attempt.

    States:

        draft ──send──▶ queued ──undo window over, claim──▶ sending ──250──▶ sent
          ▲ │             │                                   │ ├─4xx, no connection──▶ retrying
          │ └─schedule──▶ scheduled ──its hour, claim─────────┘ ├─5xx──▶ failed
          │               │                                     └─cut after the final dot, or our
          ├──undo, edit───┘                                        death──▶ uncertain
          └──edit── held ◀──a guard said no at the last moment (permission, bounce, too late …)

    An uncertain one is never sent again by itself; finding its Message-ID in Sent settles it.
    Only drafts change: editing a scheduled mail makes it a draft first, by one conditional update.
    While it is a draft, `people` is what was typed; `recipients` are written when it is queued.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        QUEUED = "queued"
        SENDING = "sending"
        RETRYING = "retrying"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain"
        HELD = "held"

    class Kind(models.TextChoices):
        NEW = "new"
        REPLY = "reply"
        REPLY_ALL = "reply_all"
        FORWARD = "forward"

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="outgoing")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    thread = models.ForeignKey(Thread, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.NEW)
    # who it is from: one of these two, else the mailbox's own address
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation_address = models.ForeignKey(
        OrganisationAddress, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # the message answered or forwarded, as its author saw it
    source = models.ForeignKey(MessageCopy, null=True, on_delete=models.SET_NULL, related_name="+")
    people = models.JSONField(default=dict)  # {"to": [{"name", "address", "record"}], "cc", "bcc"}
    message_id = models.CharField(max_length=255, unique=True)
    in_reply_to = models.CharField(max_length=995, blank=True)
    references = models.TextField(blank=True)
    headers = models.JSONField(default=list)  # further ones: [[name, value], …]
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)  # the plain alternative; alone when there is no HTML
    html = models.TextField(blank=True)  # what was written, sanitised, without the quote
    quote_html = models.TextField(blank=True)  # what of the source is quoted below, sanitised
    quote_text = models.TextField(blank=True)
    has_quote = models.BooleanField(default=False)
    # What was written before placeholders were replaced, to be had again when the mail is taken
    # back: {"people", "subject", "html", "others": keys of the mails sent beside this one};
    # and what was agreed to when it was sent: {"confirmed": codes of warnings}
    written = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    reason = models.JSONField(default=dict)  # why it is held: {"code", "params"}
    version = models.PositiveIntegerField(default=1)  # of the draft: a save names the one it saw
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)
    queued_at = models.DateTimeField(default=clock.now)  # also its Date
    scheduled_at = models.DateTimeField(null=True)
    time_zone = models.CharField(max_length=64, blank=True)  # in which the hour was chosen
    edited_until = models.DateTimeField(null=True)  # somebody edits what was scheduled (D15)
    was_late = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # first answer that is not automatic
    # the copy of the draft in the server's Drafts folder, and the version it holds
    draft_folder = models.ForeignKey(Folder, null=True, on_delete=models.SET_NULL, related_name="+")
    draft_uidvalidity = models.BigIntegerField(default=0)
    draft_uid = models.BigIntegerField(null=True)
    draft_version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="mail_outgoing_due"),
            models.Index(fields=["author", "state", "-updated_at"], name="mail_outgoing_by_author"),
            models.Index(fields=["thread"], name="mail_outgoing_by_thread"),
        ]

    def __str__(self) -> str:
        return f"outgoing {self.pk}"


class OutgoingRecipient(models.Model):
    """One envelope recipient, and what became of it."""

    class Role(models.TextChoices):
        TO = "to"
        CC = "cc"
        BCC = "bcc"

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REFUSED = "refused"  # by the server one submits to
        BOUNCED = "bounced"  # accepted there, reported as undelivered later

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="recipients")
    role = models.CharField(max_length=3, choices=Role.choices, default=Role.TO)
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    answer = models.CharField(max_length=500, blank=True)  # what the server said
    record = models.CharField(max_length=40, blank=True)  # "person:12": chosen with @
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address"], name="mail_recipient_by_address")]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class OutgoingAttachment(models.Model):
    """A file of an outgoing mail; inline ones are images of its text, named by `content_id`."""

    class Origin(models.TextChoices):
        DISK = "disk"
        LIBRARY = "library"
        TEMPLATE = "template"
        FORWARD = "forward"
        SIGNATURE = "signature"

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)
    origin = models.CharField(max_length=9, choices=Origin.choices, default=Origin.DISK)
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"attachment {self.pk}"
