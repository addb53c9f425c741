"""Who may log in: invited, given a role, deactivated and let in again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from relance.users.models import OneTimeLink, Organisation, User

INVITATION_HOURS = 24 * 7
SETUP_HOURS = 24


class CannotChange(Exception):
    """`code`: "last_admin" (somebody must administer), or "yourself"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def set_up(organisation: Organisation, admin: User, password: str) -> User:
    """Save the organisation and its first administrator. Raises ValueError when one exists."""
    if Organisation.current() is not None:
        raise ValueError("this installation has its organisation")
    organisation.save()
    admin.email = admin.email.strip().lower()
    admin.role = User.Role.ADMIN
    admin.language, admin.time_zone = organisation.language, organisation.time_zone
    admin.set_password(password)
    admin.save()
    return admin


@transaction.atomic
def invite(user: User) -> str:
    """Save a new user, who has no password yet; returns the token of her invitation."""
    organisation = Organisation.current()
    if organisation:
        user.language, user.time_zone = organisation.language, organisation.time_zone
    user.email = user.email.strip().lower()
    user.set_unusable_password()
    user.save()
    return new_link(user)


def new_link(user: User) -> str:
    """A token with which `user` chooses a (new) password; an earlier one ends."""
    return OneTimeLink.issue(OneTimeLink.Purpose.INVITATION, user, hours=INVITATION_HOURS)


@transaction.atomic
def change_role(user: User, role: str) -> None:
    """Give `user` another role. Raises `CannotChange` for the last administrator."""
    if role != User.Role.ADMIN:
        _keep_an_admin(user)
    user.role = role
    user.save(update_fields=["role"])


@transaction.atomic
def deactivate(actor: User, user: User) -> None:
    """Shut `user` out at once, her sessions and her links included. Raises `CannotChange`."""
    if actor.pk == user.pk:
        raise CannotChange("yourself")
    _keep_an_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    OneTimeLink.objects.filter(user=user, used_at=None).delete()


def reactivate(user: User) -> None:
    """Let `user` in again, with the password she had."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def accept(link: OneTimeLink, password: str) -> User | None:
    """Spend an invitation on a password. None when the link is spent or its user left."""
    user = link.user
    if user is None or not user.is_active or not link.use():
        return None
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def awaiting_invitation(user: User) -> bool:
    """Was she invited without having come yet?"""
    return user.is_active and not user.has_usable_password() and user.last_login is None


def _admins() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role=User.Role.ADMIN)


def _keep_an_admin(user: User) -> None:
    if user.is_admin and not _admins().exclude(pk=user.pk).exists():
        raise CannotChange("last_admin")
