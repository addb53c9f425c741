"""Criteria: read and kept, compiled and asked of one row, put into words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from relance.criteria import fields, rows, sql
from relance.criteria.asking import Asking
from relance.criteria.conditions import InvalidCriteria, dump, parse
from relance.criteria.operators import operators_for
from relance.criteria.sentences import sentence
from relance.crm import custom_fields, people
from relance.crm.models import Company, CustomField, Deal, DealContact, Person, Stage, Tag
from relance.crm.models.records import Record
from relance.lib.money import Money
from relance.users.models import Team, User

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # already the 25th in Paris
ASKING = Asking(
    user_id=1,
    zone=ZoneInfo("Europe/Paris"),
    now=NOW,
    rates={"EUR": Decimal(1), "USD": Decimal("0.9"), "CHF": Decimal("1.05")},
)
WORDS = ["", "Éloïse", "eloise", "Œuvre", "oeuvre", "O’Neil", "o'neil", "Straße", "a_b%", "100 %"]


def condition(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


@pytest.mark.django_db
class TestReading:
    def test_what_is_kept_reads_back(self) -> None:
        data = {
            "all": [
                {"field": "city", "op": "contains", "value": "lyon"},
                {"some": "deals", "where": {"any": [
                    {"field": "amount", "op": "ge",
                     "value": {"amount": "30000", "currency": "EUR"}},
                    {"field": "closeDate", "op": "this_month"},
                ]}},
                {"no": "deals", "where": {"all": []}},
            ]
        }  # fmt: skip
        assert dump(parse(data, "Person")) == data

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            ([], "not_a_node"),
            ({"all": {}}, "not_a_list"),
            ({"all": [{"field": "nope", "op": "is", "value": "x"}]}, "unknown_field"),
            ({"field": "city", "op": "gt", "value": "x"}, "unknown_operator"),
            ({"field": "city", "op": "is", "value": ""}, "bad_value"),
            ({"field": "city", "op": "is", "value": {"a": 1}}, "bad_value"),
            ({"field": "createdAt", "op": "last_days", "value": 0}, "bad_value"),
            ({"field": "createdAt", "op": "on", "value": "2026-13-01"}, "bad_value"),
            ({"some": "cousins"}, "unknown_relation"),
            ({"all": [condition("city", "is", "x")] * 101}, "not_a_list"),
            ({"all": [{"all": [condition("city", "is", "x")] * 60}] * 2}, "too_many"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_place(self, data: Any, code: str) -> None:
        with pytest.raises(InvalidCriteria) as refused:
            parse(data, "Person")
        assert refused.value.code == code

    def test_a_tree_has_a_greatest_depth(self) -> None:
        data: dict[str, Any] = condition("city", "is", "x")
        for _ in range(50_000):
            data = {"all": [data]}
        with pytest.raises(InvalidCriteria) as refused:
            parse(data, "Person")
        assert refused.value.code == "too_deep"

    @pytest.mark.parametrize("key", ["Bob", "1.5", "-1", "²", "１"])
    def test_a_record_is_named_by_its_key(self, key: str) -> None:
        with pytest.raises(InvalidCriteria):
            parse(condition("owner", "in", ["1", key]), "Deal")

    @pytest.mark.parametrize("text", ["NaN", "1e400", "inf", "1" * 20, True, None, "deux"])
    def test_a_number_is_a_finite_number(self, text: Any) -> None:
        with pytest.raises(InvalidCriteria):
            parse(condition("probability", "gt", text), "Deal")

    def test_a_number_may_be_written_as_the_french_do(self) -> None:
        node = parse(condition("probability", "gt", "1\u202f000,5"), "Deal")
        assert dump(node)["value"] == "1000.5"


@pytest.mark.django_db
class TestAnswers:
    @pytest.fixture
    def owner(self) -> User:
        return User.objects.create_user("camille@clarte.example")

    def person(self, owner: User, *addresses: str, **given_: Any) -> Person:
        made = Person(kind="contact", owner=owner, **{"last_name": "X", **given_})
        return people.create_person(owner, made, addresses=list(addresses))

    def deal(self, owner: User, person: Person, **given_: Any) -> Deal:
        stage = Stage.objects.filter(kind=given_.pop("kind", "open")).first()
        made = Deal.objects.create(
            owner=owner, stage=stage, **{"name": "D", "closes_on": date(2026, 11, 30), **given_}
        )
        DealContact.objects.create(deal=made, person=person)
        return made

    def found(self, data: Any, entity: str = "Person") -> set[int]:
        node = parse(data, entity)
        everybody = fields.entity_of(entity).rows
        assert everybody is not None
        by_sql = set(sql.select(everybody(), node, ASKING).values_list("pk", flat=True))
        by_row = {r.pk for r in everybody() if rows.matches(r, node, ASKING)}
        assert by_sql == by_row
        return by_sql

    def test_accents_and_case_do_not_count(self, owner: User) -> None:
        one = self.person(owner, first_name="Éloïse")
        self.person(owner, first_name="Élodie")
        assert self.found(condition("firstName", "is", "ELOISE")) == {one.pk}

    def test_wildcards_of_the_database_are_only_letters(self, owner: User) -> None:
        one = self.person(owner, city="a_b%")
        self.person(owner, city="aXbYY")
        assert self.found(condition("city", "contains", "_b%")) == {one.pk}

    def test_what_is_unknown_meets_neither_a_condition_nor_its_denial(self, owner: User) -> None:
        self.person(owner, city="")
        lyon = self.person(owner, city="Lyon")
        assert self.found(condition("city", "is", "lyon")) == {lyon.pk}
        assert self.found(condition("city", "is_not", "paris")) == {lyon.pk}
        assert lyon.pk not in self.found(condition("city", "empty"))

    def test_any_address_meets_and_none_denies(self, owner: User) -> None:
        both = self.person(owner, "a@x.example", "b@y.example")
        one = self.person(owner, "c@x.example")
        self.person(owner)
        assert self.found(condition("emailAddress", "contains", "y.example")) == {both.pk}
        assert self.found(condition("emailAddress", "not_contains", "y.example")) == {one.pk}

    def test_conditions_on_a_deal_hold_on_one_and_the_same(self, owner: User) -> None:
        large = condition("amount", "gt", {"amount": 30000, "currency": "USD"})
        is_open = condition("state", "is", "open")
        split = self.person(owner)
        self.deal(owner, split, amount=40000, currency="USD", kind="won")
        self.deal(owner, split, amount=10, currency="USD")
        whole = self.person(owner)
        self.deal(owner, whole, amount=40000, currency="USD")
        data = {"some": "deals", "where": {"all": [large, is_open]}}
        assert self.found(data) == {whole.pk}
        apart = {"all": [{"some": "deals", "where": large}, {"some": "deals", "where": is_open}]}
        assert self.found(apart) == {split.pk, whole.pk}

    def test_amounts_are_converted_and_what_cannot_be_is_unknown(self, owner: User) -> None:
        person = self.person(owner)
        dollars = self.deal(owner, person, amount=33_334, currency="USD")
        self.deal(owner, person, amount=33_333, currency="USD")
        self.deal(owner, person, amount=10_000_000, currency="JPY")
        data = condition("amount", "gt", {"amount": 30000, "currency": "EUR"})
        assert self.found(data, "Deal") == {dollars.pk}

    def test_this_month_is_the_readers_month(self, owner: User) -> None:
        """A mail of 23:30 in London on the last day is next month in Paris."""
        person = self.person(owner)
        today = self.deal(owner, person, closes_on=date(2026, 11, 25))
        assert self.found(condition("closeDate", "today"), "Deal") == {today.pk}
        Person.objects.filter(pk=person.pk).update(
            created_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
        )
        assert self.found(condition("createdAt", "this_month")) == set()
        assert self.found(condition("createdAt", "next_month")) == {person.pk}

    def test_the_owner_may_be_me(self, owner: User) -> None:
        person = self.person(owner)
        asking = Asking(user_id=owner.pk)
        node = parse(condition("owner", "me"), "Person")
        assert list(sql.select(Person.objects.all(), node, asking)) == [person]
        assert rows.matches(person, node, asking)

    def test_a_deleted_deal_is_not_there(self, owner: User) -> None:
        person = self.person(owner)
        self.deal(owner, person, deleted_at=NOW)
        assert self.found({"some": "deals"}) == set()
        assert self.found({"no": "deals"}) == {person.pk}


def _value(takes: str) -> st.SearchStrategy[Any]:
    words = st.sampled_from(
        [w for w in WORDS if w]
        + ["e", "o", "open", "FR", "lead", "1", "2", "*", "o*e", "*_b*", "é*"]
    )
    numbers = st.integers(-5, 120)
    moneys = st.fixed_dictionaries(
        {
            "amount": st.sampled_from(["0", "99.99", "100", "90", "111.111111"]),
            "currency": st.sampled_from(["EUR", "USD", "JPY"]),
        }
    )
    days = st.integers(-40, 40).map(lambda n: (date(2026, 11, 25) + timedelta(n)).isoformat())
    ranges = {"numbers": numbers, "moneys": moneys, "days": days}
    if takes in ranges:
        return st.tuples(ranges[takes], ranges[takes]).map(list)
    return {
        "": st.none(),
        "text": words,
        "texts": st.lists(words, min_size=1, max_size=3),
        "number": numbers,
        "money": moneys,
        "day": days,
        "count": st.integers(1, 60),
    }[takes]


def _conditions(entity: str) -> st.SearchStrategy[dict[str, Any]]:
    asked = [f for f in fields.fields_of(entity) if f.path]
    pairs = [(f, o) for f in asked for o in operators_for(f).values()]

    def build(pair: Any) -> st.SearchStrategy[dict[str, Any]]:
        field, operator = pair
        value = _value(operator.takes)
        if field.kind == fields.Kind.RECORD and operator.takes:
            ids = st.sampled_from(["1", "2", "3", "4"])
            value = ids if operator.takes == "text" else st.lists(ids, min_size=1, max_size=3)
        elif field.choices and operator.takes:
            codes = st.sampled_from([code for code, _label in field.choices()])
            value = codes if operator.takes == "text" else st.lists(codes, min_size=1, max_size=3)
        return value.map(lambda v: condition(field.name, operator.name, v))

    return st.sampled_from(pairs).flatmap(build)


def _trees(entity: str) -> st.SearchStrategy[dict[str, Any]]:
    """Trees over every field there is then, the administrator's among them."""
    return st.deferred(lambda: _trees_now(entity))


