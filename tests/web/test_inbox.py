"""The four columns, the lists and the folders, through the door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from relance.inbox.models import Stream
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from tests.inbox import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille() -> User:
    Organisation.objects.create(name="Clarté")
    return builders.user("camille@clarte.example", first_name="Camille", language="en")


@pytest.fixture
def mailbox(camille: User) -> MailAccount:
    return builders.account(camille)


@pytest.fixture
def web(client: Client, camille: User) -> Client:
    client.force_login(camille)
    return client


def column(html: str, slug: str) -> str:
    """The markup of one column."""
    found = re.search(rf'<section class="col" id="{slug}".*?</section>', html, re.DOTALL)
    assert found, slug
    return found[0]


def page(web: Client, path: str = "/", **headers: Any) -> str:
    response = web.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_stands_outside_the_crm_and_can_be_added(
    web: Client, mailbox: MailAccount
) -> None:
    builders.receive(mailbox, sender="marion@belle-rive.example", name="Marion Petit")
    html = column(page(web), "not-in-crm")
    assert "Marion Petit" in html
    assert "belle-rive.example" in html
    assert "Add to the CRM" in html


def test_the_potentials_show_amounts_and_the_head_their_sum(
    web: Client, camille: User, mailbox: MailAccount
) -> None:
    contact = builders.person(camille, "eloise@meunier.example")
    builders.deal(camille, contact, amount=48000, closes_on="2026-11-27")
    builders.deal(camille, contact, amount=12500, closes_on="2026-12-18")
    builders.receive(mailbox, sender="eloise@meunier.example", name="Éloïse Garnier")
    html = column(page(web), "potentials")
    assert "<b>€48,000</b><b>€12,500</b><span>2 deals</span>" in html
    assert "2 open deals" in html and "€60,500" in html


def test_of_many_deals_two_amounts_are_shown_and_one_without_amount_says_so(
    web: Client, camille: User, mailbox: MailAccount
) -> None:
    contact = builders.person(camille, "eloise@meunier.example")
    for day, amount in ((1, None), (2, 500), (3, 7), (4, 9)):
        builders.deal(camille, contact, amount=amount, closes_on=f"2026-12-0{day}")
    builders.receive(mailbox, sender="eloise@meunier.example")
    html = column(page(web), "potentials")
    assert "<b>amount to be set</b><b>€500</b><span>+\u00a02</span>" in html


def test_what_a_mail_says_is_escaped_everywhere(web: Client, mailbox: MailAccount) -> None:
    nasty = "<script>alert(1)</script>"
    builders.receive(mailbox, name=nasty, subject=nasty, text=nasty)
    for path in ("/", "/list/", "/columns/3/", "/search/?q=alert"):
        html = page(web, path)
        assert nasty not in html
        assert "&lt;script&gt;" in html


def test_the_page_costs_a_dozen_queries_at_most(
    web: Client, camille: User, mailbox: MailAccount
) -> None:
    for n in range(40):
        builders.receive(mailbox, sender=f"u{n}@other.example")
    contact = builders.person(camille, "eloise@meunier.example")
    builders.deal(camille, contact)
    builders.receive(mailbox, sender="eloise@meunier.example")
    page(web)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(web)
    assert len(queries) <= 12, "\n".join(q["sql"][:200] for q in queries)


def test_older_cards_come_as_a_fragment_by_cursor(web: Client, mailbox: MailAccount) -> None:
    for n in range(20):
        builders.receive(mailbox, sender=f"u{n}@other.example", subject=f"Number {n}.")
    first = column(page(web), "not-in-crm")
    assert "Number 19." in first and "Number 4." not in first
    more = re.search(r'hx-get="(/columns/3/\?before=\d+)"', first)
    assert more
    rest = page(web, more[1], **{"HX-Request": "true"})
    assert "<html" not in rest
    assert "Number 4." in rest and "Number 5." not in rest
    assert "hx-get" not in rest
    assert "Number 4." in page(web, more[1])


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40, "٣", "1;drop"])
def test_a_senseless_cursor_starts_at_the_top(
    web: Client, mailbox: MailAccount, cursor: str
) -> None:
    builders.receive(mailbox, subject="Newest")
    assert "Newest" in page(web, f"/columns/3/?before={cursor}")


def test_a_column_shows_unread_alone_and_remembers_it(web: Client, mailbox: MailAccount) -> None:
    builders.receive(mailbox, sender="a@x.example", subject="Fresh one")
    builders.receive(mailbox, sender="b@x.example", subject="Known one", seen=True)
    answer = web.post("/columns/3/shown/", {"show": "unread"}, headers={"HX-Request": "true"})
    assert "Known one" not in answer.content.decode()
    html = column(page(web), "not-in-crm")
    assert "Fresh one" in html and "Known one" not in html
    assert "is-on" in html
    web.post("/columns/3/shown/", {"show": "all"})
    assert "Known one" in page(web)
    assert web.post("/columns/7/shown/", {"show": "all"}).status_code == 404


def test_the_unified_list_is_cut_by_day_and_holds_every_column(
    web: Client, mailbox: MailAccount
) -> None:
    builders.receive(mailbox, sender="hugo@clarte.example", subject="From inside")
    builders.receive(mailbox, sender="u@x.example", subject="From outside")
    html = page(web, "/list/")
    assert "From inside" in html and "From outside" in html
    assert html.count("ulist__day") == 1
    assert "Colleague" in html


@pytest.mark.parametrize("use", ["archive", "spam", "trash"])
def test_each_folder_has_its_list(web: Client, mailbox: MailAccount, use: str) -> None:
    assert "This folder is empty." in page(web, f"/folders/{use}/")
    builders.receive(mailbox, folder=use, subject="Lies here", seen=True)
    assert "Lies here" in page(web, f"/folders/{use}/")
    assert "Lies here" not in page(web)


@pytest.mark.parametrize("use", ["sent", "drafts"])
def test_sent_and_drafts_have_one_page_each(web: Client, mailbox: MailAccount, use: str) -> None:
    assert web.get(f"/folders/{use}/")["Location"] == f"/outgoing/{use}/"
    builders.receive(mailbox, folder=use, subject="Lies here", outgoing=True, seen=True)
    assert "Lies here" in page(web, f"/outgoing/{use}/")
    assert "Lies here" not in page(web)


def test_an_unknown_folder_or_column_is_not_found(web: Client, mailbox: MailAccount) -> None:
    assert web.get("/folders/inbox/").status_code == 404
    assert web.get("/folders/elsewhere/").status_code == 404
    assert web.get("/columns/9/").status_code == 404


def test_search_finds_by_text_and_says_when_it_finds_nothing(
    web: Client, mailbox: MailAccount
) -> None:
    builders.receive(mailbox, subject="Éclairage du hall", text="soixante-deux chambres")
    assert "Éclairage du hall" in page(web, "/search/?q=eclairage+CHAMBRES")
    nothing = page(web, "/search/?q=<b>zzz")
    assert "No message holds every word" in nothing
    assert "<b>zzz" not in nothing
    assert "What are you looking for?" in page(web, "/search/")


def test_nobody_sees_another_mailbox(web: Client, mailbox: MailAccount) -> None:
    other = builders.account(builders.user("bob@other.example"))
    copy = builders.receive(other, subject="Secret of Bob", text="hidden words")
    for path in ("/", "/list/", "/columns/3/", "/search/?q=hidden", "/folders/archive/"):
        assert "Secret of Bob" not in page(web, path)
    changed = page(web, f"/inbox/changes/?threads={copy.thread_id}")
    assert "Secret of Bob" not in changed
    assert f'data-thread="{copy.thread_id}"' not in changed


def test_without_a_mailbox_the_page_says_what_to_do(web: Client) -> None:
    html = page(web)
    assert "Connect your first mailbox" in html
    assert "board4" not in html


def test_a_mailbox_in_error_is_told_with_a_way_out(web: Client, mailbox: MailAccount) -> None:
    mailbox.state = MailAccount.State.AUTH_ERROR
    mailbox.save()
    html = page(web)
    assert "Reconnect" in html
    assert f"/mailboxes/{mailbox.pk}" in html


def test_an_import_is_counted(web: Client, mailbox: MailAccount) -> None:
    mailbox.state, mailbox.import_total, mailbox.import_done = "importing", 900, 300
    mailbox.save()
    html = page(web)
    assert "300 / 900" in html
    assert 'max="900" value="300"' in html


def test_one_of_several_mailboxes_can_be_chosen(
    web: Client, camille: User, mailbox: MailAccount
) -> None:
    second = builders.account(camille, "sales@clarte.example")
    builders.receive(mailbox, sender="a@x.example", subject="In the first")
    builders.receive(second, sender="b@x.example", subject="In the second")
    assert "In the second" in page(web)
    web.post("/inbox/mailbox/", {"account": str(mailbox.pk)})
    html = page(web)
    assert "In the first" in html and "In the second" not in html
    web.post("/inbox/mailbox/", {"account": "999999"})
    assert "In the second" in page(web)


def test_a_visit_gets_the_main_part_alone_and_no_cache_keeps_it(
    web: Client, mailbox: MailAccount
) -> None:
    response = web.get("/", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html and 'data-title="Inbox · Relance"' in html
    assert "no-store" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]


def test_the_changes_bring_present_rows_and_counts(
    web: Client, camille: User, mailbox: MailAccount
) -> None:
    copy = builders.receive(mailbox, sender="eloise@meunier.example", subject="Moved")
    html = page(web, f"/inbox/changes/?threads={copy.thread_id},x,{'9' * 30}")
    assert f'data-thread="{copy.thread_id}"' in html
    assert f'data-stream="{Stream.NOT_IN_CRM.value}"' in html
    assert 'data-unread="1"' in html
    assert "urow" in page(web, f"/inbox/changes/?threads={copy.thread_id}&view=list")


def test_who_is_not_logged_in_sees_the_door(client: Client) -> None:
    for path in ("/", "/list/", "/inbox/live/", "/search/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")
