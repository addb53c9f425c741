"""Forms of the library: a folder, a document's place and name, a new version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.files.library import Library
from relance.files.models import Document, DocumentFolder

_Choice = tuple[str, str]
#: spaces that a list of choices keeps
_INDENT = "\u2003"


def places(library: Library, *, but: DocumentFolder | None = None) -> list[_Choice]:
    """Folders one may add to, indented; `but` and what lies below it left out."""
    left_out = {f.pk for f in library.inside(but)} if but else set()
    return [
        (str(f.pk), _INDENT * library.depth(f) + f.name)
        for f in library.folders
        if f.pk not in left_out and library.may_add(f)
    ]


class FolderForm(forms.Form):
    """A folder's name, place and openness."""

    name = forms.CharField(label=_("Name"), max_length=150)
    parent = forms.ChoiceField(label=_("In"), required=False)
    access = forms.ChoiceField(
        label=_("Who sees it"), choices=DocumentFolder.Access.choices, widget=forms.RadioSelect
    )

    def __init__(
        self, *arguments: Any, library: Library, folder: DocumentFolder | None = None, **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        choices = [("", _("The top of the library")), *places(library, but=folder)]
        above = library.parent(folder) if folder else None
        if above is not None and str(above.pk) not in dict(choices):
            choices.append((str(above.pk), above.name))
        field.choices = choices


class DocumentForm(forms.Form):
    """A document's name and folder."""

    name = forms.CharField(label=_("Name"), max_length=200)
    folder = forms.ChoiceField(label=_("Folder"), required=False)

    def __init__(self, *arguments: Any, library: Library, document: Document, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["folder"]
        assert isinstance(field, forms.ChoiceField)
        choices: list[tuple[str, Any]] = [*places(library)]
        if document.owner_id == library.user.pk or document.folder_id is None:
            choices.insert(0, ("", _("No folder: only me")))
        if document.folder and str(document.folder_id) not in dict(choices):
            choices.append((str(document.folder_id), document.folder.name))
        field.choices = choices


class VersionForm(forms.Form):
    """The file that takes a document's place."""

    file = forms.FileField(label=_("New version"), allow_empty_file=False)
