"""Preferences of the user who is logged in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from relance.inbox import remote
from relance.users.models import User
from relance.web.preferences import warnings
from relance.web.preferences.forms import PasswordForm, PreferencesForm
from relance.web.requests import user_of
from relance.web.shell import toasts


def edit(request: HttpRequest) -> HttpResponse:
    """Show and save the preferences."""
    user = user_of(request)
    form = PreferencesForm(request.POST or None, instance=user)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, PasswordForm(user=user))
    form.save()
    translation.activate(user.language)
    toasts.leave(request, _("Preferences saved"))
    response = redirect("preferences:edit")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
def warn_again(request: HttpRequest, code: str) -> HttpResponse:
    """Turn a warning before sending on again."""
    user = _fresh(user_of(request))
    if code in user.silenced_guards:
        user.silenced_guards = [c for c in user.silenced_guards if c != code]
        user.save(update_fields=["silenced_guards"])
        toasts.leave(request, _("You will be warned again"))
    return redirect("preferences:edit")


@require_POST
def revoke_images(request: HttpRequest, address_id: int) -> HttpResponse:
    """Mails of that sender load no more images from elsewhere unasked."""
    if remote.revoke(user_of(request), address_id):
        toasts.leave(request, _("Images of this sender are no longer loaded by themselves"))
    return redirect(reverse("preferences:edit") + "#images")


@require_POST
@sensitive_post_parameters("present", "password")
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; the user's other sessions end."""
    user = user_of(request)
    form = PasswordForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, PreferencesForm(instance=_fresh(user)), form)
    user.set_password(form.cleaned_data["password"])
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    toasts.leave(request, _("Password changed. Your other sessions have ended."))
    return redirect("preferences:edit")


def _page(request: HttpRequest, form: PreferencesForm, password_form: PasswordForm) -> HttpResponse:
    user = _fresh(user_of(request))
    context = {
        "form": form,
        "password_form": password_form,
        "user": user,
        "consents": remote.consents(user),
        "silenced": [(code, warnings.NAMES.get(code, code)) for code in user.silenced_guards],
    }
    return render(request, "preferences/edit.html", context)


def _fresh(user: User) -> User:
    """As stored: a form that was refused has already written on its instance."""
    return User.objects.get(pk=user.pk)
