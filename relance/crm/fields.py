"""The fields of people, accounts and deals that a text may name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, register

PERSON = (
    Field("Person", "name", _("name"), Kind.TEXT, "name"),
    Field("Person", "firstName", _("first name"), Kind.TEXT, "first_name"),
    Field("Person", "lastName", _("last name"), Kind.TEXT, "last_name"),
    Field("Person", "title", _("title"), Kind.TEXT, "title"),
    Field("Person", "emailAddress", _("e-mail address"), Kind.EMAIL),
    Field("Person", "phone", _("phone"), Kind.PHONE, "phone", ("phoneNumber",)),
    Field("Person", "mobile", _("mobile"), Kind.PHONE, "mobile", ("phoneNumberMobile",)),
    Field("Person", "accountName", _("account"), Kind.TEXT),
    Field("Person", "city", _("city"), Kind.TEXT, "city", ("addressCity",)),
    Field("Person", "country", _("country"), Kind.COUNTRY, "country", ("addressCountry",)),
    Field("Person", "status", _("status"), Kind.CHOICE, "status"),
    Field("Person", "source", _("source"), Kind.TEXT, "source"),
)
ACCOUNT = (
    Field("Account", "name", _("name"), Kind.TEXT, "name"),
    Field("Account", "website", _("website"), Kind.TEXT, "website"),
    Field("Account", "phone", _("phone"), Kind.PHONE, "phone", ("phoneNumber",)),
    Field("Account", "address", _("address"), Kind.ADDRESS, "", ("billingAddress",)),
    Field("Account", "street", _("street"), Kind.TEXT, "street", ("billingAddressStreet",)),
    Field(
        *("Account", "postalCode", _("postcode"), Kind.TEXT, "postcode"),
        aliases=("billingAddressPostalCode",),
    ),
    Field("Account", "city", _("city"), Kind.TEXT, "city", ("billingAddressCity",)),
    Field("Account", "country", _("country"), Kind.COUNTRY, "country", ("billingAddressCountry",)),
)
DEAL = (
    Field("Deal", "name", _("name"), Kind.TEXT, "name"),
    Field("Deal", "amount", _("amount"), Kind.MONEY, "amount"),
    Field("Deal", "currency", _("currency"), Kind.TEXT, "currency", ("amountCurrency",)),
    Field("Deal", "stage", _("stage"), Kind.TEXT, "stage.label"),
    Field("Deal", "probability", _("probability"), Kind.NUMBER, "stage.probability"),
    Field("Deal", "closeDate", _("closing date"), Kind.DATE, "closes_on"),
    Field("Deal", "accountName", _("account"), Kind.TEXT),
)


def register_fields() -> None:
    """Make them known; called when the application starts."""
    register(Entity("Person", _("Contact"), ("Contact", "Lead")), PERSON)
    register(Entity("Account", _("Account")), ACCOUNT)
    register(Entity("Deal", _("Deal"), ("Opportunity",)), DEAL)
