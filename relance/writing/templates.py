"""Templates: mails to be written again. Who sees one, who changes it, what is kept of it.

Its owner does everything; whoever it is shared with uses it, and edits it when it is shared so.
One for a single use is hidden once it was used; an inactive one is offered to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from html import escape

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from relance.files import blobs, names, quota
from relance.files.quota import QuotaReached
from relance.lib import clock
from relance.lib.text import squeeze
from relance.users.models import Organisation, User
from relance.writing import cleaning, merge
from relance.writing.cleaning import Cleaned
from relance.writing.merge import Placeholder
from relance.writing.models import Template, TemplateAttachment

__all__ = ["QuotaReached"]

_CID = re.compile(r"\bcid:([^\"'\s<>)]{1,255})", re.IGNORECASE)
_LANGUAGE = re.compile(r"<div\b[^<>]{0,300}?\slang=\"(fr|en)\b", re.IGNORECASE)
_MB = 1_000_000
_DEFAULT_MB = 10
_SHARED = (Template.Sharing.READ, Template.Sharing.WRITE)


class BadPlaceholders(Exception):
    """Placeholders that cannot stay: `unknown` codes no record answers to, `cut` ones with
    formatting inside."""

    def __init__(self, unknown: list[str], cut: list[str]) -> None:
        super().__init__(", ".join([*unknown, *cut]))
        self.unknown, self.cut = unknown, cut


class Changed(Exception):
    """Somebody else saved the template since it was read."""


class TooLarge(Exception):
    """Its files would be more than one mail may hold; figures in bytes."""

    def __init__(self, *, total: int, limit: int) -> None:
        super().__init__(f"{total} > {limit}")
        self.total, self.limit = total, limit


@dataclass(frozen=True, slots=True)
class Content:
    """What a person writes of a template. `fallbacks` are put into the placeholders of those
    codes that have none."""

    name: str
    subject: str = ""
    html: str = ""
    category: str = ""
    language: str = ""
    sharing: str = Template.Sharing.PRIVATE
    is_one_off: bool = False
    is_active: bool = True
    fallbacks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """The template kept, and whether a style sheet of its HTML was carried onto the elements."""

    template: Template
    had_style_sheet: bool


def usable(user: User) -> QuerySet[Template]:
    """The templates to offer `user` when she writes, by category and name."""
    used_up = Q(is_one_off=True, used_at__isnull=False)
    return visible(user).filter(is_active=True).exclude(used_up)


def visible(user: User) -> QuerySet[Template]:
    """Her own, whatever their state, and those shared with her that can be used."""
    if not user.is_active:
        return Template.objects.none()
    used_up = Q(is_one_off=True, used_at__isnull=False)
    shared = Q(sharing__in=_SHARED, is_active=True) & ~used_up
    seen = Template.objects.filter(Q(owner=user) | shared | _editable(user))
    return seen.select_related("owner").order_by("category", "name", "pk")


def editable(user: User) -> QuerySet[Template]:
    """Those she may change."""
    return visible(user).filter(_editable(user))


def owned(user: User) -> QuerySet[Template]:
    """Those she may delete."""
    return visible(user).filter(owner=user)


def categories(user: User) -> list[str]:
    """The categories in use among those she sees."""
    found = visible(user).exclude(category="").order_by("category")
    return list(found.values_list("category", flat=True).distinct())


@transaction.atomic
def save(
    user: User, content: Content, *, template: Template | None = None, version: str = ""
) -> Saved:
    """Keep a new template of `user`'s, or a changed one, cleaned for mail.

    `version` is that of the template when it was read. Raises `BadPlaceholders`, `Changed`,
    `TooLarge`, `QuotaReached` and `cleaning.TooLong`; nothing is kept then.
    """
    cleaned = _checked(content, template)
    subject = _with_fallbacks(squeeze(content.subject), content, is_html=False)
    kept = template or Template(owner=user)
    if template is not None:
        kept = Template.objects.select_for_update().get(pk=template.pk)
        if version and version != version_of(kept):
            raise Changed
    if content.is_one_off and not kept.is_one_off:
        kept.used_at = None  # its single use is still to come
    for name in ("name", "category", "language", "is_one_off", "is_active"):
        setattr(kept, name, getattr(content, name))
    if kept.owner_id == user.pk:
        kept.sharing = content.sharing
    kept.subject, kept.html, kept.updated_at = subject, cleaned.html, clock.now()
    kept.save()
    _keep_pictures(kept, cleaned)
    return Saved(kept, cleaned.had_style_sheet)


def version_of(template: Template) -> str:
    """Changes with every saving."""
    return template.updated_at.isoformat()


@transaction.atomic
def copy(user: User, template: Template) -> Template:
    """A private copy of `user`'s own, with the files."""
    made = Template.objects.create(
        owner=user,
        name=_("%(name)s (copy)") % {"name": template.name[:120]},
        category=template.category,
        language=template.language,
        subject=template.subject,
        html=template.html,
        is_one_off=template.is_one_off,
    )
    for file in template.attachments.all():
        file.pk = None
        file.template = made
        file.save(force_insert=True)
    return made


