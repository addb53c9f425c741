"""Conditions on mail: the same answers in SQL and of one mail, and what D13, D42, D43 say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from relance.criteria import fields, rows, sql
from relance.criteria.asking import Asking
from relance.criteria.conditions import dump, parse
from relance.criteria.sentences import sentence
from relance.inbox.mail_facts import facts_of
from relance.inbox.models import Label, ThreadLabel
from relance.lib import keys
from relance.mail.models import Attachment, MailAccount, Message, MessageCopy, Participant
from relance.users.models import User
from tests.criteria.test_conditions import ASKING, NOW, WORDS, _trees, condition
from tests.inbox import builders


def _copies() -> list[MessageCopy]:
    every = fields.entity_of("Mail").rows
    assert every is not None
    found = every().select_related("message__from_address", "account", "folder")
    return list(found.order_by("pk"))


def matching(data: Any, asking: Asking = ASKING) -> list[int]:
    """Keys of the copies that meet it, in SQL; one by one they must be the same."""
    node, every = parse(data, "Mail"), fields.entity_of("Mail").rows
    assert every is not None
    by_sql = list(sql.select(every(), node, asking).order_by("pk").values_list("pk", flat=True))
    one_by_one = [f.copy.pk for f in facts_of(_copies()) if rows.matches(f, node, asking)]
    assert by_sql == one_by_one
    return by_sql


class TestSqlAndRowsAgreeOnMail(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        owner = builders.user("patricia@zylker.example")
        account = builders.account(owner)
        people = [
            builders.person(
                owner, f"p{n}@x.example", kind=("contact", "lead")[n % 2], city=WORDS[n]
            )
            for n in range(5)
        ]
        for n in range(6):
            deal = builders.deal(
                owner,
                people[n % 3],
                kind=("open", "won", "lost")[n % 3],
                amount=(None, Decimal("99.99"), Decimal(100))[n % 3],
                currency=("EUR", "USD", "JPY")[n % 3],
                closes_on=date(2026, 11, 25) + timedelta(days=9 * n - 20),
            )
            if n == 5:
                type(deal).objects.filter(pk=deal.pk).update(deleted_at=NOW)
        label = Label.objects.create(name="Éloïse", owner=owner)
        for n in range(18):
            copy = builders.receive(
                account,
                sender=f"p{n % 7}@x.example" if n != 4 else "",
                name=WORDS[n % 10],
                subject=WORDS[(n * 3) % 10],
                text=WORDS[(n * 7) % 10],
                to=f"P{n % 3}@x.example",
                seen=n % 2 == 0,
                attachments=n % 3,
                folder=("inbox", "archive")[n % 5 == 3],
            )
            assert copy.message is not None
            at = NOW - timedelta(days=3 * n)
            MessageCopy.objects.filter(pk=copy.pk).update(
                received_at=at, size=(0, 99_000, 100_000)[n % 3], is_flagged=n % 4 == 1
            )
            Message.objects.filter(pk=copy.message.pk).update(is_bulk=n % 5 == 0)
            if n % 3:
                Attachment.objects.create(
                    message=copy.message, part="2", filename=WORDS[n % 10], size=1, sha256="0" * 64
                )
            if n % 4 == 0:
                cc = builders.address(f"p{n % 6}@x.example")
                Participant.objects.create(message=copy.message, role=5, address=cc)
                assert copy.thread is not None
                ThreadLabel.objects.create(thread=copy.thread, label=label)

    @settings(max_examples=120, deadline=None)
    @given(data=_trees("Mail"))
    def test_whatever_is_asked(self, data: dict[str, Any]) -> None:
        matching(data)
        node = parse(data, "Mail")
        assert sentence(node)
        assert dump(parse(dump(node), "Mail")) == dump(node)


@pytest.fixture
def patricia(db: None) -> User:
    return builders.user("patricia@zylker.example")


@pytest.fixture
def mailbox(patricia: User) -> MailAccount:
    return builders.account(patricia)


def test_an_address_is_looked_for_in_addresses_alone(mailbox: MailAccount) -> None:
    builders.receive(mailbox, sender="evil@y.example", name="boss@x.example")
    assert matching(condition("from", "contains", "boss@x.example")) == []
    assert len(matching(condition("fromName", "contains", "boss@x.example"))) == 1


@pytest.mark.parametrize(
    ("op", "wanted", "found"),
    [
        ("contains", "devis*2026", True),
        ("contains", "2026*devis", False),
        ("is", "re*(final)", True),
        ("is", "devis*", False),
        ("starts", "*vis", True),
        ("ends", "d*l)", True),
        ("contains", "100 %_*!", True),
        ("contains", "a.b*", False),
        ("is", "*", True),
    ],
)
def test_a_star_stands_for_anything_and_all_else_for_itself(
    mailbox: MailAccount, op: str, wanted: str, found: bool
) -> None:
    builders.receive(mailbox, subject="Re: Devis\nnº 7, 2026, 100 %_!!, aXb (final)")
    assert bool(matching(condition("subject", op, wanted))) == found


def test_conditions_on_deals_hold_on_one_deal(mailbox: MailAccount, patricia: User) -> None:
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice, amount=50_000, kind="lost")
    builders.deal(patricia, alice, amount=100)
    builders.receive(mailbox, sender="alice@client.example")
    large = condition("amount", "gt", {"amount": "30000", "currency": "EUR"})
    opened = condition("state", "is", "open")
    assert matching({"some": "deals", "where": {"all": [large, opened]}}) == []
    assert matching({"all": [{"some": "deals", "where": w} for w in (large, opened)]}) != []


def test_the_amount_itself_is_not_more_and_is_converted(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    deal = builders.deal(patricia, alice, amount=30_000, currency="USD")
    builders.receive(mailbox, sender="alice@client.example")
    more = condition("amount", "gt", {"amount": "30000", "currency": "USD"})
    in_euros = condition("amount", "ge", {"amount": "27000", "currency": "EUR"})
    assert matching({"some": "deals", "where": more}) == []
    assert len(matching({"some": "deals", "where": in_euros})) == 1
    type(deal).objects.filter(pk=deal.pk).update(currency="XAF")  # no rate: cannot be known
    assert matching({"some": "deals", "where": in_euros}) == []


def test_of_an_unknown_sender_nothing_of_the_crm_holds_but_that_she_is_unknown(
    mailbox: MailAccount,
) -> None:
    copy = builders.receive(mailbox, sender="stranger@client.example")
    assert matching({"no": "deals"}) == []
    assert matching({"no": "sender"}) == []
    assert matching({"some": "sender", "where": condition("city", "is_not", "Lyon")}) == []
    assert matching(condition("inCrm", "no")) == [copy.pk]


def test_the_month_of_receipt_is_that_of_the_reader(mailbox: MailAccount, patricia: User) -> None:
    """23:30 on the 31st in UTC is the 1st in Paris (acceptance world, 5)."""
    david = builders.person(patricia, "david@client.example")
    builders.deal(patricia, david, closes_on=date(2027, 2, 10))
    copy = builders.receive(mailbox, sender="david@client.example")
    at = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    MessageCopy.objects.filter(pk=copy.pk).update(received_at=at, key=keys.date_major_key(at))
    closes = condition("closesInMonth", "yes")
    assert matching(closes) == [copy.pk]
    assert matching(closes, Asking(zone=ZoneInfo("America/Montreal"))) == []


def test_a_lost_deal_closes_no_more(mailbox: MailAccount, patricia: User) -> None:
    david = builders.person(patricia, "david@client.example")
    builders.deal(patricia, david, kind="lost", closes_on=date(2026, 11, 30))
    builders.receive(mailbox, sender="david@client.example")
    assert matching(condition("closesInMonth", "yes")) == []


def test_a_hundred_conditions_on_many_mails_ask_few_questions(
    mailbox: MailAccount, patricia: User, django_assert_max_num_queries: Any
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice)
    for n in range(20):
        builders.receive(mailbox, sender=("alice", f"p{n}")[n % 2] + "@client.example")
    trees = [
        {"all": [
            condition("subject", "contains", f"devis {n}"), condition("body", "contains", "x"),
        ]}
        for n in range(60)
    ] + [
        {"some": "deals", "where": condition("name", "contains", f"lamp {n}")} for n in range(40)
    ]  # fmt: skip
    nodes, copies = [parse(data, "Mail") for data in trees], _copies()
    with django_assert_max_num_queries(8):
        for facts in facts_of(copies):
            assert not any(rows.matches(facts, node, ASKING) for node in nodes)
