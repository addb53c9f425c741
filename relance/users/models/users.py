"""Users, and the one-time links that let them in."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock, signing, text


class UserManager(BaseUserManager["User"]):
    """Creates users; the address is the name one logs in with."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """A new active user. Without a password she can only enter by a one-time link."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who logs in."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Sales")
        MANAGER = "manager", _("Manager")
        ADMIN = "admin", _("Administrator")

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail address"), unique=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    language = models.CharField(_("language"), max_length=8, default="fr")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    theme = models.CharField(_("theme"), max_length=8, blank=True, choices=Theme.choices)
    single_key_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    may_send = models.BooleanField(_("may send e-mail"), default=True)
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds to undo a sending"), default=10, validators=[MaxValueValidator(60)]
    )
    quote_below = models.BooleanField(_("signature above the quoted text"), default=True)
    external_mail_client = models.BooleanField(
        _("addresses open my own mail program"), default=False
    )
    silenced_guards = models.JSONField(default=list, blank=True)  # codes of warnings turned off
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """ "Camille Laurent", or the address when no name was given."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def initials(self) -> str:
        return text.initials(self.name)

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone (the wall clock she reads); UTC for one that is no more."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


class OneTimeLink(models.Model):
    """A link that works once: the first set-up, an invitation, the demo's way in.

    Only the token's digest is kept; the token itself is in the link alone.
    """

    class Purpose(models.TextChoices):
        SETUP = "setup"
        INVITATION = "invitation"
        LOGIN = "login"

    token_digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} link {self.pk}"

    @classmethod
    def issue(cls, purpose: str, user: User | None = None, *, hours: float = 24) -> str:
        """A fresh token for `purpose`; earlier unused ones of the same kind end."""
        cls.objects.filter(purpose=purpose, user=user, used_at=None).delete()
        token = signing.new_token()
        cls.objects.create(
            token_digest=signing.token_digest(token),
            purpose=purpose,
            user=user,
            expires_at=clock.now() + timedelta(hours=hours),
        )
        return token

    @classmethod
    def find(cls, purpose: str, token: str) -> OneTimeLink | None:
        """The still usable link of that token, unused and unexpired, else None."""
        return cls.objects.filter(
            token_digest=signing.token_digest(token),
            purpose=purpose,
            used_at=None,
            expires_at__gt=clock.now(),
        ).first()

    def use(self) -> bool:
        """Spend the link. False when somebody else was quicker."""
        return bool(
            OneTimeLink.objects.filter(pk=self.pk, used_at=None).update(used_at=clock.now())
        )
