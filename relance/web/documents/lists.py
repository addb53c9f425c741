"""The library made ready for its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import ngettext

from relance.files import names
from relance.files.library import Library
from relance.files.models import Document, DocumentFolder
from relance.mail.models import Outgoing, OutgoingAttachment
from relance.web.documents import wording
from relance.web.shell.wording import number

_BADGES = {"": "", "sheet": "file__k--x", "text": "file__k--i"}


@dataclass(frozen=True, slots=True)
class FolderLine:
    """A folder of the side list. `depth` indents it, `count` is of documents in and below it."""

    pk: int
    name: str
    depth: int
    count: int
    icon: str
    access: str
    is_current: bool
    may_manage: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the table and the picker show it."""

    document: Document
    badge: str
    badge_css: str
    folder_name: str
    used: str
    may_change: bool


def badge(name: str) -> tuple[str, str]:
    """The letters on a file's badge, and its colour's class."""
    kind = names.kind_of(name)
    return kind.letters, _BADGES[kind.family]


def folder_lines(library: Library, current: DocumentFolder | None) -> list[FolderLine]:
    """Every folder one may read, in the order of the tree."""
    direct = dict(
        library.documents()
        .exclude(folder=None)
        .order_by()
        .values_list("folder")
        .annotate(n=Count("pk"))
    )
    return [
        FolderLine(
            pk=f.pk,
            name=f.name,
            depth=library.depth(f),
            count=sum(direct.get(b.pk, 0) for b in library.inside(f)),
            icon=wording.access_icon(library.access_of(f)),
            access=wording.access_label(library.access_of(f)),
            is_current=current is not None and current.pk == f.pk,
            may_manage=library.may_manage(f),
        )
        for f in library.folders
    ]


def rows(library: Library, documents: Sequence[Document]) -> list[Row]:
    """Documents ready to be shown; how often each was sent costs one query for all."""
    sent = _sent_counts(d.pk for d in documents)
    return [_row(library, d, sent.get(d.pk, 0)) for d in documents]


def _row(library: Library, document: Document, sent: int) -> Row:
    letters, css = badge(document.name)
    words = ngettext("%(n)s message", "%(n)s messages", sent) % {"n": number(sent)}
    return Row(
        document=document,
        badge=letters,
        badge_css=css,
        folder_name=document.folder.name if document.folder else "",
        used=words if sent else "",
        may_change=library.may_change(document),
    )


def _sent_counts(ids: Iterable[int]) -> dict[int, int]:
    """In how many mails that left each document went; a number says nothing of whose."""
    left = OutgoingAttachment.objects.filter(
        document__in=list(ids), outgoing__state=Outgoing.State.SENT
    )
    return dict(left.order_by().values_list("document").annotate(n=Count("outgoing")))
