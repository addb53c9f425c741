"""Changes to the library: folders made, moved, shared and removed; documents added and replaced.

Each takes the `Library` of the user who acts and raises `Refused` with the reason. What one may not
even see is no question here: it is not found.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from relance.files import blobs, names, quota
from relance.files.library import DEEPEST, WIDTH, Contents, Library, Refused
from relance.files.models import Blob, Document, DocumentFolder, DocumentVersion
from relance.lib import clock, text

_Access = DocumentFolder.Access


@transaction.atomic
def create_folder(
    library: Library, name: str, *, parent: DocumentFolder | None = None, access: str = ""
) -> DocumentFolder:
    """A new folder, private unless said otherwise; below another, as open as that one."""
    if not library.may_add(parent):
        raise Refused("read_only")
    if parent is not None and library.depth(parent) + 1 >= DEEPEST:
        raise Refused("too_deep")
    wanted = access or (library.access_of(parent) if parent else _Access.PRIVATE)
    _check_width(library, wanted, parent)
    folder = DocumentFolder.objects.create(
        name=_free(library, name, parent), parent=parent, owner=library.user, access=wanted
    )
    library.forget()
    return folder


@transaction.atomic
def rename_folder(library: Library, folder: DocumentFolder, name: str) -> None:
    _check_managed(library, folder)
    parent = library.parent(folder)
    folder.name = _free(library, name, parent, but=folder.pk)
    folder.save(update_fields=["name"])
    library.forget()


@transaction.atomic
def move_folder(library: Library, folder: DocumentFolder, parent: DocumentFolder | None) -> None:
    """Into another folder, or to the top. Never into itself, never where it would be wider."""
    _check_managed(library, folder)
    if not library.may_add(parent):
        raise Refused("read_only")
    below = library.inside(folder)
    if parent is not None and parent.pk in {f.pk for f in below}:
        raise Refused("into_itself")
    height = max(library.depth(f) for f in below) - library.depth(folder)
    if parent is not None and library.depth(parent) + 1 + height >= DEEPEST:
        raise Refused("too_deep")
    _check_width(library, folder.access, parent)
    _free(library, folder.name, parent, but=folder.pk)
    folder.parent = parent
    folder.save(update_fields=["parent"])
    library.forget()


@transaction.atomic
def share_folder(library: Library, folder: DocumentFolder, access: str) -> None:
    """Open it, or close it. One where others keep documents is not taken away from them."""
    _check_managed(library, folder)
    _check_width(library, access, library.parent(folder))
    if access == _Access.PRIVATE and _holds_others(library, folder):
        raise Refused("holds_others")
    folder.access = access
    folder.save(update_fields=["access"])
    library.forget()


def is_wider(access: str, than: str) -> bool:
    """Is `access` open to more than `than`?"""
    return WIDTH[access] > WIDTH[than]


def contents(library: Library, folder: DocumentFolder) -> Contents:
    """What would go with it."""
    below = [f.pk for f in library.subtree(folder)]
    return Contents(Document.objects.filter(folder__in=below).count(), len(below) - 1)


@transaction.atomic
def delete_folder(library: Library, folder: DocumentFolder, *, with_contents: bool = False) -> int:
    """Remove it. What it holds goes only when that was confirmed; returns how many documents."""
    _check_managed(library, folder)
    below = [f.pk for f in library.subtree(folder)]
    rows = Document.objects.filter(folder__in=below)
    if (rows.exists() or len(below) > 1) and not with_contents:
        raise Refused("not_empty")
    if not library.user.is_admin and _holds_others(library, folder):
        raise Refused("holds_others")
    hashes, count = _hashes(rows), rows.count()
    rows.delete()
    for pk in reversed(below):
        DocumentFolder.objects.filter(pk=pk).delete()
    _release(hashes)
    library.forget()
    return count


def add(
    library: Library, data: bytes, name: str, *, folder: DocumentFolder | None = None
) -> Document:
    """A new document; a name already there gets a number. Raises `QuotaReached` too."""
    if not library.may_add(folder):
        raise Refused("read_only")
    quota.check(len(data))
    blob = blobs.put(data)  # before the transaction: nobody waits while a large file is written
    return _add(library, blob, names.clean(name), folder)


@transaction.atomic
def _add(library: Library, blob: Blob, name: str, folder: DocumentFolder | None) -> Document:
    kept = _numbered(library, name, folder)
    return Document.objects.create(
        folder=folder,
        owner=library.user,
        blob=blob,
        name=kept,
        folded_name=text.fold(kept),
        content_type=names.type_of(kept),
    )


@transaction.atomic
def rename(library: Library, document: Document, name: str) -> None:
    """A new name; without an extension it keeps the old one."""
    _check_changeable(library, document)
    kept = names.clean(name, "")
    if not kept:
        raise Refused("no_name")
    suffix = names.extension(document.name)
    if suffix and not names.extension(kept):
        kept = f"{kept}.{suffix}"
    if kept != document.name and _is_taken(library, kept, document.folder):
        raise Refused("name_taken")
    document.name, document.folded_name = kept, text.fold(kept)
    document.content_type = names.type_of(kept)
    _touch(document, "name", "folded_name", "content_type")


@transaction.atomic
def move(library: Library, document: Document, folder: DocumentFolder | None) -> None:
    """Into another folder. Out of all folders one takes one's own alone: it would vanish for the
    others."""
    _check_changeable(library, document)
    is_others = document.owner_id != library.user.pk
    if not library.may_add(folder) or (folder is None and is_others):
        raise Refused("read_only")
    if folder is not None and is_others and library.access_of(folder) == _Access.PRIVATE:
        raise Refused("read_only")
    document.name = _numbered(library, document.name, folder, but=document.pk)
    document.folded_name = text.fold(document.name)
    document.folder = folder
    _touch(document, "folder", "name", "folded_name")


def replace(library: Library, document: Document, data: bytes, name: str) -> None:
    """A new version under the same name; the former stays, numbered. Raises `QuotaReached` too."""
    _check_changeable(library, document)
    quota.check(len(data))
    _replace(library, document, blobs.put(data), names.clean(name))


@transaction.atomic
def _replace(library: Library, document: Document, blob: Blob, name: str) -> None:
    Document.objects.select_for_update().get(pk=document.pk)
    document.refresh_from_db(fields=["version", "blob", "name", "content_type", "updated_at"])
    DocumentVersion.objects.create(
        document=document,
        number=document.version,
        blob_id=document.blob_id,
        name=document.name,
        content_type=document.content_type,
        author=library.user,
        created_at=document.updated_at,
    )
    suffix, former = names.extension(name), names.extension(document.name)
    if suffix and suffix != former:
        stem = document.name[: len(document.name) - len(former) - 1] if former else document.name
        document.name = _numbered(library, f"{stem}.{suffix}", document.folder, but=document.pk)
    document.folded_name = text.fold(document.name)
    document.content_type = names.type_of(document.name)
    document.blob, document.version = blob, document.version + 1
    _touch(document, "blob", "version", "name", "folded_name", "content_type")


@transaction.atomic
def delete(library: Library, document: Document) -> None:
    """Remove it from the library. A mail that carries it keeps its file."""
    _check_changeable(library, document)
    hashes = _hashes(Document.objects.filter(pk=document.pk))
    document.delete()
    _release(hashes)


def _touch(document: Document, *fields: str) -> None:
    document.updated_at = clock.now()
    document.save(update_fields=[*fields, "updated_at"])


def _check_managed(library: Library, folder: DocumentFolder) -> None:
    if not library.may_manage(folder):
        raise Refused("read_only")


def _check_changeable(library: Library, document: Document) -> None:
    if not library.may_change(document):
        raise Refused("read_only")


def _check_width(library: Library, access: str, parent: DocumentFolder | None) -> None:
    if parent is not None and WIDTH[access] > WIDTH[library.access_of(parent)]:
        raise Refused("too_wide")


def _holds_others(library: Library, folder: DocumentFolder) -> bool:
    below = library.subtree(folder)
    owner = folder.owner_id
    if any(f.owner_id != owner for f in below):
        return True
    pks = [f.pk for f in below]
    return Document.objects.filter(folder__in=pks).exclude(owner=owner).exists()


def _free(
    library: Library, name: str, parent: DocumentFolder | None, *, but: int | None = None
) -> str:
    """A folder's name, tidy. Raises when another folder beside it that one sees bears it."""
    kept = text.squeeze(name)[:150]
    if not kept:
        raise Refused("no_name")
    above = parent.pk if parent else None
    beside = [f for f in library.folders if f.parent_id == above and f.pk != but]
    if any(text.fold(f.name) == text.fold(kept) for f in beside):
        raise Refused("name_taken")
    return kept


