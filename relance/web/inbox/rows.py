"""Cards made ready for their templates: every text worded, every address built.

A page shows sixty of them in a few milliseconds, so nothing here reverses a URL, asks the database
or looks a format up more than once a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.inbox.cards import Card, Ribbon
from relance.inbox.columns import Column
from relance.inbox.models import Stream
from relance.lib import text
from relance.web.inbox.markup import Markup
from relance.web.inbox.wording import column_name
from relance.web.shell import wording
from relance.web.shell.wording import Calendar

_ANY_THREAD = 987654321  # stands for an id in an address reversed once


@dataclass(frozen=True, slots=True)
class Row:
    """One card as the templates show it: its markup, and where it belongs."""

    thread: int
    day: str
    html: SafeString


class Presenter:
    """Makes the rows of one page's cards; `flat` for lists, else for columns."""

    def __init__(self, *, opened: int = 0, flat: bool = False) -> None:
        self._calendar = Calendar.current()
        pattern = reverse("conversation:show", args=[_ANY_THREAD])
        self._head, self._tail = pattern.split(str(_ANY_THREAD))
        self._opened, self._flat = opened, flat
        self._markup = Markup.current()
        self._lead, self._to_set = _("Lead"), _("amount to be set")
        self._columns = {
            int(Stream.PEOPLE): _("Contact"),
            int(Stream.COLLEAGUES): _("Colleague"),
            int(Stream.NOT_IN_CRM): column_name(Stream.NOT_IN_CRM),
        }

    def rows(self, cards: Iterable[Card]) -> list[Row]:
        return [self.row(card) for card in cards]

    def row(self, card: Card) -> Row:
        at = card.received_at.astimezone(self._calendar.now.tzinfo)
        values = {
            "css": self._css(card),
            "thread": str(card.thread_id),
            "key": str(card.key),
            "stream": str(int(card.stream)),
            "addable": " data-addable" if _can_add(card) else "",
            "hue": str(text.hue(card.sender_address or card.sender_name)),
            "initials": text.initials(card.sender_name),
            "address": card.sender_address,
            "name": card.sender_name or _("Unknown sender"),
            "url": f"{self._head}{card.thread_id}{self._tail}",
            "sr": self._markup.unread if card.unread else "",
            "subject": card.subject or _("(no subject)"),
            "snippet": card.snippet,
            "time": self._calendar.when(at),
            "iso": at.isoformat(timespec="seconds"),
            "day": at.date().isoformat(),
            "dots": self._markup.dots,
        }
        if self._flat:
            values |= {"under": self._under(card), "side": self._side(card, values["url"])}
            html = self._markup.row(values)
        else:
            values |= {
                "organisation": card.organisation,
                "marks": self._marks(card),
                "foot": self._foot(card, values["url"]),
            }
            html = self._markup.card(values)
        return Row(card.thread_id, values["day"], html)

    def _css(self, card: Card) -> str:
        unread = " is-unread" if card.unread else ""
        return f"{unread} is-open" if card.thread_id == self._opened else unread

    def _marks(self, card: Card) -> str:
        if not card.has_attachment and card.message_count < 2:
            return ""
        clip = self._markup.clip() if card.has_attachment else ""
        count = str(card.message_count) if card.message_count > 1 else ""
        return f'<span class="msg__n">{clip}{count}</span>'

    def _foot(self, card: Card, url: str) -> str:
        """The one line the CRM adds: deals, else what kind of person, else a way to add her."""
        if ribbon := card.ribbon:
            return self._markup.ribbon(self._amounts(ribbon), self._rest(ribbon))
        if card.person_kind == "lead":
            return self._markup.kind("lead", self._lead)
        if card.known_company and card.stream == Stream.NOT_IN_CRM:
            return self._markup.kind("building", self._known_domain(card))
        return self._markup.adder(url) if _can_add(card) else ""

    def _side(self, card: Card, url: str) -> str:
        clip = self._markup.clip() if card.has_attachment else ""
        if ribbon := card.ribbon:
            return clip + self._markup.ribbon(self._amounts(ribbon), "")
        return clip + (self._markup.adder(url) if _can_add(card) else "")

    def _under(self, card: Card) -> str:
        """The second line of a flat list: company, and what kind of correspondent."""
        if card.known_company and card.stream == Stream.NOT_IN_CRM:
            return self._known_domain(card)
        kind = self._lead if card.person_kind == "lead" else self._columns.get(card.stream, "")
        return " · ".join(word for word in (card.organisation, kind) if word)

    def _known_domain(self, card: Card) -> str:
        return _("Known domain: %(company)s") % {"company": card.known_company}

    def _amounts(self, ribbon: Ribbon) -> list[str]:
        return [wording.money(m.amount, m.currency) if m else self._to_set for m in ribbon.amounts]

    def _rest(self, ribbon: Ribbon) -> str:
        if ribbon.count == 1:
            return f"{ribbon.stage.label} · {self._calendar.day(ribbon.closes_on)}"
        return f"+\u00a0{ribbon.more}" if ribbon.more else deals_in_words(ribbon.count)


def _can_add(card: Card) -> bool:
    """Unknown, with an address, and not a machine: worth proposing to add."""
    unknown = card.stream == Stream.NOT_IN_CRM and card.person_id is None
    return unknown and bool(card.sender_address) and not card.is_automatic


def deals_in_words(count: int) -> str:
    return ngettext("%(n)s deal", "%(n)s deals", count) % {"n": wording.number(count)}


@dataclass(frozen=True, slots=True)
class Panel:
    """A column or a list as its template shows it."""

    stream: int
    slug: str
    name: str
    rows: list[Row]
    total: int
    unread: int
    next_key: int | None
    unread_only: bool
    meta: str
    totals: list[str] = field(default_factory=list)


SLUGS = {
    Stream.POTENTIALS: "potentials",
    Stream.PEOPLE: "people",
    Stream.COLLEAGUES: "colleagues",
    Stream.NOT_IN_CRM: "not-in-crm",
}


def panel(column: Column, presenter: Presenter, *, domains: Sequence[str] = ()) -> Panel:
    """A column made ready; `domains` are those of the viewer's mailboxes (under "Colleagues")."""
    stream = column.stream
    return Panel(
        stream=stream,
        slug=SLUGS.get(Stream(stream), "") if stream else "all",
        name=column_name(stream),
        rows=presenter.rows(column.cards),
        total=column.total,
        unread=column.unread,
        next_key=column.next_key,
        unread_only=column.unread_only,
        meta=_meta(column, domains),
        totals=[wording.money(m.amount, m.currency) for m in column.deal_totals],
    )


def _meta(column: Column, domains: Sequence[str]) -> str:
    if column.stream == Stream.POTENTIALS and column.deal_count:
        words = ngettext("%(n)s open deal", "%(n)s open deals", column.deal_count)
        return words % {"n": wording.number(column.deal_count)}
    if column.stream == Stream.COLLEAGUES and domains:
        return ", ".join(dict.fromkeys(domains))
    words = ngettext("%(n)s conversation", "%(n)s conversations", column.total)
    return words % {"n": wording.number(column.total)}
