"""Filters: rules on arriving mail, what each did, and runs over the past."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models import MailAccount, Message, MessageCopy


class Filter(models.Model):
    """A rule: which mail, and what to do with it (FIL, D13).

    `criteria` is a tree that `conditions.parse` reads, of entity "Mail"; with `match` "every" it is
    empty. `actions` are {"kind": …, more by kind}, in order. The owner alone makes it personal; an
    `account` beside binds it to one mailbox; neither: the organisation's.
    """

    class Match(models.TextChoices):
        ALL = "all", _("All of these")
        ANY = "any", _("One of these")
        EVERY = "every", _("Every message")

    class Origin(models.TextChoices):
        HAND = ""
        GMAIL = "gmail"
        THUNDERBIRD = "thunderbird"
        JSON = "json"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="filters"
    )
    account = models.ForeignKey(
        MailAccount, null=True, blank=True, on_delete=models.CASCADE, related_name="filters"
    )
    name = models.CharField(_("name"), max_length=120)
    match = models.CharField(max_length=5, choices=Match.choices, default=Match.ALL)
    criteria = models.JSONField(default=dict)
    actions = models.JSONField(default=list)
    stops = models.BooleanField(_("no filter after this one"), default=False)
    is_outgoing = models.BooleanField(_("on mail one sends"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    disabled_because = models.CharField(max_length=40, blank=True)  # a code, worded by the pages
    position = models.PositiveIntegerField(default=0)
    hit_count = models.PositiveIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True, editable=False)
    origin = models.CharField(max_length=11, choices=Origin.choices, blank=True)
    source = models.TextField(blank=True)  # what it was imported from, as it stood in the file
    fingerprint = models.CharField(max_length=64, blank=True)  # of that, against importing twice
    warnings = models.JSONField(default=list)  # of its import: [code, params]
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(
                fields=["owner", "position"],
                condition=Q(is_enabled=True),
                name="inbox_filter_enabled",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FilterRun(Leased):
    """A filter applied to mail that had come before: in the background, in portions, undoable.

    States: waiting ──claim──▶ running ──▶ done | failed ──undo──▶ undone. `next_key` is where it
    goes on after a death; what was done before it is committed.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"

    filter = models.ForeignKey(Filter, on_delete=models.CASCADE, related_name="runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    actions = models.JSONField(default=list)  # the kinds that were ticked
    since = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    next_key = models.BigIntegerField(null=True)
    total = models.PositiveIntegerField(default=0)
    seen_count = models.PositiveIntegerField(default=0)
    hit_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"run {self.pk} of filter {self.filter_id}"


class FilterHit(models.Model):
    """A filter that acted on a message: once, whatever happens again afterwards.

    `done` lists what became of each action: {"kind", "outcome": done | ignored | failed, "code",
    more that undoing needs}.
    """

    filter = models.ForeignKey(Filter, on_delete=models.CASCADE, related_name="hits")
    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    copy = models.ForeignKey(MessageCopy, null=True, on_delete=models.SET_NULL, related_name="+")
    run = models.ForeignKey(FilterRun, null=True, on_delete=models.SET_NULL, related_name="hits")
    done = models.JSONField(default=list)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["filter", "account", "message"], name="inbox_filter_hit_once"
            )
        ]
        indexes = [
            models.Index(fields=["filter", "-at"], name="inbox_hit_by_filter"),
            models.Index(fields=["message"], name="inbox_hit_by_message"),
        ]

    def __str__(self) -> str:
        return f"filter {self.filter_id} on message {self.message_id}"
