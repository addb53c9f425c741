"""One's own signatures: for all addresses, and for those that have one of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.mail import identities
from relance.mime.plain import html_to_text
from relance.users.models import User
from relance.web.components.writing import Editor, as_markup, posted_html
from relance.web.components.writing import preview as preview_html
from relance.web.requests import user_of
from relance.web.shell import toasts
from relance.web.signature.wording import STARTER, refusal
from relance.writing import photos, signatures
from relance.writing.cleaning import TooLong


@dataclass(frozen=True, slots=True)
class Choice:
    """One signature of the list: `address` is "" for the one of all other addresses."""

    address: str
    is_current: bool
    is_own: bool


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Show and save the signature of ?for=, an address one writes from, or that of all."""
    if request.method == "GET":
        return page(request)
    user = user_of(request)
    address = _address(request)
    html = posted_html(request.POST, _kept(user, address))
    try:
        on_replies = "on_replies" in request.POST
        signatures.save(user, address, html, on_replies=on_replies)
    except signatures.Locked:
        raise PermissionDenied from None
    except (signatures.CannotBeNamed, TooLong) as refused:
        return page(request, html=html, error=refusal(refused), status=422)
    toasts.leave(request, _("Signature saved"))
    return redirect(_url(address))


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """That address has no signature of its own any more."""
    try:
        signatures.forget(user_of(request), _address(request))
    except signatures.Locked:
        raise PermissionDenied from None
    toasts.leave(request, _("Signature removed"))
    return redirect("signature:edit")


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What is being written as it will end a mail; a fragment."""
    user = user_of(request)
    address = _address(request)
    html = posted_html(request.POST, _kept(user, address))
    return render(request, "signature/_preview.html", shown(user, html, address))


def page(
    request: HttpRequest,
    *,
    html: str | None = None,
    error: str = "",
    photo_error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, at the signature asked for; with what was refused and why."""
    user = user_of(request)
    address = _address(request)
    own = {row.sender: row for row in signatures.of(user)}
    common = signatures.of_organisation()
    locked = signatures.is_locked()
    text = _kept(user, address) if html is None else html
    if locked and common is not None:
        text = common.html
    chosen = own.get(address)
    context = {
        "address": address,
        "choices": _choices(user, address, set(own)),
        "has_own": chosen is not None,
        "on_replies": chosen.on_replies if chosen else True,
        "locked": locked,
        "common": common,
        "photo": photos.of(user),
        "photo_error": photo_error,
        "editor": Editor(
            text,
            label=_("Text of the signature"),
            fields=f"{reverse('templates:fields')}?of=signature",
            error=error,
        ),
        **shown(user, text, address),
    }
    return render(request, "signature/edit.html", context, status=status)


def shown(user: User, html: str, address: str) -> dict[str, Any]:
    """The signature as it will look, its plain text, and the bytes it adds to a mail."""
    src = reverse("signature:photo") if photos.of(user) else ""
    values = signatures.values(user, address or user.email, photo_src=src)
    body = preview_html(html, values)
    weight = len(html.encode())
    found = photos.of(user)
    if found is not None and "User.photo" in html:
        weight += found.blob.size * 78 // 57
    return {
        "body": as_markup(body),
        "plain": html_to_text(signatures.written(user, html, address or user.email)),
        "missing": body.missing,
        "weight": weight,
        "user_photo": found,
    }


def _choices(user: User, current: str, own: set[str]) -> list[Choice]:
    addresses = ["", *dict.fromkeys(s.address.lower() for s in identities.senders_for(user))]
    addresses += sorted(own - set(addresses))
    return [Choice(a, a == current, a in own) for a in addresses]


def _address(request: HttpRequest) -> str:
    """The address asked for, one the user writes from or has a signature for. Raises Http404."""
    asked = request.POST.get("for", request.GET.get("for", "")).strip().lower()
    if not asked:
        return ""
    user = user_of(request)
    known = {s.address.lower() for s in identities.senders_for(user)}
    if asked not in known and not any(row.sender == asked for row in signatures.of(user)):
        raise Http404
    return asked


def _kept(user: User, address: str) -> str:
    """What to start from: its own, that of all addresses, the organisation's, or a first one."""
    rows = {row.sender: row for row in signatures.of(user)}
    found = rows.get(address) or rows.get("") or signatures.of_organisation()
    return found.html if found is not None else STARTER


def _url(address: str) -> str:
    page_url = reverse("signature:edit")
    return f"{page_url}?for={address}" if address else page_url
