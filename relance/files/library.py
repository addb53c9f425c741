"""The library of documents: who may see and change what, and every change to it.

A folder is read by everybody or by its owner alone, and what lies in it follows it. A folder inside
another is never wider: one may read it when one may read every folder above it too, and add to it
when each of those is one's own or open to everybody's hand. What is not in a folder is its owner's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from relance.files.models import Document, DocumentFolder
from relance.lib import text
from relance.users.models import User

DEEPEST = 8
_Access = DocumentFolder.Access
WIDTH: dict[str, int] = {_Access.PRIVATE: 0, _Access.READ: 1, _Access.WRITE: 2}


class Refused(Exception):
    """`code`: "read_only", "too_wide" (wider than the folder above), "too_deep", "into_itself",
    "holds_others" (others keep documents in it), "not_empty", "name_taken", "no_name"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds, those below it included."""

    documents: int
    folders: int


class Library:
    """The library as one user sees it. Its folders are read once."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def _all(self) -> dict[int, DocumentFolder]:
        return {f.pk: f for f in DocumentFolder.objects.select_related("owner")}

    def chain(self, folder: DocumentFolder) -> list[DocumentFolder]:
        """The folder and those above it, nearest first."""
        found: list[DocumentFolder] = []
        above: DocumentFolder | None = self._all.get(folder.pk)
        while above is not None and len(found) <= DEEPEST:
            found.append(above)
            above = self.parent(above)
        return found

    def _sees(self, folder: DocumentFolder) -> bool:
        return all(
            f.owner_id == self.user.pk or f.access != _Access.PRIVATE for f in self.chain(folder)
        )

    def may_add(self, folder: DocumentFolder | None) -> bool:
        """May one add documents and folders there?"""
        if folder is None:
            return True
        return self._sees(folder) and all(
            f.owner_id == self.user.pk or f.access == _Access.WRITE for f in self.chain(folder)
        )

    def may_manage(self, folder: DocumentFolder) -> bool:
        """May one rename, move, share or delete it? Its owner, and of a shared one an admin."""
        return self._sees(folder) and (folder.owner_id == self.user.pk or self.user.is_admin)

    def may_change(self, document: Document) -> bool:
        """May one rename, move, replace or delete it? Its owner may, and so may whoever may add
        where it lies; in a folder all only read, an administrator too."""
        if document.owner_id == self.user.pk:
            return True
        folder = document.folder
        return folder is not None and (self.may_add(folder) or self.may_manage(folder))

    @cached_property
    def folders(self) -> list[DocumentFolder]:
        """The folders one may read, each after the one it lies in, by name."""
        return list(self._below(None))

    def _below(self, parent: int | None) -> Iterable[DocumentFolder]:
        level = [f for f in self._all.values() if f.parent_id == parent and self._sees(f)]
        for folder in sorted(level, key=lambda f: (text.fold(f.name), f.pk)):
            yield folder
            yield from self._below(folder.pk)

    def depth(self, folder: DocumentFolder) -> int:
        """0 for a folder at the top."""
        return len(self.chain(folder)) - 1

    def access_of(self, folder: DocumentFolder) -> str:
        """How far it is open in effect: its own access, narrowed by the folders above."""
        return min((f.access for f in self.chain(folder)), key=lambda a: WIDTH[a])

    def documents(self) -> QuerySet[Document]:
        """Every document one may read."""
        seen = [f.pk for f in self.folders]
        return Document.objects.filter(
            Q(folder__in=seen) | Q(folder=None, owner=self.user)
        ).select_related("blob", "owner", "folder")

    def found(self, words: str = "", folder: DocumentFolder | None = None) -> QuerySet[Document]:
        """Those of a folder and below it whose names hold every word, by name."""
        rows = self.documents()
        if folder is not None:
            rows = rows.filter(folder__in=[f.pk for f in self.inside(folder)])
        for word in text.fold(words).split()[:10]:
            rows = rows.filter(folded_name__contains=word)
        return rows.order_by("folded_name", "pk")

    def inside(self, folder: DocumentFolder) -> list[DocumentFolder]:
        """The folder and those below it that one may read."""
        return [folder, *self._below(folder.pk)]

    def document(self, pk: int) -> Document:
        """Raises Document.DoesNotExist when there is none, or none for this user."""
        return self.documents().get(pk=pk)

    def folder(self, pk: int) -> DocumentFolder:
        """Raises DocumentFolder.DoesNotExist when there is none, or none for this user."""
        found = self._all.get(pk)
        if found is None or not self._sees(found):
            raise DocumentFolder.DoesNotExist(pk)
        return found

    def parent(self, folder: DocumentFolder) -> DocumentFolder | None:
        """The folder it lies in, None at the top."""
        return self._all.get(folder.parent_id) if folder.parent_id else None

    def subtree(self, folder: DocumentFolder) -> list[DocumentFolder]:
        """The folder and all below it, those one may not read included, from the top down."""
        found = [folder]
        for above in found:
            found.extend(f for f in self._all.values() if f.parent_id == above.pk)
        return found

    def forget(self) -> None:
        """Read the folders again."""
        for name in ("_all", "folders"):
            self.__dict__.pop(name, None)
