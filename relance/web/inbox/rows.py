"""Cards made ready for their templates: every text worded, every address built.

A page shows sixty of them in a few milliseconds, so nothing here reverses a URL, asks the database
or looks a format up more than once a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.inbox.cards import Card, Ribbon
from relance.inbox.columns import Column
from relance.inbox.models import Stream
from relance.lib import text
from relance.web.inbox.wording import column_name
from relance.web.shell import wording
from relance.web.shell.wording import Calendar

_ANY_THREAD = 987654321  # stands for an id in an address reversed once


@dataclass(frozen=True, slots=True)
class Chip:
    """The deal ribbon: amounts, then what follows them."""

    amounts: Sequence[str]
    rest: str


@dataclass(frozen=True, slots=True)
class Row:
    """One card as the templates show it."""

    thread: int
    key: int
    stream: int
    url: str
    unread: bool
    name: str
    address: str
    organisation: str
    subject: str
    snippet: str
    initials: str
    hue: int
    time: str
    iso: str
    day: str
    clip: bool
    count: str
    chip: Chip | None
    kind: str  # a word under the snippet: "Lead", or the account whose domain it is
    kind_icon: str
    can_add: bool
    under: str  # the second line of a flat list
    is_open: bool = False


class Presenter:
    """Makes rows of one page's cards."""

    def __init__(self, *, opened: int = 0) -> None:
        self._calendar = Calendar.current()
        pattern = reverse("conversation:show", args=[_ANY_THREAD])
        self._head, self._tail = pattern.split(str(_ANY_THREAD))
        self._opened = opened
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
        kind, kind_icon = self._kind(card)
        return Row(
            thread=card.thread_id,
            key=card.key,
            stream=card.stream,
            url=f"{self._head}{card.thread_id}{self._tail}",
            unread=card.unread,
            name=card.sender_name or _("Unknown sender"),
            address=card.sender_address,
            organisation=card.organisation,
            subject=card.subject or _("(no subject)"),
            snippet=card.snippet,
            initials=text.initials(card.sender_name),
            hue=text.hue(card.sender_address or card.sender_name),
            time=self._calendar.when(at),
            iso=at.isoformat(timespec="seconds"),
            day=at.date().isoformat(),
            clip=card.has_attachment,
            count=str(card.message_count) if card.message_count > 1 else "",
            chip=self._chip(card.ribbon),
            kind=kind,
            kind_icon=kind_icon,
            can_add=_can_add(card),
            under=self._under(card, kind),
            is_open=card.thread_id == self._opened,
        )

    def _kind(self, card: Card) -> tuple[str, str]:
        if card.person_kind == "lead":
            return self._lead, "lead"
        if card.known_company and card.stream == Stream.NOT_IN_CRM:
            return _("Known domain: %(company)s") % {"company": card.known_company}, "building"
        return "", ""

    def _under(self, card: Card, kind: str) -> str:
        if card.known_company and kind:
            return kind
        words = [card.organisation, kind or self._columns.get(card.stream, "")]
        return " · ".join(word for word in words if word)

    def _chip(self, ribbon: Ribbon | None) -> Chip | None:
        if ribbon is None:
            return None
        amounts = [wording.money(m.amount, m.currency) if m else self._to_set for m in ribbon.amounts]
        if ribbon.count == 1:
            return Chip(amounts, f"{ribbon.stage.label} · {self._calendar.day(ribbon.closes_on)}")
        if ribbon.more:
            return Chip(amounts, f"+\u00a0{ribbon.more}")
        return Chip(amounts, deals_in_words(ribbon.count))


def _can_add(card: Card) -> bool:
    """Unknown, with an address, and not a machine: worth proposing to add."""
    unknown = card.stream == Stream.NOT_IN_CRM and card.person_id is None
    return unknown and bool(card.sender_address) and not card.is_automatic


def deals_in_words(count: int) -> str:
    return ngettext("%(n)s deal", "%(n)s deals", count) % {"n": count}


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
        return words % {"n": column.deal_count}
    if column.stream == Stream.COLLEAGUES and domains:
        return ", ".join(dict.fromkeys(domains))
    words = ngettext("%(n)s conversation", "%(n)s conversations", column.total)
    return words % {"n": column.total}
