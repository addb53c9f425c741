"""A draft between its form and its row.

In the row an inline image is named by its Content-ID (`cid:…`), in the form by the address that
shows it. Without the script the text alone is written: what was not touched keeps its looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.urls import reverse

from relance.mail.drafts import Content
from relance.mail.models import Outgoing
from relance.mail.people import ROLES, clean
from relance.mime import written
from relance.mime.text_html import text_to_html
from relance.web.components.writing import with_addresses
from relance.web.compose import people
from relance.writing import signatures

MOST_HTML = 2_000_000  # characters
_SIGNATURE = re.compile(r"(?:^|\n)-- \n", re.MULTILINE)
_QUOTED = re.compile(r'"')


def posted(data: QueryDict, draft: Outgoing) -> Content:
    """What the form brought, over what is kept. Fields that did not come stay as they are."""
    return Content(
        people=_people(data, draft),
        subject=data.get("subject", draft.subject),
        html=_html(data, draft),
        has_quote=_has_quote(data, draft),
        sender=data.get("sender", ""),
    )


def _people(data: QueryDict, draft: Outgoing) -> Mapping[str, list[people.Row]]:
    if "people" in data:
        given = people.from_json(str(data["people"]))
        if given is not None:
            return given
    kept = draft.people
    return {
        role: people.keep_records(people.parse(str(data[role])), kept.get(role) or ())
        if role in data
        else list(kept.get(role) or ())
        for role in ROLES
    }


def _has_quote(data: QueryDict, draft: Outgoing) -> bool:
    if not draft.quote_html:
        return False
    # A box that is not ticked does not come at all: it was there when the form's text is.
    return data.get("has_quote") == "1" if {"html", "text"} & set(data) else draft.has_quote


def _html(data: QueryDict, draft: Outgoing) -> str:
    if "html" in data:
        return with_content_ids(str(data["html"])[:MOST_HTML], draft)
    if "text" not in data:
        return draft.html
    text = str(data["text"]).replace("\r\n", "\n")[:MOST_HTML]
    if text.strip() == own_text(draft).strip():
        return draft.html
    return text_to_html(text.strip()) + _signature_of(draft.html)


def own_text(draft: Outgoing) -> str:
    """The words before the signature, for those without the script: it stays as it is."""
    return _SIGNATURE.split(draft.text, maxsplit=1)[0].rstrip()


def _signature_of(html: str) -> str:
    """The signature at the end of a mail's text."""
    at = html.find(signatures.MARK)
    start = html.rfind("<div", 0, at) if at >= 0 else -1
    return html[start:] if start >= 0 else ""


def with_content_ids(html: str, draft: Outgoing) -> str:
    """Images named by the address of one of the draft's files named by its Content-ID again."""
    found = {str(a.pk): a.content_id for a in draft.attachments.exclude(content_id="")}
    base = re.escape(reverse("compose:file", args=[draft.pk, 0])[: -len("0/")])
    pattern = re.compile(rf'(src=["\'])(?:https?://[^/"\']{{1,255}})?{base}(\d{{1,18}})/["\']')

    def named(match: re.Match[str]) -> str:
        cid = found.get(match[2])
        return f"{match[1]}cid:{_QUOTED.sub('', cid)}{match[1][-1]}" if cid else match[0]

    return pattern.sub(named, html)


def addresses(draft: Outgoing) -> Callable[[str], str | None]:
    """The address that shows one of the draft's images, by its Content-ID."""
    found = {
        a.content_id.lower(): reverse("compose:file", args=[draft.pk, a.pk])
        for a in draft.attachments.exclude(content_id="")
    }
    return lambda cid: found.get(cid.strip("<> ").lower())


def shown(html: str, draft: Outgoing) -> str:
    """Kept HTML as the editor may show it."""
    return with_addresses(html, addresses(draft)) if "cid:" in html else html


def is_kept(given: Content, current: Outgoing) -> bool:
    """Is what the form brought what is kept already? Then an older version's number is no
    conflict: the answer to an earlier post was lost, or asked something."""
    same_people = clean(given.people) == current.people
    same_text = written.clean(given.html).html.strip() in (current.html.strip(), "")
    same_subject = " ".join(given.subject.split()) == current.subject
    return same_people and same_text and same_subject and given.has_quote == current.has_quote
