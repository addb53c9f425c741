"""Logging in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from relance.users import throttle
from relance.users.models import Organisation, User
from relance.web.users.forms import LoginForm


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the address and the password; the answer never tells which of them was wrong."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, problem = _try(request, form.cleaned_data["email"], form.cleaned_data["password"])
        if user:
            enter(request, user)
            return redirect(_next(request))
        form.add_error(None, problem)
    context = {"form": form, "next": request.GET.get("next", ""), "organisation": _name()}
    status = 422 if request.method == "POST" else 200
    return render(request, "users/login.html", context, status=status)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("users:login")


def enter(request: HttpRequest, user: User) -> None:
    """Open a session for `user`."""
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])


def _try(request: HttpRequest, email: str, password: str) -> tuple[User | None, str]:
    """The user, or None with what to say. Whoever waits is not even compared."""
    place = _place(request)
    if wait := throttle.seconds_to_wait(email, place):
        minutes = -(-wait // 60)
        text = ngettext(
            "Too many attempts. Try again in %(n)d minute.",
            "Too many attempts. Try again in %(n)d minutes.",
            minutes,
        )
        return None, text % {"n": minutes}
    user = auth.authenticate(request, username=email.lower(), password=password)
    if isinstance(user, User):
        throttle.succeeded(email, place)
        return user, ""
    throttle.failed(email, place)
    return None, _(
        "This address and this password do not go together. Check both, or ask an administrator "
        "for a new link."
    )


def _place(request: HttpRequest) -> str:
    """The IP address that asks; behind a trusted proxy, the last one it has seen."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        return forwarded.rpartition(",")[2].strip()[:64]
    return str(request.META.get("REMOTE_ADDR", ""))


def _next(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, {request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else settings.LOGIN_REDIRECT_URL


def _name() -> str:
    organisation = Organisation.current()
    return organisation.name if organisation else ""
