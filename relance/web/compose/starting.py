"""What a new mail begins with: a link's query, which is also that of `mailto:` (RFC 6068)."""

from __future__ import annotations

from django.http import QueryDict

from relance.inbox import resolving, writing
from relance.mail.models import Outgoing
from relance.mime.text_html import text_to_html
from relance.users.models import User
from relance.web.compose import people

_LONGEST = {
    "to": 20_000,
    "cc": 20_000,
    "bcc": 20_000,
    "subject": 998,
    "body": 100_000,
    "record": 40,
}


def given(data: QueryDict) -> dict[str, str]:
    """What a link asks for, within bounds. Nothing else can be asked: no file, no sender."""
    found = {name: data.get(name, "")[:most] for name, most in _LONGEST.items()}
    return {name: value for name, value in found.items() if value.strip()}


def begin(user: User, asked: dict[str, str]) -> Outgoing:
    """The draft for it. Raises `NoSender`."""
    listed = {role: people.parse(asked.get(role, "")) for role in ("to", "cc", "bcc")}
    record = asked.get("record", "")
    if record and len(listed["to"]) == 1:
        row = listed["to"][0] | {"record": record}
        listed["to"] = [row | {"name": row["name"] or _name(user, row)}]
    body = asked.get("body", "").replace("\r\n", "\n").strip()
    return writing.begin(
        user,
        people={role: rows for role, rows in listed.items() if rows},
        subject=asked.get("subject", ""),
        html=text_to_html(body) if body else "",
    )


def _name(user: User, row: people.Row) -> str:
    """The name of whom a link is about, as far as the user may read it."""
    person, _company, _deal = resolving.records_of(user, row)
    return person.name if person else ""
