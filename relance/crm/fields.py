"""The fields of people, accounts and deals that a text may name."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, Relation, register
from relance.crm.models import Company, Deal, Person, Stage

STATES = (
    (Stage.Kind.OPEN.value, _("In progress")),
    (Stage.Kind.WON.value, _("Won")),
    (Stage.Kind.LOST.value, _("Lost")),
)


def _addresses(person: Person) -> list[str]:
    return [link.address.address for link in person.address_links.all()]


def _owner(record: Person | Company | Deal) -> int:
    return record.owner_id


def _stages() -> list[tuple[str, str]]:
    return [(str(s.pk), s.label) for s in Stage.objects.all()]


def _deals_of(person: Person) -> QuerySet[Deal]:
    return Deal.objects.filter(contacts__person=person, deleted_at=None).select_related(
        "stage", "company"
    )


PERSON = (
    Field("Person", "name", _("name"), Kind.TEXT, "name"),
    Field("Person", "firstName", _("first name"), Kind.TEXT, "first_name", path="first_name"),
    Field("Person", "lastName", _("last name"), Kind.TEXT, "last_name", path="last_name"),
    Field("Person", "title", _("title"), Kind.TEXT, "title", path="title"),
    Field(
        "Person",
        "emailAddress",
        _("e-mail address"),
        Kind.EMAIL,
        path="address_links__address__address",
        values=_addresses,
        is_many=True,
    ),
    Field("Person", "phone", _("phone"), Kind.PHONE, "phone", ("phoneNumber",), path="phone"),
    Field(
        "Person", "mobile", _("mobile"), Kind.PHONE, "mobile", ("phoneNumberMobile",), path="mobile"
    ),
    Field(
        "Person",
        "accountName",
        _("account"),
        Kind.TEXT,
        path="company__name",
        values=lambda p: p.company and p.company.name,
    ),
    Field("Person", "city", _("city"), Kind.TEXT, "city", ("addressCity",), path="city"),
    Field(
        "Person",
        "country",
        _("country"),
        Kind.COUNTRY,
        "country",
        ("addressCountry",),
        path="country",
    ),
    Field(
        "Person",
        "status",
        _("status"),
        Kind.CHOICE,
        "status",
        path="status",
        choices=lambda: Person.Status.choices,
    ),
    Field("Person", "source", _("source"), Kind.TEXT, "source", path="source"),
    Field(
        "Person",
        "kind",
        _("kind"),
        Kind.CHOICE,
        "kind",
        path="kind",
        choices=lambda: Person.Kind.choices,
    ),
    Field(
        "Person",
        "owner",
        _("owner"),
        Kind.RECORD,
        "owner",
        path="owner",
        values=_owner,
        target="User",
    ),
    Field("Person", "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
    Field("Person", "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
)
ACCOUNT = (
    Field("Account", "name", _("name"), Kind.TEXT, "name", path="name"),
    Field("Account", "website", _("website"), Kind.TEXT, "website", path="website"),
    Field("Account", "phone", _("phone"), Kind.PHONE, "phone", ("phoneNumber",), path="phone"),
    Field("Account", "address", _("address"), Kind.ADDRESS, "", ("billingAddress",)),
    Field(
        "Account",
        "street",
        _("street"),
        Kind.TEXT,
        "street",
        ("billingAddressStreet",),
        path="street",
    ),
    Field(
        *("Account", "postalCode", _("postcode"), Kind.TEXT, "postcode"),
        aliases=("billingAddressPostalCode",),
    ),
    Field("Account", "city", _("city"), Kind.TEXT, "city", ("billingAddressCity",), path="city"),
    Field(
        "Account",
        "country",
        _("country"),
        Kind.COUNTRY,
        "country",
        ("billingAddressCountry",),
        path="country",
    ),
    Field("Account", "domain", _("e-mail domain"), Kind.TEXT, "domain", path="domain"),
    Field(
        "Account",
        "owner",
        _("owner"),
        Kind.RECORD,
        "owner",
        path="owner",
        values=_owner,
        target="User",
    ),
    Field("Account", "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
    Field("Account", "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
)
DEAL = (
    Field("Deal", "name", _("name"), Kind.TEXT, "name", path="name"),
    Field("Deal", "amount", _("amount"), Kind.MONEY, "amount", path="amount", currency="currency"),
    Field(
        "Deal",
        "currency",
        _("currency"),
        Kind.TEXT,
        "currency",
        ("amountCurrency",),
        path="currency",
    ),
    Field(
        "Deal",
        "stage",
        _("stage"),
        Kind.RECORD,
        "stage.label",
        path="stage",
        values=lambda d: d.stage_id,
        choices=_stages,
    ),
    Field(
        "Deal",
        "probability",
        _("probability"),
        Kind.NUMBER,
        "stage.probability",
        path="stage__probability",
    ),
    Field("Deal", "closeDate", _("closing date"), Kind.DATE, "closes_on", path="closes_on"),
    Field(
        "Deal",
        "accountName",
        _("account"),
        Kind.TEXT,
        path="company__name",
        values=lambda d: d.company and d.company.name,
    ),
    Field(
        "Deal",
        "state",
        _("state"),
        Kind.CHOICE,
        "stage.kind",
        path="stage__kind",
        choices=lambda: STATES,
    ),
    Field(
        "Deal",
        "owner",
        _("owner"),
        Kind.RECORD,
        "owner",
        path="owner",
        values=_owner,
        target="User",
    ),
    Field("Deal", "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
    Field("Deal", "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
)


def declare() -> None:
    """Make them known; called when the application starts."""
    register(
        Entity("Person", _("Contact"), ("Contact", "Lead"), rows=Person.objects.all),
        PERSON,
        relations=[
            Relation("Person", "deals", _("a deal"), "Deal", "contacts__person", _deals_of),
        ],
    )
    register(
        Entity("Account", _("Account"), rows=Company.objects.all),
        ACCOUNT,
        relations=[
            Relation(
                *("Account", "deals", _("a deal"), "Deal", "company"),
                rows=lambda c: c.deals.filter(deleted_at=None).select_related("stage", "company"),
            ),
        ],
    )
    register(
        Entity(
            "Deal", _("Deal"), ("Opportunity",), rows=lambda: Deal.objects.filter(deleted_at=None)
        ),
        DEAL,
    )
