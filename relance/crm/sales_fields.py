"""The fields of quotes, orders and invoices, and their four lists."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, register
from relance.crm import common_fields, modules, sales
from relance.crm.models import SalesDocument
from relance.crm.modules import Module, Preset

ENTITY = "SalesDocument"
_Kind, _Status = SalesDocument.Kind, SalesDocument.Status


def _owner(document: SalesDocument) -> int:
    return document.owner_id


FIELDS = (
    Field(ENTITY, "number", _("number"), Kind.TEXT, "number", path="number"),
    Field(ENTITY, "name", _("subject"), Kind.TEXT, "name", path="name"),
    Field(
        *(ENTITY, "status", _("status"), Kind.CHOICE, "status"),
        path="status",
        choices=lambda: _Status.choices,
    ),
    Field(ENTITY, "accountName", _("account"), Kind.TEXT, "company.name", path="company__name"),
    Field(ENTITY, "person", _("contact"), Kind.TEXT, "person.name", path="person__last_name"),
    Field(ENTITY, "dealName", _("deal"), Kind.TEXT, "deal.name", path="deal__name"),
    Field(ENTITY, "issuedOn", _("date"), Kind.DATE, "issued_on", path="issued_on"),
    Field(ENTITY, "dueOn", _("valid until, due"), Kind.DATE, "due_on", path="due_on"),
    Field(ENTITY, "total", _("total"), Kind.MONEY, "total", path="total", currency="currency"),
    Field(ENTITY, "currency", _("currency"), Kind.TEXT, "currency", path="currency"),
    Field(
        *(ENTITY, "owner", _("owner"), Kind.RECORD, "owner"),
        path="owner",
        values=_owner,
        target="User",
    ),
    Field(ENTITY, "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
    Field(ENTITY, "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
)
_COLUMNS = ("name", "accountName", "status", "issuedOn", "dueOn", "owner", "total")


def _preset(key: str, label: str | Promise, *statuses: SalesDocument.Status) -> Preset:
    values = [status.value for status in statuses]
    criteria: dict[str, Any] = {"all": [{"field": "status", "op": "in", "value": values}]}
    return Preset(key, label, criteria if values else {"all": []})


_ALL = _preset("all", _("All"))
_OPEN = _preset("open", _("In progress"), _Status.DRAFT, _Status.SENT, _Status.ACCEPTED)


def _module(key: str, kind: str, label: Any, plural: Any, *presets: Preset) -> Module:
    return Module(
        key=key,
        entity=ENTITY,
        model=SalesDocument,
        label=label,
        plural=plural,
        icon="quote",
        only=Q(kind=kind),
        columns=_COLUMNS,
        sort="-issuedOn",
        url=f"sales:{key}",
        create_url=f"sales:create_{key}",
        presets=presets,
    )


MODULES = (
    _module(
        *("quotes", _Kind.QUOTE.value, _("Quote"), _("Quotes"), _ALL),
        _preset("waiting", _("Waiting for an answer"), _Status.SENT),
        _preset("won", _("Accepted"), _Status.ACCEPTED),
    ),
    _module(
        *("orders", _Kind.SALES_ORDER.value, _("Sales order"), _("Sales orders"), _ALL, _OPEN),
    ),
    _module(
        "purchases",
        _Kind.PURCHASE_ORDER.value,
        _("Purchase order"),
        _("Purchase orders"),
        _ALL,
        _OPEN,
    ),
    _module(
        *("invoices", _Kind.INVOICE.value, _("Invoice"), _("Invoices"), _ALL),
        _preset("unpaid", _("Unpaid"), _Status.SENT),
        _preset("paid", _("Paid"), _Status.PAID),
    ),
)


def declare() -> None:
    """Make their fields, their lists and how they are undone known; when the application starts."""
    entity = Entity(
        ENTITY,
        _("Sales document"),
        rows=lambda: SalesDocument.objects.filter(deleted_at=None),
    )
    register(entity, (*FIELDS, *common_fields.of(ENTITY)))
    modules.register(*MODULES)
    sales.register()
