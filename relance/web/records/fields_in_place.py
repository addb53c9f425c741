"""A record's fields as lines of a card, each edited where it is read.

Each page says which lines its card has and what edits them (`register`); the card, the form that
takes a line's place, and the answers are the same for all. A line that is wrong is answered with
its form again, a right one with the whole card; whatever else shows the record hears
`record-saved`. Without script the pencil leads to the form of all fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from relance.crm import access, edits
from relance.crm import custom_fields as custom
from relance.crm.models.records import Record
from relance.journal.models import Entry
from relance.lib.text import hue
from relance.users.models import User
from relance.web.components import custom_fields
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment
from relance.web.templatetags.relance import avatar, when

F = TypeVar("F", bound=forms.BaseForm)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the card: `name` is its editor's, "" when it is only read; `html` what it says, ""
    when the record says nothing there. An `is_rare` one is folded away as long as it is empty."""

    label: str
    html: SafeString | str
    name: str = ""
    css: str = ""
    is_rare: bool = True


class Editor(Protocol):
    """The form of a line: its template gets it as `editor`."""

    template: str

    def is_valid(self) -> bool: ...

    def save(self, actor: User) -> Entry | None:
        """Keep it; the entry undoes it, where there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How records of an entity are shown and edited: `editor` is asked for a line by name, with
    what was sent or None, and raises KeyError for a name that has none."""

    entity: str
    model: type[Record]
    lines: Callable[[User, Any], list[Line]]
    editor: Callable[[User, Any, str, QueryDict | None], Editor]
    edit_url: str
    related: tuple[str, ...] = ("owner", "team", "created_by")


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one record: lines that say something, and those that could."""

    entity: str
    record: Any
    shown: list[tuple[Line, str]]
    blank: list[tuple[Line, str]]
    url: str
    edit_url: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make an entity's card known; called where its pages have their addresses."""
    _kinds[kind.entity] = kind


def card(viewer: User, entity: str, record: Any) -> Card:
    """The card of a record that `viewer` may read."""
    kind = _kinds[entity]
    lines = [(line, _url(kind, record, line)) for line in kind.lines(viewer, record)]
    return Card(
        entity,
        record,
        shown=[(line, url) for line, url in lines if line.html or not line.is_rare],
        blank=[(line, url) for line, url in lines if line.is_rare and not line.html and url],
        url=reverse("records:card", args=[entity, record.pk]),
        edit_url=reverse(kind.edit_url, args=[record.pk]),
    )


def _url(kind: Kind, record: Any, line: Line) -> str:
    may_edit = line.name and not getattr(record, "is_converted", False)
    args = [kind.entity, record.pk, line.name]
    return reverse("records:field", args=args) if may_edit else ""


