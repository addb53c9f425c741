"""Users, for administrators. A one-time link is shown once, to be handed over by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from relance.users import team
from relance.users.models import User
from relance.web.organisation import replacing
from relance.web.organisation.access import admins_only
from relance.web.organisation.forms import InvitationForm
from relance.web.requests import user_of
from relance.web.shell import toasts


@admins_only
@require_safe
def list_users(request: HttpRequest) -> HttpResponse:
    """Everybody, those who left last."""
    return _page(request)


@admins_only
@never_cache
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; her mail counts as a colleague's from now on."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    with transaction.atomic():
        user = form.save(commit=False)
        token = team.invite(user)
        replacing.user_changed(user.email)
    return _page(request, shown=user, link=_url(request, token))


@admins_only
@never_cache
@require_POST
def new_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A link to choose a new password with; earlier ones end."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    return _page(request, shown=user, link=_url(request, team.new_link(user)))


@admins_only
@require_POST
def change_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give somebody another role."""
    user = get_object_or_404(User, pk=user_id)
    role = request.POST.get("role", "")
    if role not in User.Role.values:
        return _page(request)
    try:
        team.change_role(user, role)
    except team.CannotChange as refusal:
        return _refused(request, refusal)
    label = user.get_role_display()
    toasts.leave(request, _("%(name)s: %(role)s") % {"name": user.name, "role": label})
    return redirect("organisation:users")


@admins_only
@require_POST
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shut somebody out; her sessions end with her next click."""
    user = get_object_or_404(User, pk=user_id)
    try:
        team.deactivate(user_of(request), user)
    except team.CannotChange as refusal:
        return _refused(request, refusal)
    toasts.leave(request, _("%(name)s cannot log in any more") % {"name": user.name})
    return redirect("organisation:users")


@admins_only
@require_POST
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let somebody in again."""
    user = get_object_or_404(User, pk=user_id)
    team.reactivate(user)
    toasts.leave(request, _("%(name)s can log in again") % {"name": user.name})
    return redirect("organisation:users")


def _refused(request: HttpRequest, refusal: team.CannotChange) -> HttpResponse:
    words = {
        "last_admin": _("Somebody must administer. Make another user an administrator first."),
        "yourself": _("You cannot shut yourself out. Another administrator can."),
    }
    return _page(request, problem=words[refusal.code])


def _page(
    request: HttpRequest,
    *,
    form: InvitationForm | None = None,
    shown: User | None = None,
    link: str = "",
    problem: str = "",
) -> HttpResponse:
    users = list(User.objects.order_by("-is_active", "first_name", "last_name", "pk"))
    context = {
        "rows": [(user, team.awaiting_invitation(user)) for user in users],
        "active_count": sum(user.is_active for user in users),
        "form": form or InvitationForm(),
        "roles": User.Role.choices,
        "shown": shown,
        "link": link,
        "problem": problem,
    }
    return render(request, "organisation/users.html", context)


def _url(request: HttpRequest, token: str) -> str:
    path = reverse("users:welcome", args=[token])
    return f"{settings.BASE_URL}{path}" if settings.BASE_URL else request.build_absolute_uri(path)
