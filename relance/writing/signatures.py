"""Signatures: which one ends a mail, and what it says.

The organisation's, when it is locked, ends everybody's mail; else the user's own for the address
she writes from, else her own for all other addresses, else the organisation's. It is put in
once: never beside another one, nor where the text says `{User.signature}` itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from relance.lib import clock
from relance.mime.plain import html_to_text
from relance.users.models import Organisation, User
from relance.writing import cleaning, merge, photos
from relance.writing.models import Signature

MARK = 'data-marker="signature"'
CODE = "User.signature"
KNOWN = ("User", "Organisation")
"""The entities a signature may name."""


_GONE = "\ue000"
_WITH_GONE = re.compile(
    f"<p>\\s*{_GONE}\\s*</p>|<br>\\s*{_GONE}(?=\\s*(?:<br>|</))|{_GONE}\\s*(?:<br>|[·|,–-]\\s+)"
    f"|\\s+[·|–-]\\s*{_GONE}|,\\s*{_GONE}|{_GONE}"
)


class Locked(Exception):
    """The organisation's signature is locked: nobody has one of her own."""


class CannotBeNamed(Exception):
    """Placeholders a signature cannot hold; `codes` says which."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def html_for(user: User, sender_address: str, *, is_reply: bool, photo_src: str = "") -> SafeString:
    """The signature of a mail `user` writes from that address: safe HTML in its marked division,
    "" when there is none.

    The photo is `photo_src` when given (a page shows it), else named by the Content-ID of
    `photos.inline(user)`, which the mail then has to carry.
    """
    found = chosen(user, sender_address)
    if found is None or (is_reply and not found.on_replies):
        return mark_safe("")
    return written(user, found.html, sender_address, photo_src=photo_src)


def text_for(user: User, sender_address: str, *, is_reply: bool) -> str:
    """The same in plain text, without the photo."""
    return html_to_text(html_for(user, sender_address, is_reply=is_reply))


def written(user: User, html: str, sender_address: str, *, photo_src: str = "") -> SafeString:
    """A signature's HTML with the user's data in it; what she has not given is left out."""
    given = values(user, sender_address, photo_src=photo_src)
    for placeholder in merge.placeholders(html):
        if placeholder.fallback is None and not given(placeholder.entity, placeholder.name):
            html = merge.with_fallback(html, placeholder.code, _GONE, is_html=True)
    merged = _tidy(merge.render_html(html, given).text)
    if not merged.strip():
        return mark_safe("")
    # Cleaned when it was saved, and every value was escaped on its way in.
    return format_html('<div class="signature" {}>{}</div>', mark_safe(MARK), mark_safe(merged))  # noqa: S308


def is_in(html: str) -> bool:
    """Does a text hold a signature already, or say where it goes?"""
    return MARK in html or any(p.code == CODE for p in merge.placeholders(html))


def add(html: str, signature: str) -> str:
    """A mail's text with the signature at its end, once."""
    if not signature or is_in(html):
        return html
    return f"{html or '<p><br></p>'}{signature}"


def chosen(user: User, sender_address: str) -> Signature | None:
    """The signature that ends a mail of `user` from that address."""
    common = of_organisation()
    if common is not None and common.is_locked:
        return common
    rows = {row.sender: row for row in of(user)}
    own = rows.get(_key(sender_address)) or rows.get("")
    return own or common


def of(user: User) -> list[Signature]:
    """The user's own: for all addresses first, then one for each address that has its own."""
    return list(Signature.objects.filter(user=user).order_by("sender"))


def of_organisation() -> Signature | None:
    """The one an administrator wrote for everybody."""
    return Signature.objects.filter(user=None, sender="").first()


def is_locked() -> bool:
    """Has the organisation kept signatures to itself?"""
    common = of_organisation()
    return common is not None and common.is_locked


def save(user: User, sender_address: str, html: str, *, on_replies: bool) -> Signature:
    """Keep a user's signature for one address ("": for all that have none of their own).

    Raises `Locked`, `CannotBeNamed` and `cleaning.TooLong`.
    """
    if is_locked():
        raise Locked
    cleaned = _checked(html)
    return Signature.objects.update_or_create(
        user=user,
        sender=_key(sender_address),
        defaults={"html": cleaned, "on_replies": on_replies, "updated_at": clock.now()},
    )[0]


def forget(user: User, sender_address: str) -> None:
    """That address has no signature of its own any more. Raises `Locked`."""
    if is_locked():
        raise Locked
    Signature.objects.filter(user=user, sender=_key(sender_address)).delete()


@transaction.atomic
def save_for_all(html: str, *, on_replies: bool, locked: bool) -> Signature | None:
    """Keep the organisation's signature; without any text there is none. Raises `CannotBeNamed`
    and `cleaning.TooLong`."""
    cleaned = _checked(html)
    if not cleaned:
        Signature.objects.filter(user=None, sender="").delete()
        return None
    defaults = {
        "html": cleaned,
        "on_replies": on_replies,
        "is_locked": locked,
        "updated_at": clock.now(),
    }
    return Signature.objects.update_or_create(user=None, sender="", defaults=defaults)[0]


def _tidy(html: str) -> str:
    """What was empty goes with its line, or with the mark that set it apart from the next."""
    return _WITH_GONE.sub("", html) if _GONE in html else html


def _checked(html: str) -> str:
    # Only the user's photo travels with a signature; other pictures would not be found.
    cleaned = cleaning.without_pictures(cleaning.clean(html).html)
    foreign = [
        p.code
        for p in merge.placeholders(cleaned)
        if p.entity not in KNOWN or not p.is_known or p.code == CODE
    ]
    if foreign:
        raise CannotBeNamed(list(dict.fromkeys(foreign)))
    cut = [p.code for p in merge.cut_up(cleaned)]
    if cut:
        raise CannotBeNamed(cut)
    return cleaned


def _key(address: str) -> str:
    return address.strip().lower()


def values(user: User, sender_address: str, *, photo_src: str = "") -> merge.Values:
    """What a signature's placeholders stand for, in a mail from that address."""
    organisation = Organisation.current()
    known: dict[str, Callable[[], str | None]] = {
        "User.name": lambda: user.name,
        "User.firstName": lambda: user.first_name,
        "User.lastName": lambda: user.last_name,
        "User.title": lambda: user.title,
        "User.phone": lambda: user.phone,
        "User.emailAddress": lambda: sender_address or user.email,
        "User.photo": lambda: photos.html(user, src=photo_src),
        "Organisation.name": lambda: organisation.name if organisation else "",
    }

    def value(entity: str, name: str) -> str | None:
        found = known.get(f"{entity}.{name}")
        return found() if found else None

    return value
