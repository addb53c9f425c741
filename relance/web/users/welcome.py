"""One-time links: the first set-up, an invitation, the demo's way in.

Mail programs and chat clients open links to look at them, so that only a button (POST) spends a
link; the demo's login link, which is printed and never sent, acts when it is opened.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from relance.users import team
from relance.users.models import OneTimeLink, Organisation
from relance.web.users.forms import NewPasswordForm, SetupForm
from relance.web.users.views import enter

Purpose = OneTimeLink.Purpose


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a one-time link, whatever it is for."""
    if link := OneTimeLink.find(Purpose.LOGIN, token):
        return _log_in(request, link)
    if link := OneTimeLink.find(Purpose.INVITATION, token):
        return _accept(request, link)
    if (link := OneTimeLink.find(Purpose.SETUP, token)) and Organisation.current() is None:
        return _set_up(request, link)
    return _spent(request)


def _log_in(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    if link.user is None or not link.user.is_active or not link.use():
        return _spent(request)
    enter(request, link.user)
    return redirect("inbox:columns")


def _accept(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    if link.user is None or not link.user.is_active:
        return _spent(request)
    form = NewPasswordForm(request.POST or None, user=link.user)
    if request.method == "POST" and form.is_valid():
        user = team.accept(link, form.cleaned_data["password"])
        if user is None:
            return _spent(request)
        enter(request, user)
        return redirect("inbox:columns")
    organisation = Organisation.current()
    context = {"form": form, "user": link.user, "organisation": organisation}
    return render(request, "users/invitation.html", context)


def _set_up(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not link.use():
            return _spent(request)
        admin = team.set_up(form.organisation(), form.admin(), form.cleaned_data["password"])
        enter(request, admin)
        return redirect("inbox:columns")
    return render(request, "users/setup.html", {"form": form})


def _spent(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("inbox:columns")
    return render(request, "users/spent.html", status=410)
