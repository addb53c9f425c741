"""The kinds of record a conversation may be linked to, and which of them to propose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Case as Choose
from django.db.models import Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.crm import access, cases
from relance.crm.models import Case, Deal, Person, Stage
from relance.crm.models.records import Record
from relance.inbox.context import SenderContext
from relance.users.models import User
from relance.web.components import lists
from relance.web.shell import wording

R = TypeVar("R", bound=Record)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind; `entity` is what links call it."""

    key: str
    entity: str
    label: str | Promise
    find: str | Promise
    none: str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """A record to choose: "deal:12", its name, what tells it from others, its amount."""

    value: str
    name: str
    about: str
    amount: str = ""


KINDS = (
    Kind("deal", "deal", _("Deal"), _("Find a deal"), _("No deal holds these words.")),
    Kind(
        "account", "company", _("Account"), _("Find an account"), _("No account holds these words.")
    ),
    Kind(
        "contact", "person", _("Contact"), _("Find a contact"), _("No contact holds these words.")
    ),
    Kind("lead", "person", _("Lead"), _("Find a lead"), _("No lead holds these words.")),
    Kind("case", "case", _("Case"), _("Find a case"), _("No case holds these words.")),
)
_BY_KEY = {kind.key: kind for kind in KINDS}


def asked(key: str) -> Kind:
    """The kind of that key, else deals."""
    return _BY_KEY.get(key, KINDS[0])


def choices(user: User, kind: Kind, query: str, who: SenderContext) -> list[Choice]:
    """Those of them that hold the words, or stand near the correspondent."""
    return _FINDERS[kind.key](user, query, who)


def _deals(user: User, query: str, who: SenderContext) -> list[Choice]:
    rows = access.deals_for(user).select_related("stage", "company")
    rows = lists.matching(rows, query) if query else rows.filter(_of_deal(who)).distinct()
    is_closed = Choose(When(stage__kind=Stage.Kind.OPEN, then=Value(0)), default=Value(1))
    return [_deal(d) for d in rows.order_by(is_closed, "-updated_at", "-pk")[:_MOST]]


def _deal(deal: Deal) -> Choice:
    amount = wording.money(deal.amount, deal.currency) if deal.amount else ""
    return _choice("deal", deal, deal.name, [_account(deal), str(deal.stage.label)], amount)


def _of_deal(who: SenderContext) -> Q:
    of_account = Q(company=who.company) if who.company else Q(pk=None)
    return of_account | (Q(contacts__person=who.person) if who.person else Q(pk=None))


def _companies(user: User, query: str, who: SenderContext) -> list[Choice]:
    near = [c.pk for c in (who.company, who.domain_company) if c]
    rows = _near(access.companies_for(user), query, Q(pk__in=near))
    return [_choice("company", c, c.name, [c.city, c.domain]) for c in rows]


def _people(kind: str) -> Callable[[User, str, SenderContext], list[Choice]]:
    def find(user: User, query: str, who: SenderContext) -> list[Choice]:
        near = Q(pk__in=[p.pk for p in (who.person, *who.other_people) if p])
        if who.company:
            near |= Q(company=who.company)
        rows = access.people_for(user).filter(kind=kind).exclude(status=Person.Status.CONVERTED)
        found = _near(rows.select_related("company"), query, near)
        return [_choice("person", p, p.name, [p.organisation_name, p.title]) for p in found]

    return find


def _cases(user: User, query: str, who: SenderContext) -> list[Choice]:
    near = Q(person=who.person) if who.person else Q(pk=None)
    if who.company:
        near |= Q(company=who.company)
    rows = access.cases_for(user).select_related("company")
    if not query:
        rows = rows.filter(status__in=cases.OPEN)
    found = _near(rows, query, near)
    return [_choice("case", c, str(c), [_account(c), str(c.get_status_display())]) for c in found]


def _account(record: Deal | Case) -> str:
    return record.company.name if record.company else ""


def _near(rows: QuerySet[R], query: str, near: Q) -> QuerySet[R]:
    rows = lists.matching(rows, query) if query else rows.filter(near)
    return rows.order_by("-updated_at", "-pk")[:_MOST]


def _choice(entity: str, record: Record, name: str, about: list[str], amount: str = "") -> Choice:
    return Choice(f"{entity}:{record.pk}", name, " · ".join(filter(None, about)), amount)


_FINDERS: dict[str, Callable[[User, str, SenderContext], list[Choice]]] = {
    "deal": _deals,
    "account": _companies,
    "contact": _people(Person.Kind.CONTACT),
    "lead": _people(Person.Kind.LEAD),
    "case": _cases,
}