def _trees_now(entity: str) -> st.SearchStrategy[dict[str, Any]]:
    leaves = _conditions(entity)
    for relation in fields.relations_of(entity):
        inner = st.lists(_conditions(relation.target), max_size=2)
        exists = st.tuples(st.sampled_from(["some", "no"]), st.sampled_from(["all", "any"]), inner)
        leaves |= exists.map(
            lambda t, name=relation.name: {t[0]: name, "where": {t[1]: t[2]}}  # type: ignore[misc]
        )
    return st.recursive(
        leaves,
        lambda nodes: st.tuples(st.sampled_from(["all", "any"]), st.lists(nodes, max_size=3)).map(
            lambda t: {t[0]: t[1]}
        ),
        max_leaves=5,
    )


def _own_fields() -> None:
    """A field of each kind on people, accounts and deals."""
    for entity in ("Lead", "Person", "Account", "Deal"):
        for kind in CustomField.Kind:
            definition = CustomField(entity=entity, label=f"My {kind}", kind=kind)
            custom_fields.with_choices(definition, [("", word, "") for word in ("e", "o", "open")])
            custom_fields.create(definition)


def _say(record: Record, n: int) -> None:
    """Something, or nothing, in each field the administrator added; a team; tags."""
    values: dict[str, tuple[Any, ...]] = {
        "text": tuple(WORDS),
        "number": (None, Decimal("99.99"), Decimal(100), Decimal("-3.5")),
        "money": (
            *(None, Money(Decimal("99.99"), "EUR"), Money(Decimal(100), "USD")),
            Money(Decimal("111.11"), "JPY"),
        ),
        "date": (None, *(date(2026, 11, 25) + timedelta(days=d) for d in (-30, -1, 0, 1, 6))),
        "choice": (None, "e", "o", "open"),
        "yes_no": (None, True, False),
        "user": (None, 1, 2),
    }
    for at, definition in enumerate(custom_fields.of(record)):
        several = values[definition.kind]
        custom_fields.put(record, definition, several[(n * 3 + at) % len(several)])
    teams, tags = list(Team.objects.all()), list(Tag.objects.all())
    record.team = teams[n % 2] if n % 3 else None
    record.save(update_fields=["custom", "team"])
    record.tags.set(tags[: n % 3])