@require_safe
def show(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The card alone; with ?bare=1 without its head."""
    kind, record = _asked(request, entity, key)
    return _card(request, kind, record)


def edit(request: HttpRequest, entity: str, key: int, name: str) -> HttpResponse:
    """The form of one line, and what becomes of it."""
    kind, record = _asked(request, entity, key)
    if getattr(record, "is_converted", False):
        raise Http404
    if not is_fragment(request):
        return redirect(kind.edit_url, record.pk)
    try:
        editor = kind.editor(user_of(request), record, name, posted(request))
    except KeyError as error:
        raise Http404 from error
    here = reverse("records:field", args=[entity, key, name])
    context = {"editor": editor, "record": record, "here": here}
    if request.method != "POST":
        return fragment(request, editor.template, context)
    if not editor.is_valid():
        return fragment(request, editor.template, context)
    entry = editor.save(user_of(request))
    _kind, fresh = _asked(request, entity, key)
    event = {"kind": entity, "id": key}
    text = _("%(name)s was saved") % {"name": fresh.name}
    undo = entry.pk if entry else None
    return toasts.attach(_card(request, kind, fresh), text, undo=undo, **{"record-saved": event})


def _asked(request: HttpRequest, entity: str, key: int) -> tuple[Kind, Any]:
    kind = _kinds.get(entity)
    if kind is None:
        raise Http404
    found = access.records_for(user_of(request), kind.model).select_related(*kind.related)
    return kind, get_object_or_404(found, pk=key)


def _card(request: HttpRequest, kind: Kind, record: Any) -> HttpResponse:
    context = {
        "card": card(user_of(request), kind.entity, record),
        "is_bare": request.GET.get("bare") == "1",
    }
    return fragment(request, "components/_fields_card.html", context)


@dataclass(slots=True)
class FormEditor:
    """An editor that is a model's form, of which only some fields are asked."""

    form: Any
    template: str = "components/_field_form.html"

    def is_valid(self) -> bool:
        return bool(self.form.is_valid())

    def save(self, actor: User) -> Entry | None:
        return edits.save(actor, self.form.filled())


def only(form: F, names: tuple[str, ...]) -> F:
    """The form with no other fields than these. Raises KeyError when it has none of them."""
    for name in list(form.fields):
        if name not in names:
            del form.fields[name]
    if not form.fields:
        raise KeyError(names)
    return form


class TagsForm(forms.Form):
    """The tags of a record, in one line."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Several are separated by commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TagsEditor:
    """Edits the tags of any record."""

    template = "components/_field_form.html"

    def __init__(self, record: edits.Editable, data: Mapping[str, Any] | None) -> None:
        self.record = record
        names = ", ".join(tag.name for tag in record.tags.all()) if data is None else ""
        self.form = TagsForm(data, initial={"tags": names}, auto_id=AUTO_ID)

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def save(self, actor: User) -> Entry | None:
        tags = self.form.cleaned_data["tags"].split(",")
        return edits.save(actor, self.record, tags=tags)


AUTO_ID = "in_place_%s"


def owner_line(record: Any, label: str | None = None) -> Line:
    """Whose it is."""
    face = avatar(record.owner.name, record.owner.email, "av--s")
    html = format_html('<span class="row">{}{}</span>', face, record.owner.name)
    return Line(label or _("Owner"), html, "owner")


def common_lines(record: Any) -> list[Line]:
    """What every record has: owner, team, tags, and what an administrator added."""
    chips = [
        format_html('<span class="label lb-{}">{}</span>', tag.hue or hue(tag.name), tag.name)
        for tag in record.tags.all()
    ]
    tags = format_html('<span class="tagline">{}</span>', _joined(chips)) if chips else ""
    return [
        owner_line(record),
        Line(_("Team"), record.team.name if record.team else "", "team"),
        Line(_("Tags"), tags, "tags"),
        *_custom_lines(record),
    ]


def _custom_lines(record: Any) -> list[Line]:
    lines = []
    for definition in custom.of(record):
        value = custom.value(record, definition)
        words = "" if value is None else custom_fields.words_of(definition, value)
        name = custom_fields.name_of(definition)
        lines.append(Line(custom.label_of(definition), words, name))
    return lines


def last_lines(record: Any) -> list[Line]:
    """The description, and who added the record."""
    text = format_html('<span class="fieldline__text">{}</span>', record.description)
    added = when(record.created_at)
    if record.created_by:
        added = format_html("{}, {}", added, record.created_by.name)
    return [
        Line(_("Description"), text if record.description else "", "description", "is-wide"),
        Line(_("Added"), added),
    ]


def place_words(record: Any, countries: Mapping[str, str], prefix: str = "") -> str:
    """ "12 rue des Quais, 69800 Saint-Priest, France"."""
    street, postcode, city, country = (
        getattr(record, f"{prefix}{name}") for name in ("street", "postcode", "city", "country")
    )
    town = f"{postcode} {city}".strip()
    return ", ".join(part for part in (street, town, countries.get(country, country)) if part)


def phone_link(number: str) -> SafeString | str:
    """A number that can be called."""
    if not (digits := dialled(number)):
        return number
    return format_html('<a class="num" href="tel:{}">{}</a>', digits, number)


def dialled(number: str) -> str:
    """What a telephone needs of a number as it is written."""
    return "".join(c for c in number if c in "+0123456789")


def _joined(parts: list[SafeString]) -> SafeString:
    return format_html("{}" * len(parts), *parts)
