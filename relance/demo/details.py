"""Records of the demo look lived in: tags, further telephones, a photo, their history."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from relance.addresses import book
from relance.crm import history, phones, portraits, tagging
from relance.crm.models import Company, CompanyAddress, Deal, Person, Stage
from relance.crm.phones import Number
from relance.journal.models import Change
from relance.users.models import User

_KEY_ACCOUNT, _LIGHTING, _VISITED = "Grand compte", "Éclairage LED", "Rencontré au salon"
_STREETS = {
    "Meunier Logistique": ("12 rue des Quais", "69800", "Transport et logistique"),
    "Harlow & Pike": ("4 Wharf Street", "LS2 7EQ", "Furniture"),
    "Laiterie du Vercors": ("38 route de Villard", "38250", "Agroalimentaire"),
}


def write(users: Mapping[str, User], people: Mapping[str, Person], now: datetime) -> None:
    """All of it, once people and deals are there."""
    camille = users["Camille"]
    for company in Company.objects.all():
        _furnish(camille, company)
    for number, person in enumerate(people.values()):
        if number % 5 == 2:
            tagging.set_tags(camille, person, [_VISITED])
    eloise = people.get("Éloïse Garnier")
    if eloise is not None:
        _introduce(camille, eloise)
    for deal in Deal.objects.select_related("stage", "owner"):
        _advance(deal, now)
    _raise_amount(camille, now)
    # What was written above is no news of today.
    Change.objects.filter(verb=history.EDITED, entity__in=("person", "company")).delete()
    if eloise is not None:
        _remember(camille, eloise, now)


def _furnish(user: User, company: Company) -> None:
    if company.name not in _STREETS:
        return
    company.street, company.postcode, company.industry = _STREETS[company.name]
    company.save()
    tagging.set_tags(user, company, [_KEY_ACCOUNT])
    contact = book.row_for(f"contact@{company.domain}")
    CompanyAddress.objects.create(company=company, address=contact, is_primary=True)


def _introduce(user: User, eloise: Person) -> None:
    eloise.street, eloise.postcode = "12 rue des Quais", "69800"
    eloise.description = "Décide avec Bruno Astier. Ne pas appeler avant 9 h 30."
    eloise.save()
    phones.set_phones(user, eloise, [Number("06 00 00 00 41", "mobile"), Number("04 00 00 00 40")])
    tagging.set_tags(user, eloise, [_KEY_ACCOUNT, _LIGHTING])
    portraits.keep(user, eloise, _portrait())


def _advance(deal: Deal, now: datetime) -> None:
    """The way the deal came along its stages, evenly since it was opened."""
    passed = list(Stage.objects.filter(kind="open", position__lte=deal.stage.position))
    if deal.stage.kind != Stage.Kind.OPEN:
        passed = [*passed, deal.stage]
    until = min(deal.closed_at or now, now)
    step = (until - deal.created_at) / (len(passed) + 1)
    pairs = itertools.pairwise(passed)
    Change.objects.bulk_create(
        [
            _change(deal.owner, ("deal", deal.pk), {"stage": [was.name, to.name]}, at)
            for n, (was, to) in enumerate(pairs, 1)
            for at in [deal.created_at + step * n]
        ]
    )


def _raise_amount(user: User, now: datetime) -> None:
    deal = Deal.objects.filter(amount=Decimal(48000), currency="EUR").first()
    if deal is not None:
        said = {"amount": ["44500.00 EUR", "48000.00 EUR"]}
        _change(user, ("deal", deal.pk), said, now - timedelta(days=2, hours=3)).save()


def _remember(user: User, eloise: Person, now: datetime) -> None:
    record = ("person", eloise.pk)
    title = {"title": ["Acheteuse", eloise.title]}
    _change(user, record, title, now - timedelta(days=61, hours=5)).save()
    city = {"street": ["", eloise.street], "postcode": ["", eloise.postcode]}
    _change(user, record, city, now - timedelta(days=33, hours=2)).save()


def _change(
    user: User, record: tuple[str, int], changes: dict[str, list[str]], at: datetime
) -> Change:
    entity, key = record
    return Change(
        user=user, entity=entity, record_id=key, verb=history.EDITED, changes=changes, at=at
    )


def _portrait() -> bytes:
    """Somebody, drawn with a few shapes: the demo shows no real face."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (480, 480), "#e9ddd0")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((118, 60, 362, 360), fill="#5b3a29")  # hair
    draw.rectangle((118, 200, 362, 400), fill="#5b3a29")
    draw.ellipse((40, 350, 440, 720), fill="#2f4858")  # shoulders
    draw.rectangle((205, 300, 275, 390), fill="#e0b195")  # neck
    draw.ellipse((150, 96, 330, 336), fill="#f0c8ae")  # face
    draw.pieslice((140, 70, 340, 260), 180, 360, fill="#5b3a29")  # fringe
    draw.ellipse((192, 200, 212, 222), fill="#3a2a22")
    draw.ellipse((268, 200, 288, 222), fill="#3a2a22")
    draw.arc((205, 235, 275, 290), 20, 160, fill="#a5544b", width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
