"""The card of a person: its lines, and what edits each of them in place."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from relance.crm import edits
from relance.crm.models import Person
from relance.journal.models import Entry
from relance.users.models import User
from relance.web.components import address_lines
from relance.web.people.addresses import AddressRows
from relance.web.people.forms import PersonForm
from relance.web.people.phones import PhoneRows
from relance.web.records import fields_in_place
from relance.web.records.cells import link
from relance.web.records.fields_in_place import AUTO_ID, Editor, FormEditor, Line, TagsEditor, only
from relance.web.shell import wording

_GROUPS = {
    "name": ("first_name", "last_name", "title"),
    "organisation": ("organisation",),
    "place": ("street", "postcode", "city", "country"),
    "time_zone": ("time_zone",),
    "source": ("source",),
    "status": ("status",),
    "owner": ("owner",),
    "team": ("team",),
    "description": ("description",),
}


def lines(viewer: User, person: Person) -> list[Line]:
    """What the card says, in its order."""
    countries = wording.locale_of(wording.language()).territories
    is_lead = person.kind == Person.Kind.LEAD
    company = link(person.company) if person.company else person.company_name
    status = person.get_status_display() if is_lead else ""
    return [
        *_emails(viewer, person),
        *_numbers(person),
        Line(_("Company") if is_lead else _("Account"), company, "organisation", is_rare=False),
        *([Line(_("Status"), status, "status", is_rare=False)] if is_lead else []),
        Line(_("Address"), fields_in_place.place_words(person, countries), "place"),
        Line(_("Zone"), _zone(viewer, person), "time_zone"),
        Line(_("Source"), person.source, "source"),
        *fields_in_place.common_lines(person),
        *fields_in_place.last_lines(person),
    ]


def _emails(viewer: User, person: Person) -> list[Line]:
    found = []
    for one in address_lines.address_lines(viewer, person):
        html = address_lines.shown(viewer, person, one)
        found.append(Line(_("E-mail") if one.is_primary else _("Secondary"), html, "emails"))
    return found or [Line(_("E-mail"), "", "emails", is_rare=False)]


def _numbers(person: Person) -> list[Line]:
    numbers = [(_("Phone"), person.phone), (_("Mobile"), person.mobile)]
    numbers += [(str(one.get_kind_display()), one.number) for one in person.phones.all()]
    found = [
        Line(label, fields_in_place.phone_link(number), "phones")
        for label, number in numbers
        if number
    ]
    return found or [Line(_("Phone"), "", "phones", is_rare=False)]


def _zone(viewer: User, person: Person) -> SafeString | str:
    """The zone, and the hour there when it is another than here."""
    named = person.time_zone.replace("_", " ")
    zone = wording.zone_named(person.time_zone)
    now = timezone.now()
    if zone is None or now.astimezone(zone).utcoffset() == now.astimezone(viewer.zone).utcoffset():
        return named
    hour = f"{now.astimezone(zone):%H:%M}"
    words = _("%(hour)s there") % {"hour": hour}
    return format_html('{} <span class="muted nowrap">· {}</span>', named, words)


def editor(viewer: User, person: Person, name: str, data: QueryDict | None) -> Editor:
    """What edits a line. Raises KeyError for a name that has no editor."""
    if name == "emails":
        return EmailsEditor(person, data)
    if name == "phones":
        return PhonesEditor(viewer, person, data)
    if name == "tags":
        return TagsEditor(person, data)
    form = PersonForm(data, instance=person, viewer=viewer, auto_id=AUTO_ID)
    names = (name,) if name.startswith("custom_") else _GROUPS[name]
    return FormEditor(only(form, names))


class EmailsEditor:
    """Edits all addresses at once; one that is written over is asked about first."""

    template = "people/_emails_form.html"

    def __init__(self, person: Person, data: QueryDict | None) -> None:
        self.person = person
        self.rows = AddressRows.of(person) if data is None else AddressRows.sent(data)

    def is_valid(self) -> bool:
        return self.rows.check() and not self.rows.must_ask

    def save(self, actor: User) -> Entry | None:
        return edits.save(actor, self.person, addresses=self.rows.wanted())


@dataclass
class PhonesEditor:
    """Edits all telephone numbers at once: the two usual ones, and further ones by kind."""

    viewer: User
    person: Person
    data: QueryDict | None
    template: str = "people/_phones_form.html"
    form: PersonForm = field(init=False)
    rows: PhoneRows = field(init=False)

    def __post_init__(self) -> None:
        form = PersonForm(self.data, instance=self.person, viewer=self.viewer, auto_id=AUTO_ID)
        self.form = only(form, ("phone", "mobile"))
        is_new = self.data is None
        self.rows = (
            PhoneRows.of(self.person) if is_new else PhoneRows.sent(self.data or QueryDict())
        )

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def save(self, actor: User) -> Entry | None:
        return edits.save(actor, self.form.filled(), phones=self.rows.numbers())


def declare() -> None:
    """Make it known; called where the pages have their addresses."""
    kind = fields_in_place.Kind(
        "person",
        Person,
        lines,
        editor,
        edit_url="people:edit",
        related=("company", "owner", "team", "created_by"),
    )
    fields_in_place.register(kind)
