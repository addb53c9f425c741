"""Files kept by what they hold, and the library of documents."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock


class Blob(models.Model):
    """A file on Django's storage, named by the SHA-256 of its content (hexadecimal)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    is_mail = models.BooleanField(default=False)  # the source of a mail: outside the quota
    created_at = models.DateTimeField(default=clock.now, editable=False)  # or put again

    def __str__(self) -> str:
        return self.sha256


class DocumentFolder(models.Model):
    """A folder of the document library.

    Everybody sees it, or its owner alone; who may see it and is not its owner may add to it only
    when it is open to everybody's hand. A folder inside another is never wider than that one:
    `library` reads the whole chain.
    """

    class Access(models.TextChoices):
        PRIVATE = "private", _("Only me")
        READ = "read", _("Everybody reads")
        WRITE = "write", _("Everybody reads and adds")

    name = models.CharField(_("name"), max_length=150)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="folders"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    access = models.CharField(
        _("access"), max_length=7, choices=Access.choices, default=Access.PRIVATE
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A file of the library, to be attached to mails. Its folder says who may see it; without a
    folder its owner alone."""

    folder = models.ForeignKey(
        DocumentFolder, null=True, blank=True, on_delete=models.CASCADE, related_name="documents"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=255)
    folded_name = models.CharField(max_length=255, blank=True)  # for searching
    content_type = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)
    description = models.CharField(_("description"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["folder", "name"], name="files_document_by_folder")]

    def __str__(self) -> str:
        return self.name


class DocumentVersion(models.Model):
    """What a document was before it was replaced. The present version is the document itself."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="files_version_once_per_document"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of document {self.document_id}"
