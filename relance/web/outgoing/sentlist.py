"""The list of sent mail: rows as in any list of mail, with what became of each beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from html import escape
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from relance.inbox import outgoing as reading
from relance.inbox.cards import Card
from relance.inbox.outgoing import Delivery
from relance.web.components import delivery
from relance.web.components.delivery import Badge
from relance.web.inbox.lists import Day
from relance.web.inbox.markup import Markup
from relance.web.inbox.rows import Presenter
from relance.web.inbox.views import chosen_accounts, cursor
from relance.web.requests import user_of
from relance.web.shell.wording import Calendar


class SentPresenter(Presenter):
    """Rows whose second line is the mail's fate."""

    def __init__(self, deliveries: dict[int, Delivery]) -> None:
        super().__init__(flat=True)
        self._deliveries = deliveries
        self._markup = Markup.current()

    def _side(self, card: Card, url: str) -> str:
        found = self._deliveries.get(card.copy_id or 0)
        badges = fate(found) if found else []
        return "".join(map(self._badge, badges)) + super()._side(card, url)

    def _badge(self, badge: Badge) -> str:
        hint = f' title="{escape(badge.hint)}"' if badge.hint else ""
        words = f"<span>{escape(badge.words)}</span>"
        return (
            f'<span class="state {badge.css}"{hint}>{self._markup.icon(badge.icon)}{words}</span>'
        )


def fate(found: Delivery) -> list[Badge]:
    """What is known of one mail, in badges; nothing of one sent by another program and not
    returned."""
    if found.outgoing is not None:
        return delivery.badges(found.outgoing)
    return delivery.returned_elsewhere(found.bounces)


class SentList:
    """One page of it, newest first."""

    def __init__(self, request: HttpRequest) -> None:
        viewer = user_of(request)
        column = reading.sent(viewer, before=cursor(request), account_ids=chosen_accounts(request))
        presenter = SentPresenter(reading.deliveries(viewer, column.cards))
        self._rows = presenter.rows(column.cards)
        self.total = column.total
        self.next_key = column.next_key

    @property
    def more_url(self) -> str:
        """The address of the rows that follow, "" when there are none."""
        if self.next_key is None:
            return ""
        return f"{reverse('outgoing:sent')}?{urlencode({'before': self.next_key})}"

    @property
    def days(self) -> Iterable[Day]:
        return list(self._days())

    def _days(self) -> Iterator[Day]:
        calendar = Calendar.current()
        for iso, rows in groupby(self._rows, key=lambda row: row.day):
            yield Day(calendar.heading(date.fromisoformat(iso)), list(rows), iso)
