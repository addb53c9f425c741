"""Somebody's data and what was erased of it, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.crm.models import Person
from relance.journal.models import Change
from relance.web.shell.wording import language, locale_of, moment, number
from relance.web.templatetags.relance import day

_SHOWN = 50
_FIELDS = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "title": gettext_lazy("Title"),
    "account": gettext_lazy("Account"),
    "company_name": gettext_lazy("Company"),
    "phone": gettext_lazy("Phone"),
    "mobile": gettext_lazy("Mobile"),
    "street": gettext_lazy("Street"),
    "postcode": gettext_lazy("Postcode"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "time_zone": gettext_lazy("Time zone"),
    "source": gettext_lazy("Source"),
    "description": gettext_lazy("Description"),
    "owner": gettext_lazy("Owner"),
    "added_at": gettext_lazy("Added"),
}
_VERDICTS = {
    "erased": gettext_lazy("erased"),
    "invalid": gettext_lazy("does not exist"),
    "blocked": gettext_lazy("blocked after a bounce"),
    "opted_out": gettext_lazy("unsubscribed"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A group of what is held: lines of (label, text); `more` are those not shown."""

    title: str
    icon: str
    lines: list[tuple[str, str]]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the list of erasures."""

    at: datetime
    by: str
    what: str


Line = Callable[[Mapping[str, Any]], tuple[str, str]]


def sections(data: Mapping[str, Any]) -> list[Section]:
    """`archive.data_of` as a page shows it; empty groups are left out."""
    found = [_of_record(record, n) for n, record in enumerate(data["records"])]
    for key, title, icon, line in _GROUPS:
        rows = data[key]
        if rows:
            found.append(Section(str(title), icon, [line(r) for r in rows[:_SHOWN]], len(rows)))
    return found


def _of_record(record: Mapping[str, Any], place: int) -> Section:
    lines = [
        (str(label), _READ.get(key, str)(record[key]))
        for key, label in _FIELDS.items()
        if record[key]
    ]
    for address in record["addresses"]:
        why = _VERDICTS.get(address["not_written_to_because"])
        lines.append((_("E-mail"), f"{address['address']} ({why})" if why else address["address"]))
    lines += [(_("Phone"), phone["number"]) for phone in record["phones"]]
    if record["tags"]:
        lines.append((_("Tags"), ", ".join(record["tags"])))
    custom = record["custom"].items()
    lines += [(label, _value(v)) for label, v in custom if v not in (None, "")]
    is_lead = record["kind"] == Person.Kind.LEAD
    title = _("The lead") if is_lead else _("The contact")
    if place and not is_lead:
        title = _("A record merged into it (%(n)s)") % {"n": number(place)}
    return Section(title, "user", lines, len(lines))


def _moment(text: str | None) -> str:
    at = parse_datetime(text) if text else None
    return moment(at) if at else ""


def _day(text: str | None) -> str:
    on = parse_date(text[:10]) if text else None
    return str(day(on)) if on else ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _country(code: str) -> str:
    return str(locale_of(language()).territories.get(code, code))


_READ: Mapping[str, Callable[[str], str]] = {"added_at": _moment, "country": _country}


def _mail(row: Mapping[str, Any]) -> tuple[str, str]:
    return _moment(row["at"]), f"{row['from']} · {row['subject'] or _('(no subject)')}"


def _change(row: Mapping[str, Any]) -> tuple[str, str]:
    said = [
        f"{name}: {' → '.join(map(str, v)) if isinstance(v, list) else v}"
        for name, v in row["changes"].items()
    ]
    return _moment(row["at"]), "; ".join(said) or row["verb"]


_GROUPS: tuple[tuple[str, Any, str, Line], ...] = (
    ("deals", gettext_lazy("Deals"), "euro", lambda r: (r["stage"], r["name"])),
    ("cases", gettext_lazy("Cases"), "case", lambda r: (f"#{r['number']}", r["name"])),
    ("mails", gettext_lazy("E-mails you can see"), "mail", _mail),
    ("tasks", gettext_lazy("Tasks"), "task", lambda r: (_day(r["due_on"]), r["name"])),
    ("calls", gettext_lazy("Calls"), "phone", lambda r: (_moment(r["starts_at"]), r["name"])),
    ("events", gettext_lazy("Events"), "calendar", lambda r: (_moment(r["starts_at"]), r["name"])),
    (
        "invitations",
        gettext_lazy("Invitations"),
        "calendar",
        lambda r: (_moment(r["meeting__starts_at"]), r["meeting__name"]),
    ),
    ("notes", gettext_lazy("Notes"), "note", lambda r: (_moment(r["created_at"]), r["text"])),
    ("files", gettext_lazy("Files"), "file", lambda r: (_day(r["created_at"]), r["name"])),
    (
        "sales_documents",
        gettext_lazy("Sales documents"),
        "doc",
        lambda r: (r["number"], r["name"]),
    ),
    ("history", gettext_lazy("History"), "history", _change),
)


def erased(line: Change) -> Erasure:
    """A line of `crm.erasure.erasures`."""
    counts = {key: int(text) for key, text in line.changes.items() if str(text).isdecimal()}
    parts = [_counted(key, n) for key, n in counts.items() if n]
    parts = [part for part in parts if part]
    by = line.user.name if line.user else ""
    return Erasure(line.at, by, ", ".join([_("the record"), *parts]))


def _counted(key: str, n: int) -> str:
    words = {
        "addresses": ngettext("%(n)s address", "%(n)s addresses", n),
        "tasks": ngettext("%(n)s task", "%(n)s tasks", n),
        "calls": ngettext("%(n)s call", "%(n)s calls", n),
        "meetings": ngettext("%(n)s event", "%(n)s events", n),
        "notes": ngettext("%(n)s note", "%(n)s notes", n),
        "files": ngettext("%(n)s file", "%(n)s files", n),
    }.get(key, "")
    return words % {"n": number(n)} if words else ""
