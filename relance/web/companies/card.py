"""The card of an account: its lines, and what edits each of them in place."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from relance.crm import edits
from relance.crm.models import Company
from relance.journal.models import Entry
from relance.users.models import User
from relance.web.companies.addresses import address_rows
from relance.web.companies.forms import CompanyForm
from relance.web.components import address_lines
from relance.web.people.addresses import AddressRows
from relance.web.records import fields_in_place
from relance.web.records.fields_in_place import AUTO_ID, Editor, FormEditor, Line, TagsEditor, only
from relance.web.shell import wording

_PLACE = ("street", "postcode", "city", "country")
_GROUPS = {
    "name": ("name", "industry"),
    "domain": ("domain",),
    "website": ("website",),
    "phone": ("phone",),
    "place": _PLACE,
    "delivery": tuple(f"shipping_{name}" for name in _PLACE),
    "industry": ("industry",),
    "tax_number": ("tax_number",),
    "owner": ("owner",),
    "team": ("team",),
    "description": ("description",),
}


def lines(viewer: User, company: Company) -> list[Line]:
    """What the card says, in its order."""
    countries = wording.locale_of(wording.language()).territories
    words = fields_in_place.place_words
    phone = fields_in_place.phone_link(company.phone) if company.phone else ""
    return [
        Line(_("Domain"), company.domain, "domain", is_rare=False),
        Line(_("Website"), _website(company), "website"),
        Line(_("Phone"), phone, "phone", is_rare=False),
        *_emails(viewer, company),
        Line(_("Address"), words(company, countries), "place", is_rare=False),
        Line(_("Delivery"), words(company, countries, "shipping_"), "delivery"),
        Line(_("Industry"), company.industry, "industry"),
        Line(_("VAT number"), company.tax_number, "tax_number"),
        *fields_in_place.common_lines(company),
        *fields_in_place.last_lines(company),
    ]


def _website(company: Company) -> SafeString | str:
    if not company.website.startswith(("https://", "http://")):
        return company.website
    bare = company.website.partition("://")[2].rstrip("/")
    link = '<a class="link" href="{}" rel="noopener noreferrer" target="_blank">{}</a>'
    return format_html(link, company.website, bare)


def _emails(viewer: User, company: Company) -> list[Line]:
    """Its own addresses, of nobody in particular."""
    found = []
    for one in address_lines.address_lines(viewer, company):
        html = address_lines.shown(viewer, company, one)
        found.append(Line(_("E-mail") if one.is_primary else _("Secondary"), html, "emails"))
    return found or [Line(_("E-mail"), "", "emails")]


def editor(viewer: User, company: Company, name: str, data: QueryDict | None) -> Editor:
    """What edits a line. Raises KeyError for a name that has no editor."""
    if name == "emails":
        return EmailsEditor(company, data)
    if name == "tags":
        return TagsEditor(company, data)
    form = CompanyForm(data, instance=company, viewer=viewer, auto_id=AUTO_ID)
    names = (name,) if name.startswith("custom_") else _GROUPS[name]
    return FormEditor(only(form, names))


class EmailsEditor:
    """Edits the account's own addresses, all at once."""

    template = "companies/_emails_form.html"

    def __init__(self, company: Company, data: QueryDict | None) -> None:
        self.company = company
        self.rows = address_rows(company) if data is None else AddressRows.sent(data)

    def is_valid(self) -> bool:
        return self.rows.check()

    def save(self, actor: User) -> Entry | None:
        return edits.save(actor, self.company, addresses=self.rows.wanted())


def declare() -> None:
    """Make it known; called where the pages have their addresses."""
    fields_in_place.register(
        fields_in_place.Kind("company", Company, lines, editor, edit_url="companies:edit")
    )
