"""Reading the inbox: columns, the unified list, folders, search; and who may."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.inbox import columns, streams
from relance.inbox.models import Stream
from relance.lib.money import Money
from relance.mail.models import MailAccount, Thread
from relance.users.models import User
from tests.inbox import builders
from tests.inbox.builders import receive

pytestmark = pytest.mark.django_db


def subjects(column: columns.Column) -> list[str]:
    return [card.subject for card in column.cards]


def test_the_board_shows_each_conversation_once_newest_first(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice)
    receive(mailbox, subject="Older", sender="alice@client.example")
    receive(mailbox, subject="Newer", sender="alice@client.example")
    receive(mailbox, subject="Stranger", sender="x@y.example")
    potentials, people, colleagues, strangers = columns.board(patricia)
    assert subjects(potentials) == ["Newer", "Older"]
    assert (potentials.total, potentials.unread) == (2, 2)
    assert subjects(strangers) == ["Stranger"]
    assert not people.cards
    assert not colleagues.cards


def test_a_card_says_who_writes_for_which_company_and_which_deals(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier Logistique", domain="client.example")
    alice = builders.person(patricia, "alice@client.example", company=company)
    builders.deal(patricia, alice, amount=12500, closes_on="2026-12-18")
    builders.deal(patricia, alice, amount=48000, closes_on="2026-11-27", name="Depot")
    builders.deal(patricia, alice, amount=None, closes_on="2027-01-01")
    builders.deal(patricia, alice, kind="won", amount=9)
    receive(mailbox, name="Alice G.", attachments=1)
    potentials = columns.board(patricia)[0]
    card = potentials.cards[0]
    assert (card.sender_name, card.organisation) == ("Alice G.", "Meunier Logistique")
    assert card.has_attachment
    assert card.ribbon is not None
    assert card.ribbon.amounts == [Money(Decimal(48000), "EUR"), Money(Decimal(12500), "EUR")]
    assert (card.ribbon.more, card.ribbon.count) == (1, 3)
    assert potentials.deal_count == 3
    assert potentials.deal_totals == [Money(Decimal(60500), "EUR")]


def test_amounts_in_several_currencies_are_never_summed(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice, amount=100)
    builders.deal(patricia, alice, amount=200, currency="USD")
    receive(mailbox)
    totals = columns.board(patricia)[0].deal_totals
    assert totals == [Money(Decimal(200), "USD"), Money(Decimal(100), "EUR")]


def test_more_rows_follow_the_cursor_without_repeating_or_missing_any(
    mailbox: MailAccount, patricia: User
) -> None:
    for n in range(23):
        receive(mailbox, subject=f"Mail {n:02}", sender="x@y.example")
    seen, before = [], None
    while True:
        page = columns.column(patricia, Stream.NOT_IN_CRM, before=before, limit=10)
        seen += subjects(page)
        before = page.next_key
        if before is None:
            break
    assert seen == [f"Mail {n:02}" for n in reversed(range(23))]


def test_the_unread_filter_keeps_to_its_column(mailbox: MailAccount, patricia: User) -> None:
    receive(mailbox, subject="Read", sender="x@y.example", seen=True)
    receive(mailbox, subject="Unread", sender="x@y.example")
    receive(mailbox, subject="Colleague", sender="j@zylker.example", seen=True)
    board = columns.board(patricia, unread_only={Stream.NOT_IN_CRM})
    assert subjects(board[3]) == ["Unread"]
    assert subjects(board[2]) == ["Colleague"]


def test_the_summary_of_deals_is_the_same_when_not_all_cards_are_shown(
    mailbox: MailAccount, patricia: User
) -> None:
    for n in range(4):
        someone = builders.person(patricia, f"p{n}@client.example")
        builders.deal(patricia, someone, amount=1000)
        receive(mailbox, sender=f"p{n}@client.example")
    stranger = builders.person(patricia, "never@wrote.example")
    builders.deal(patricia, stranger, amount=999)
    potentials = columns.board(patricia, limit=2)[0]
    assert potentials.next_key is not None
    assert potentials.deal_count == 4
    assert potentials.deal_totals == [Money(Decimal(4000), "EUR")]


def test_several_mailboxes_stand_together_or_apart(mailbox: MailAccount, patricia: User) -> None:
    other = builders.account(patricia, "sales@zylker.example")
    receive(mailbox, subject="One", sender="x@y.example")
    receive(other, subject="Two", sender="x@y.example")
    assert subjects(columns.unified(patricia)) == ["Two", "One"]
    assert subjects(columns.unified(patricia, account_ids=[other.pk])) == ["Two"]


def test_nobody_reads_the_columns_of_another(mailbox: MailAccount, patricia: User) -> None:
    receive(mailbox, sender="x@y.example", text="secret")
    bob = builders.user("bob@zylker.example")
    assert all(not c.cards and not c.total for c in columns.board(bob))
    assert not columns.unified(bob, account_ids=[mailbox.pk]).cards
    assert not columns.search(bob, "secret").cards
    assert not columns.cards_for(bob, Thread.objects.values_list("pk", flat=True))
    assert not columns.folder(bob, "inbox").cards


def test_a_disconnected_mailbox_shows_nothing(mailbox: MailAccount, patricia: User) -> None:
    receive(mailbox, sender="x@y.example", text="secret")
    MailAccount.objects.update(state=MailAccount.State.DISCONNECTED)
    assert all(not c.cards for c in columns.board(patricia))
    assert not columns.search(patricia, "secret").cards


def test_the_board_costs_the_same_queries_however_full(
    mailbox: MailAccount, patricia: User
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            columns.board(patricia)
        return len(queries)

    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice)
    for sender in ("alice@client.example", "x@y.example", "j@zylker.example"):
        receive(mailbox, sender=sender)
    few = cost()
    for n in range(30):
        someone = builders.person(patricia, f"p{n}@c.example")
        builders.deal(patricia, someone)
        receive(mailbox, sender=f"p{n}@c.example")
    assert cost() <= few + 1  # the summary of deals is counted in SQL once a column overflows
    assert few <= 6


def test_sent_mail_is_listed_by_recipient(mailbox: MailAccount, patricia: User) -> None:
    receive(
        mailbox, folder="sent", outgoing=True, sender=mailbox.address, to="alice@client.example"
    )
    sent = columns.folder(patricia, "sent")
    assert [card.sender_address for card in sent.cards] == ["alice@client.example"]


@pytest.mark.parametrize(
    "query", ["éclairage", "ECLAIRAGE", "eclair", "hall éclair", "alice@client", "Éloïse"]
)
def test_search_finds_words_of_subject_sender_and_text(
    mailbox: MailAccount, patricia: User, query: str
) -> None:
    receive(mailbox, subject="Éclairage du hall", name="Éloïse Garnier", text="Bonjour")
    receive(mailbox, subject="Autre", sender="x@y.example")
    assert subjects(columns.search(patricia, query)) == ["Éclairage du hall"]


@pytest.mark.parametrize("query", ["", "   ", '"', "* OR", "NEAR(", "'; DROP TABLE x; --", "a:b"])
def test_search_takes_any_text(mailbox: MailAccount, patricia: User, query: str) -> None:
    receive(mailbox)
    assert isinstance(columns.search(patricia, query), columns.Column)


def test_search_pages_newest_first(mailbox: MailAccount, patricia: User) -> None:
    for n in range(7):
        receive(mailbox, subject=f"Devis {n}")
    first = columns.search(patricia, "devis", limit=4)
    rest = columns.search(patricia, "devis", limit=4, before=first.next_key)
    assert subjects(first) + subjects(rest) == [f"Devis {n}" for n in reversed(range(7))]


def test_a_card_is_read_again_for_an_open_page(mailbox: MailAccount, patricia: User) -> None:
    copy = receive(mailbox, subject="Moved", sender="alice@client.example")
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice)
    streams.replace_addresses({builders.address("alice@client.example").pk})
    (card,) = columns.cards_for(patricia, [copy.thread_id or 0])
    assert card.stream == Stream.POTENTIALS
    assert card.ribbon is not None
