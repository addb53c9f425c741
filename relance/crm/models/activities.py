"""What one does with people: tasks, calls, meetings, notes; and the files of a record."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.crm.models.cases import Case
from relance.crm.models.companies import Company
from relance.crm.models.deals import Deal
from relance.crm.models.people import Person
from relance.crm.models.records import Record, page_of
from relance.files.models import Blob
from relance.lib import clock


class About(models.Model):
    """What an activity is about: any of these, so that it shows on each of their pages."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="%(class)ss",
    )  # fmt: skip
    company = models.ForeignKey(
        Company, verbose_name=_("account"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="%(class)ss",
    )  # fmt: skip
    deal = models.ForeignKey(
        Deal, verbose_name=_("deal"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="%(class)ss",
    )  # fmt: skip
    case = models.ForeignKey(
        Case, verbose_name=_("case"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="%(class)ss",
    )  # fmt: skip
    # the mail it was made from: a key of `mail.Message`, a neighbour this floor does not know
    mail_key = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Task(About, Record):
    """Something to be done by somebody; `owner` is who does it."""

    class Status(models.TextChoices):
        OPEN = "open", _("To do")
        STARTED = "started", _("Started")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("task"), max_length=200)
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)  # when an hour matters
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.OPEN
    )
    done_at = models.DateTimeField(null=True, editable=False)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["owner", "status", "due_on"], name="crm_task_by_owner"),
            models.Index(
                fields=["due_on", "deleted_at"],
                name="crm_task_listed",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["owner", "status", "due_on", "deleted_at"],
                name="crm_task_owned",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_of("tasks:show", self.pk)

    def searchable(self) -> str:
        return self.name

    @property
    def is_done(self) -> bool:
        return self.status in (self.Status.DONE, self.Status.CANCELLED)


class Call(About, Record):
    """A call, planned or made."""

    class Direction(models.TextChoices):
        OUT = "out", _("Outgoing")
        IN = "in", _("Incoming")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Made")
        NOT_HELD = "not_held", _("Not made")

    name = models.CharField(_("subject"), max_length=200)
    direction = models.CharField(
        _("direction"), max_length=3, choices=Direction.choices, default=Direction.OUT
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.PLANNED
    )
    starts_at = models.DateTimeField(_("when"), default=clock.now)
    seconds = models.PositiveIntegerField(_("duration"), default=0)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    result = models.CharField(_("result"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [models.Index(fields=["owner", "starts_at"], name="crm_call_by_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_of("calls:show", self.pk)

    def searchable(self) -> str:
        return self.name


class Meeting(About, Record):
    """An entry of the calendar (RFC 5545 calls it an event); shown as "event"."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Took place")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("subject"), max_length=200)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    is_all_day = models.BooleanField(_("all day"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    location = models.CharField(_("place"), max_length=255, blank=True)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.PLANNED
    )
    uid = models.CharField(max_length=255, blank=True, editable=False, db_index=True)  # RFC 5545
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # the version its guests were last told of by mail; None when they never were
    told_sequence = models.PositiveIntegerField(null=True, editable=False)
    told_status = models.CharField(max_length=9, blank=True, editable=False)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["owner", "starts_at"], name="crm_meeting_by_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_of("meetings:show", self.pk)

    def searchable(self) -> str:
        return f"{self.name} {self.location}"

    def clean(self) -> None:
        both = None not in (self.starts_at, self.ends_at)  # else the fields have their own words
        if both and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _now("The end comes before the beginning.")})


class Attendee(models.Model):
    """Somebody invited to a meeting: a person, a user, or an address alone; and the answer."""

    class Answer(models.TextChoices):
        NONE = "none", _("No answer")
        ACCEPTED = "accepted", _("Accepted")
        TENTATIVE = "tentative", _("Tentative")
        DECLINED = "declined", _("Declined")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    address = models.CharField(max_length=320, blank=True)
    answer = models.CharField(max_length=9, choices=Answer.choices, default=Answer.NONE)
    is_told = models.BooleanField(default=False)  # was invited by mail

    def __str__(self) -> str:
        return f"attendee {self.pk}"


class Note(About, models.Model):
    """A note on records. Its author may change it; whoever reads the record reads it."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return f"note {self.pk}"


class RecordFile(About, models.Model):
    """A file on a record: uploaded, or an attachment of a mail that was added to it."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(max_length=150)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """The secret address under which other programs read somebody's calendar; of the secret its
    digest alone is kept."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"calendar feed of user {self.user_id}"