class TestSqlAndRowsAgree(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        owners = [User.objects.create_user(f"u{n}@clarte.example") for n in range(2)]
        stages = list(Stage.objects.all())
        _own_fields()
        for name in ("a", "b"):
            Team.objects.create(name=name)
            Tag.objects.create(name=name)
        companies = [
            Company.objects.create(owner=owners[0], name=n or "X", city=n, country="FR")
            for n in WORDS[:5]
        ]
        for n, company in enumerate(companies):
            _say(company, n)
        for n in range(24):
            person = Person(
                kind=("lead", "contact")[n % 2],
                owner=owners[n % 2],
                first_name=WORDS[n % 10],
                last_name=WORDS[(n + 3) % 10] or "X",
                city=WORDS[(n * 3) % 10],
                country=("", "FR", "CA")[n % 3],
                company=companies[n % 5] if n % 4 else None,
            )
            people.create_person(owners[0], person, addresses=[f"p{n}@x.example"] * (n % 3 > 0))
            _say(person, n)
            Person.objects.filter(pk=person.pk).update(created_at=NOW - timedelta(days=3 * n))
            for m in range(n % 3):
                deal = Deal.objects.create(
                    owner=owners[m],
                    name=WORDS[(n + m) % 10] or "D",
                    amount=(None, Decimal("99.99"), Decimal(100))[(n + m) % 3],
                    currency=("EUR", "USD", "JPY")[(n * 2 + m) % 3],
                    stage=stages[(n + m) % len(stages)],
                    closes_on=date(2026, 11, 25) + timedelta(days=7 * m - n),
                    company=companies[m] if n % 2 else None,
                    deleted_at=NOW if n % 7 == 6 else None,
                )
                DealContact.objects.create(deal=deal, person=person)
                _say(deal, n + m)

    def _agree(self, data: dict[str, Any], entity: str) -> None:
        node = parse(data, entity)
        everybody = fields.entity_of(entity).rows
        assert everybody is not None
        by_sql = set(sql.select(everybody(), node, ASKING).values_list("pk", flat=True))
        assert by_sql == {r.pk for r in everybody() if rows.matches(r, node, ASKING)}
        assert sentence(node)
        assert dump(parse(dump(node), entity)) == dump(node)

    @settings(max_examples=120, deadline=None)
    @given(data=_trees("Person"))
    def test_of_people(self, data: dict[str, Any]) -> None:
        self._agree(data, "Person")

    @settings(max_examples=80, deadline=None)
    @given(data=_trees("Deal"))
    def test_of_deals(self, data: dict[str, Any]) -> None:
        self._agree(data, "Deal")

    @settings(max_examples=60, deadline=None)
    @given(data=_trees("Account"))
    def test_of_accounts(self, data: dict[str, Any]) -> None:
        self._agree(data, "Account")


@pytest.mark.django_db
class TestSentences:
    def test_reads_as_one_says_it(self) -> None:
        large = condition("amount", "ge", {"amount": 30000, "currency": "EUR"})
        late = condition("closeDate", "between", ["2026-11-01", "2026-11-30"])
        data = {"some": "deals", "where": {"any": [large, late]}}
        with translation.override("en"):
            assert sentence(parse(data, "Person")) == (
                "there is a deal of which amount is at least €30,000 or closing date is between"
                " Nov 1, 2026 and Nov 30, 2026"
            )

    def test_users_are_named(self) -> None:
        one = User.objects.create_user("a@clarte.example", first_name="Ada", last_name="Li")
        with translation.override("en"):
            said = sentence(parse(condition("owner", "in", [str(one.pk), "999"]), "Person"))
        assert said == "owner is one of Ada Li, 999"

    def test_groups_inside_groups_stand_in_brackets(self) -> None:
        is_lyon, is_paris = condition("city", "is", "Lyon"), condition("city", "is", "Paris")
        data = {"all": [{"any": [is_lyon, is_paris]}, condition("phone", "filled")]}
        with translation.override("en"):
            assert sentence(parse(data, "Person")) == (
                "(city is “Lyon” or city is “Paris”) and phone is filled in"
            )