def _is_taken(
    library: Library, name: str, folder: DocumentFolder | None, *, but: int | None = None
) -> bool:
    rows = Document.objects.filter(folder=folder, folded_name=text.fold(name))
    rows = rows if but is None else rows.exclude(pk=but)
    return rows.filter(owner=library.user).exists() if folder is None else rows.exists()


def _numbered(
    library: Library, name: str, folder: DocumentFolder | None, *, but: int | None = None
) -> str:
    """`name`, or "name (2).pdf" where there is one already."""
    suffix = names.extension(name)
    stem = name[: len(name) - len(suffix) - 1] if suffix else name
    found, number = name, 1
    while _is_taken(library, found, folder, but=but):
        number += 1
        found = f"{stem} ({number}).{suffix}" if suffix else f"{stem} ({number})"
    return found


def _hashes(rows: QuerySet[Document]) -> set[str]:
    documents = list(rows.values_list("pk", "blob_id"))
    versions = DocumentVersion.objects.filter(document__in=[pk for pk, _ in documents])
    return {blob for _, blob in documents} | set(versions.values_list("blob_id", flat=True))


def _release(hashes: set[str]) -> None:
    """Give back their room once the transaction commits, unless something else holds them."""
    for sha256 in hashes:
        transaction.on_commit(partial(blobs.release, sha256))
