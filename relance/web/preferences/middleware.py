"""Each request in the language and on the clock of who reads it."""

from __future__ import annotations

import zoneinfo

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

from relance.users.models import User


class PreferencesMiddleware(MiddlewareMixin):
    """Activates the user's language and time zone.

    Whoever is not logged in gets the language of the cookie, else that of the browser.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Set both, before the view and its templates."""
        prefer(request)

    def process_response(
        self, _request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say which language the answer is in."""
        response.headers.setdefault("Content-Language", translation.get_language() or "fr")
        return response


def prefer(request: HttpRequest) -> None:
    """Activate the language and the time zone of the user, or those her browser asks for."""
    user = request.user
    if isinstance(user, User):
        translation.activate(user.language)
        _activate_zone(user.time_zone)
    else:
        translation.activate(_language_asked(request))
        timezone.deactivate()


def _activate_zone(name: str) -> None:
    try:
        timezone.activate(name)
    except zoneinfo.ZoneInfoNotFoundError:
        timezone.deactivate()


def _language_asked(request: HttpRequest) -> str:
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in dict(settings.LANGUAGES):
        return cookie
    return translation.get_language_from_request(request)
