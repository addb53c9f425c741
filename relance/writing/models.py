"""Templates and signatures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.files.models import Blob
from relance.lib import clock


class Template(models.Model):
    """A mail to be written again: subject and HTML with placeholders such as {Person.firstName}.

    Serves single and mass mail. One for a single use is hidden once it was used.
    """

    class Sharing(models.TextChoices):
        PRIVATE = "private", _("Only me")
        READ = "read", _("Everybody uses")
        WRITE = "write", _("Everybody uses and edits")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=150)
    category = models.CharField(_("category"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    subject = models.CharField(_("subject"), max_length=998, blank=True)
    html = models.TextField(_("text"), blank=True)
    sharing = models.CharField(
        _("sharing"), max_length=7, choices=Sharing.choices, default=Sharing.PRIVATE
    )
    is_one_off = models.BooleanField(_("single use"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    use_count = models.PositiveIntegerField(default=0, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["owner", "name"], name="writing_template_by_owner")]

    def __str__(self) -> str:
        return self.name


class TemplateAttachment(models.Model):
    """A file that goes with a template; inline ones are images of its text."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.filename


class Signature(models.Model):
    """What a user's mail ends with. `sender` is the address it belongs to; empty for all others.

    Without a user it is the organisation's own, for those who wrote none.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="signatures"
    )
    sender = models.CharField(max_length=320, blank=True)
    html = models.TextField(_("signature"), blank=True)
    on_replies = models.BooleanField(_("also under replies"), default=True)
    is_locked = models.BooleanField(_("nobody may change it"), default=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "sender"], name="writing_signature_once"),
            models.UniqueConstraint(
                fields=["sender"],
                condition=models.Q(user=None),
                name="writing_organisation_signature_once",
            ),
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"


class Photo(models.Model):
    """A user's photo for her signature: square JPEG, without the camera's notes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="photo"
    )
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    alternative = models.CharField(_("text in place of the photo"), max_length=150, blank=True)

    def __str__(self) -> str:
        return f"photo of user {self.user_id}"
