"""The modules: kinds of record that have a list, told apart by a key such as "contacts".

A module is an entity of `criteria.fields`, or a part of one: leads and contacts are both people.
Each floor that owns records registers its modules when it starts; one list engine shows them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.crm import access
from relance.crm.models import Company, Deal, Person, Stage
from relance.crm.models.records import Record
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Preset:
    """A view every list of the module offers, as criteria in the form `conditions.parse` reads.

    The first one opens when nothing else is asked; an empty one shows everything.
    """

    key: str
    label: str | Promise
    criteria: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """A kind of record with a list.

    `only` tells its rows from others of the same model. `columns` and `sort` ("-name" for the
    other way round) are names of the entity's fields, or of columns the list works out itself.
    `url` and `create_url` are URL names, with their query if any: "people:list?kind=lead".
    """

    key: str
    entity: str
    model: type[Record]
    label: str | Promise
    plural: str | Promise
    icon: str
    only: Q = field(default_factory=Q)
    columns: tuple[str, ...] = ("name", "owner", "modifiedAt")
    sort: str = "name"
    url: str = ""
    create_url: str = ""
    presets: tuple[Preset, ...] = ()

    @property
    def address(self) -> str:
        """Where its list is; "" when that page is not part of this installation."""
        return _address(self.url)

    @property
    def create_address(self) -> str:
        """Where a new one is made; "" when none can be made by hand."""
        return _address(self.create_url)


_modules: dict[str, Module] = {}


def register(*modules: Module) -> None:
    """Make modules known. Registering one again replaces it."""
    for module in modules:
        _modules[module.key] = module


def get(key: str) -> Module:
    """The module of that key. Raises KeyError when it is not known."""
    return _modules[key]


def all() -> tuple[Module, ...]:
    """The known modules, in the order they were registered."""
    return tuple(_modules.values())


def rows(user: User, module: Module) -> QuerySet[Any]:
    """The module's records that `user` may read."""
    return access.records_for(user, module.model).filter(module.only)


def of(record: Record) -> Module | None:
    """The module a record belongs to; None when there is none for it."""
    same = [m for m in _modules.values() if isinstance(record, m.model)]
    if len(same) > 1:
        kind = getattr(record, "kind", None)
        same = [m for m in same if ("kind", kind) in m.only.children] or same
    return next(iter(same), None)


@cache
def _address(named: str) -> str:
    name, _mark, query = named.partition("?")
    try:
        return reverse(name) + (f"?{query}" if query else "") if name else ""
    except NoReverseMatch:
        return ""


def _in_state(kind: Stage.Kind) -> dict[str, Any]:
    return {"all": [{"field": "state", "op": "is", "value": kind.value}]}


_EVERYTHING: dict[str, Any] = {"all": []}
_UNCONVERTED = {
    "all": [{"field": "status", "op": "is_not", "value": Person.Status.CONVERTED.value}]
}

register(
    Module(
        key="leads",
        entity="Person",
        model=Person,
        label=_("Lead"),
        plural=_("Leads"),
        icon="lead",
        only=Q(kind=Person.Kind.LEAD.value),
        columns=("name", "company", "emailAddress", "source", "status", "owner", "modifiedAt"),
        url="people:list?kind=lead",
        create_url="people:create?kind=lead",
        presets=(
            Preset("open", _("All but converted"), _UNCONVERTED),
            Preset("all", _("All leads"), _EVERYTHING),
        ),
    ),
    Module(
        key="contacts",
        entity="Person",
        model=Person,
        label=_("Contact"),
        plural=_("Contacts"),
        icon="user",
        only=Q(kind=Person.Kind.CONTACT.value),
        columns=("name", "title", "company", "emailAddress", "openDeals", "owner", "modifiedAt"),
        url="people:list?kind=contact",
        create_url="people:create?kind=contact",
        presets=(Preset("all", _("All contacts"), _EVERYTHING),),
    ),
    Module(
        key="accounts",
        entity="Account",
        model=Company,
        label=_("Account"),
        plural=_("Accounts"),
        icon="building",
        columns=("name", "city", "people", "openDeals", "wonDeals", "owner", "modifiedAt"),
        url="companies:list",
        create_url="companies:create",
        presets=(Preset("all", _("All accounts"), _EVERYTHING),),
    ),
    Module(
        key="deals",
        entity="Deal",
        model=Deal,
        label=_("Deal"),
        plural=_("Deals"),
        icon="euro",
        columns=("name", "company", "primaryContact", "stage", "closeDate", "owner", "amount"),
        sort="closeDate",
        url="deals:list",
        create_url="deals:create",
        presets=(
            Preset("open", _("Open deals"), _in_state(Stage.Kind.OPEN)),
            Preset("won", _("Won deals"), _in_state(Stage.Kind.WON)),
            Preset("lost", _("Lost deals"), _in_state(Stage.Kind.LOST)),
            Preset("all", _("All deals"), _EVERYTHING),
        ),
    ),
)
