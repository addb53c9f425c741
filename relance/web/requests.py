"""What views ask of a request."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from relance.users.models import User


def user_of(request: HttpRequest) -> User:
    """The logged-in user. Pages that call it are behind the login, by middleware."""
    assert isinstance(request.user, User)
    return request.user


def is_fragment(request: HttpRequest) -> bool:
    """Does htmx want a piece of a page? (Its history restoration wants the whole.)"""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
    )


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the data of a POST, also an empty one, else nothing."""
    return request.POST if request.method == "POST" else None


def words(request: HttpRequest, *, longest: int = 200) -> str:
    """What is searched for (`q`), without the character that PostgreSQL refuses in texts."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:longest]
