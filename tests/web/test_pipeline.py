"""The board of deals."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from relance.crm import deals
from relance.crm.models import Company, Deal, Stage
from relance.users.models import Currency, User

MakeDeal = Callable[..., Deal]


@pytest.fixture
def make_deal(alice: User, meunier: Company) -> MakeDeal:
    def make(name: str, stage: str = "Prospecting", amount: str = "1000", **more: object) -> Deal:
        deal = Deal(
            name=name,
            amount=Decimal(amount),
            stage=Stage.objects.get(name=stage),
            company=meunier,
            closes_on=date(2027, 1, 5),
            owner=alice,
        )
        for field, value in more.items():
            setattr(deal, field, value)
        return deals.create_deal(deal.owner, deal)

    return make


def test_each_open_stage_has_its_lane_with_totals(as_alice: Client, make_deal: MakeDeal) -> None:
    make_deal("Quays", "Proposal", "18200")
    make_deal("Depot", "Proposal", "1800")
    page = as_alice.get("/deals/board/").content.decode()
    assert page.count('class="lane"') == Stage.objects.filter(kind="open").count()
    assert "Quays" in page and "€20,000" in page
    assert "€10,000" in page  # weighted: half


def test_currencies_are_added_up_at_their_rate(as_alice: Client, make_deal: MakeDeal) -> None:
    Currency.objects.create(code="USD", rate=Decimal("0.5"))
    make_deal("Quays", amount="1000")
    make_deal("Docks", amount="400", currency="USD")
    make_deal("Ports", amount="7", currency="JPY")
    page = as_alice.get("/deals/board/").content.decode()
    assert "= €1,200" in page
    assert "without a rate: JPY" in page


def test_the_board_shows_what_the_list_would(
    as_alice: Client, bob: User, make_deal: MakeDeal
) -> None:
    make_deal("Quays")
    make_deal("Docks", owner=bob)
    make_deal("Lost one", "Closed Lost")
    page = as_alice.get("/deals/board/?owner=me").content.decode()
    assert "Quays" in page and "Docks" not in page and "Lost one" not in page
    assert "Lost one" in as_alice.get("/deals/board/?view=lost").content.decode()


def test_a_criterion_is_taken_away_on_the_board(as_alice: Client, make_deal: MakeDeal) -> None:
    make_deal("Quays")
    page = as_alice.get('/deals/board/?c={"all":[{"field":"state","op":"is","value":"open"}]}')
    pill = page.context["pills"][0]
    assert pill.without_url.startswith("/deals/board/")


def test_deleted_deals_are_on_no_board(as_alice: Client, alice: User, make_deal: MakeDeal) -> None:
    deals.delete(alice, make_deal("Quays"))
    assert "Quays" not in as_alice.get("/deals/board/").content.decode()


def test_a_long_lane_ends_with_the_way_to_the_rest(as_alice: Client, make_deal: MakeDeal) -> None:
    for n in range(43):
        make_deal(f"Deal {n:02}", closes_on=date(2027, 1, 1 + n % 28))
    page = as_alice.get("/deals/board/").content.decode()
    stage = Stage.objects.get(name="Prospecting")
    assert page.count("data-deal=") == 40 and "3 more deals" in page
    rest = as_alice.get(f"/deals/board/lanes/{stage.pk}/").content.decode()
    assert rest.count("data-deal=") == 3
    assert as_alice.get("/deals/board/lanes/999/").status_code == 404


def test_a_card_can_be_moved_without_dragging(as_alice: Client, make_deal: MakeDeal) -> None:
    deal = make_deal("Quays")
    page = as_alice.get(f"/deals/board/{deal.pk}/", HTTP_HX_REQUEST="true").content.decode()
    assert f'action="/deals/{deal.pk}/stage/"' in page and "Proposal" in page
    assert as_alice.get("/deals/board/999/").status_code == 404


def test_the_number_of_queries_does_not_grow(as_alice: Client, make_deal: MakeDeal) -> None:
    make_deal("Quays")
    with CaptureQueriesContext(connection) as few:
        as_alice.get("/deals/board/")
    for n in range(30):
        make_deal(f"Deal {n}", "Proposal")
    with CaptureQueriesContext(connection) as many:
        as_alice.get("/deals/board/")
    assert len(many) == len(few) <= 12


def test_the_list_leads_to_its_board_with_its_filters(
    as_alice: Client, make_deal: MakeDeal
) -> None:
    make_deal("Quays")
    page = as_alice.get("/deals/?owner=me&view=open").content.decode()
    assert 'href="/deals/board/?view=open&amp;owner=me"' in page
