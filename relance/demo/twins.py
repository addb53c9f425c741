"""Records that are there twice, for merging; and what a lead asks for, for converting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from relance.addresses import book
from relance.crm.models import Person, PersonAddress
from relance.users.models import User

_TWIN_OF = "Éloïse Garnier"
_LEAD = "Thomas Leclerc"


def write(users: Mapping[str, User], people: Mapping[str, Person], now: datetime) -> None:
    """A second record of a customer, as Sophie typed it from a business card."""
    sophie = users["Sophie"]
    twin = Person.objects.create(
        owner=sophie,
        created_by=sophie,
        created_at=now - timedelta(days=21),
        kind=Person.Kind.CONTACT,
        status="",
        first_name="Eloise",
        last_name="GARNIER",
        title="Achats",
        phone="06 00 00 00 41",
        company=people[_TWIN_OF].company,
        source="Salon de Lyon",
    )
    PersonAddress.objects.create(
        person=twin, address=book.row_for("eloise.garnier@perso.example"), is_primary=True
    )
    lead = people[_LEAD]
    lead.description = "Éclairage d’une plateforme de stockage de 4 000 m²"
    lead.save(update_fields=["description"])
