"""Stages, currencies and teams, as an administrator sets them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from relance.crm import deals, stages
from relance.crm.models import Company, Deal, Stage
from relance.journal.models import Change
from relance.users.models import Currency, Team, User

PAGES = ("stages", "currencies", "teams")


@pytest.fixture
def quays(alice: User, meunier: Company) -> Deal:
    stage = Stage.objects.get(name="Proposal")
    deal = Deal(name="Quays", stage=stage, company=meunier, closes_on=date(2027, 1, 5))
    return deals.create_deal(alice, deal)


@pytest.mark.parametrize("page", PAGES)
def test_only_an_administrator_sees_the_page(page: str, as_alice: Client, as_bob: Client) -> None:
    assert as_alice.get(f"/settings/{page}/").status_code == 200
    assert as_bob.get(f"/settings/{page}/").status_code == 403
    assert as_bob.post(f"/settings/{page}/new/", {"name": "x"}).status_code == 403


def test_a_new_stage_comes_after_those_of_its_kind(as_alice: Client) -> None:
    data = {"name": "Verbal", "name_fr": "Accord", "kind": "open", "probability": "90"}
    assert as_alice.post("/settings/stages/new/", data).status_code == 302
    order = list(Stage.objects.values_list("name", flat=True))
    assert order[order.index("Verbal") - 1] == "Negotiation"


def test_a_stage_changes_places(as_alice: Client) -> None:
    first, second = Stage.objects.all()[:2]
    as_alice.post(f"/settings/stages/{second.pk}/move/", {"to": "up"})
    assert list(Stage.objects.all()[:2]) == [second, first]


def test_a_won_stage_is_always_certain(as_alice: Client) -> None:
    won = Stage.objects.get(kind="won")
    data = {"name": "Signed", "kind": "won", "probability": "3"}
    as_alice.post(f"/settings/stages/{won.pk}/", data)
    won.refresh_from_db()
    assert (won.name, won.probability) == ("Signed", 100)


def test_deals_of_a_deleted_stage_go_where_one_says(as_alice: Client, quays: Deal) -> None:
    into = Stage.objects.get(name="Negotiation")
    path = f"/settings/stages/{quays.stage.pk}/delete/"
    assert "1 deal is in this stage" in as_alice.get(path).content.decode()
    assert as_alice.post(path, {}).status_code == 422
    assert as_alice.post(path, {"into": into.pk}).status_code == 302
    quays.refresh_from_db()
    assert quays.stage == into
    assert not Stage.objects.filter(name="Proposal").exists()
    assert Change.objects.get(entity="deal").changes == {"stage": ["Proposal", "Negotiation"]}


def test_a_move_out_of_a_deleted_stage_is_not_undone(
    as_alice: Client, alice: User, quays: Deal
) -> None:
    proposal, into = quays.stage, Stage.objects.get(name="Negotiation")
    entry = deals.move_to_stage(alice, quays, into)
    stages.delete(alice, proposal)
    assert as_alice.post(f"/undo/{entry.pk}/").status_code < 500
    quays.refresh_from_db()
    assert quays.stage == into


def test_the_last_stage_of_a_kind_stays(as_alice: Client) -> None:
    won = Stage.objects.get(kind="won")
    answer = as_alice.post(f"/settings/stages/{won.pk}/delete/", {})
    assert answer.status_code == 422 and "one stage at least" in answer.content.decode()


def test_a_stage_with_deals_keeps_its_kind(as_alice: Client, quays: Deal) -> None:
    data = {"name": "Proposal", "kind": "won", "probability": "100"}
    answer = as_alice.post(f"/settings/stages/{quays.stage.pk}/", data)
    assert answer.status_code == 422 and "Move them" in answer.content.decode()


def test_deals_go_to_a_stage_of_the_same_kind_alone(alice: User, quays: Deal) -> None:
    with pytest.raises(stages.Refused):
        stages.delete(alice, quays.stage, into=Stage.objects.get(kind="won"))


@pytest.mark.parametrize("written", ["0.9213", "0,9213"])
def test_a_rate_is_read_as_it_is_written(as_alice: Client, written: str, alice: User) -> None:
    alice.language = "fr" if "," in written else "en"
    alice.save()
    data = {"code": "usd", "rate": written, "is_active": "on"}
    assert as_alice.post("/settings/currencies/new/", data).status_code == 302
    assert Currency.objects.get().rate == Decimal("0.9213")
    assert written in as_alice.get("/settings/currencies/").content.decode()


@pytest.mark.parametrize(
    ("code", "rate"), [("EUR", "1"), ("XQQ", "1"), ("USD", "0"), ("USD", "-1"), ("USD", "x")]
)
def test_what_is_no_rate_is_refused(as_alice: Client, code: str, rate: str) -> None:
    data = {"code": code, "rate": rate, "is_active": "on"}
    assert as_alice.post("/settings/currencies/new/", data).status_code == 422
    assert not Currency.objects.exists()


def test_a_currency_is_removed(as_alice: Client) -> None:
    row = Currency.objects.create(code="USD", rate=1)
    as_alice.post(f"/settings/currencies/{row.pk}/delete/")
    assert not Currency.objects.exists()


def test_a_team_gets_its_members(as_alice: Client, alice: User, bob: User) -> None:
    data = {"name": " North ", "members": [alice.pk, bob.pk]}
    assert as_alice.post("/settings/teams/new/", data).status_code == 302
    team = Team.objects.get(name="North")
    assert set(team.members.all()) == {alice, bob}
    assert "Bob Durand" in as_alice.get("/settings/teams/").content.decode()


def test_who_left_stays_in_the_team(as_alice: Client, bob: User, charlie: User) -> None:
    team = Team.objects.create(name="North")
    team.members.set([bob, charlie])
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    as_alice.post(f"/settings/teams/{team.pk}/", {"name": "South", "members": []})
    assert list(team.members.all()) == [charlie]


def test_two_teams_have_two_names(as_alice: Client) -> None:
    Team.objects.create(name="North")
    answer = as_alice.post("/settings/teams/new/", {"name": "north"})
    assert answer.status_code == 422 and Team.objects.count() == 1


def test_records_of_a_deleted_team_stay(
    as_alice: Client, quays: Deal, organisation: Callable[..., None]
) -> None:
    team = Team.objects.create(name="North")
    Deal.objects.filter(pk=quays.pk).update(team=team)
    assert as_alice.post(f"/settings/teams/{team.pk}/delete/").status_code == 302
    quays.refresh_from_db()
    assert quays.team is None