def delete(template: Template) -> None:
    """Remove it and the files nothing else holds."""
    held = list(template.attachments.values_list("blob_id", flat=True))
    template.delete()
    _release(held)


def use(template: Template) -> bool:
    """A mail was written with it. False when it was for a single use and has been used."""
    rows = Template.objects.filter(pk=template.pk)
    rows = rows.exclude(is_one_off=True, used_at__isnull=False)
    return bool(rows.update(use_count=F("use_count") + 1, used_at=clock.now()))


def body_of(template: Template) -> str:
    """Its text as it goes into a mail, which knows by it in what language to write values."""
    if not template.language or not template.html:
        return template.html
    return f'<div lang="{escape(template.language)}">{template.html}</div>'


def language_of(html: str) -> str:
    """The language a template brought to a mail's text: "fr", "en", or "" for none."""
    found = _LANGUAGE.search(html)
    return found[1].lower() if found else ""


def placeholders_of(template: Template) -> list[Placeholder]:
    """Those of its subject and its text, each code once; one that lacks a fallback wins."""
    found: dict[str, Placeholder] = {}
    for placeholder in [
        *merge.placeholders(template.subject),
        *merge.placeholders(template.html),
    ]:
        known = found.get(placeholder.code)
        if known is None or known.fallback is not None:
            found[placeholder.code] = placeholder
    return list(found.values())


@transaction.atomic
def attach(template: Template, *, name: str, data: bytes) -> TemplateAttachment:
    """Add a file that goes with every mail written with it. Raises `TooLarge`, `QuotaReached`."""
    filename = names.clean(name)
    _check_room(template, len(data))
    return TemplateAttachment.objects.create(
        template=template,
        blob=blobs.put(data),
        filename=filename,
        content_type=names.type_of(filename)[:150],
    )


def detach(template: Template, attachment_id: int) -> None:
    """Take one of its files away."""
    found = template.attachments.filter(pk=attachment_id).first()
    if found is not None:
        found.delete()
        _release([found.blob_id])


def size_of(template: Template) -> int:
    """Bytes of its files, pictures of its text included."""
    return template.attachments.aggregate(total=Sum("blob__size"))["total"] or 0


def limit() -> int:
    """Bytes the files of one mail may be."""
    organisation = Organisation.current()
    return (organisation.attachment_limit_mb if organisation else _DEFAULT_MB) * _MB


def _editable(user: User) -> Q:
    return Q(owner=user) | Q(sharing=Template.Sharing.WRITE)


def _checked(content: Content, template: Template | None) -> Cleaned:
    own = set(template.attachments.values_list("content_id", flat=True)) if template else set()
    cleaned = cleaning.clean(content.html, content_id=lambda name: name if name in own else None)
    unknown = merge.check(content.subject) + merge.check(cleaned.html)
    cut = [p.code for p in merge.cut_up(cleaned.html)]
    if unknown or cut:
        raise BadPlaceholders(list(dict.fromkeys(unknown)), list(dict.fromkeys(cut)))
    completed = _with_fallbacks(cleaned.html, content, is_html=True)
    return Cleaned(completed, cleaned.pictures, cleaned.had_style_sheet)


def _with_fallbacks(text: str, content: Content, *, is_html: bool) -> str:
    for code, fallback in content.fallbacks:
        if fallback.strip():
            text = merge.with_fallback(text, code, fallback, is_html=is_html)
    return text


def _keep_pictures(template: Template, cleaned: Cleaned) -> None:
    """Keep the pictures set apart; those the text no longer shows go."""
    shown = set(_CID.findall(cleaned.html))
    inline = template.attachments.filter(is_inline=True)
    gone = list(inline.exclude(content_id__in=shown).values_list("blob_id", flat=True))
    inline.exclude(content_id__in=shown).delete()
    known = set(inline.values_list("content_id", flat=True))
    for picture in cleaned.pictures:
        if picture.content_id in known or picture.content_id not in shown:
            continue
        _check_room(template, len(picture.data))
        TemplateAttachment.objects.create(
            template=template,
            blob=blobs.put(picture.data),
            filename=f"image.{picture.content_type.rpartition('/')[2]}",
            content_type=picture.content_type,
            content_id=picture.content_id,
            is_inline=True,
        )
    _release(gone)


def _check_room(template: Template, size: int) -> None:
    total, most = size_of(template) + size, limit()
    if total > most:
        raise TooLarge(total=total, limit=most)
    quota.check(size)


def _release(blob_ids: Iterable[str]) -> None:
    for blob_id in set(blob_ids):  # a file does not come back with a transaction that failed
        transaction.on_commit(partial(blobs.release, blob_id))
