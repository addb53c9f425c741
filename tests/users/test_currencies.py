"""Currencies are worth something in the organisation's own."""

from decimal import Decimal

import pytest

from relance.lib.money import Money
from relance.users import currencies
from relance.users.models import Currency, Organisation


@pytest.fixture(autouse=True)
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Clarté", currency="EUR")


def test_the_own_currency_is_worth_one_whatever_its_row_says() -> None:
    Currency.objects.create(code="EUR", rate=3)
    assert currencies.rates() == {"EUR": Decimal(1)}


def test_only_active_currencies_with_a_rate_are_worth_anything() -> None:
    Currency.objects.create(code="USD", rate=Decimal("0.9"))
    Currency.objects.create(code="GBP", rate=Decimal("1.2"), is_active=False)
    Currency.objects.create(code="CHF", rate=0)
    assert currencies.rates() == {"EUR": Decimal(1), "USD": Decimal("0.9")}


def test_a_sum_is_rounded_once_and_says_what_it_leaves_out() -> None:
    rates = {"EUR": Decimal(1), "USD": Decimal("0.333")}
    several = [Money(Decimal("1"), "USD"), Money(Decimal("1"), "USD"), Money(Decimal(5), "JPY")]
    assert currencies.converted(several, "EUR", rates) == (Money(Decimal("0.67"), "EUR"), ["JPY"])
