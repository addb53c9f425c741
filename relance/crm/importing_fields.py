"""What a column of a file may be: the fields of each module, and guesses from its heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.crm import custom_fields
from relance.crm.importing_files import Cell, text_of
from relance.crm.models import Company, Deal, Person
from relance.lib.text import fold, squeeze

CUSTOM = "custom."
MODULES = ("leads", "contacts", "accounts", "deals")
MODELS: dict[str, type[Person] | type[Company] | type[Deal]] = {
    **{"leads": Person, "contacts": Person},
    **{"accounts": Company, "deals": Deal},
}
CUSTOM_KINDS = {"leads": "Lead", "contacts": "Person", "accounts": "Account", "deals": "Deal"}
_NO_WORD = re.compile(r"[^a-z0-9]+")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Target:
    """A field a column may go into. `kind` says how its cells are read; several columns may share
    one that `is_many`. `guesses` are headings, folded, words apart by one space."""

    name: str
    label: str | Promise
    kind: str = "text"
    guesses: tuple[str, ...] = ()
    is_many: bool = False


def _t(
    name: str, label: Any, guesses: str = "", kind: str = "text", *, many: bool = False
) -> Target:
    return Target(name, label, kind, tuple(guesses.split("|")) if guesses else (), many)


_EMAILS = (
    _t(
        "email",
        _("E-mail"),
        "email|e mail|mail|courriel|adresse email|adresse e mail|adresse mail|email address|"
        "e mail address|mail pro|email pro|email 1|e mail 1 value|primary email|email principal|"
        "e mail principal|adresse de messagerie|adresse electronique|work email|e mail 1",
        "addresses",
        many=True,
    ),
    _t(
        "other_email",
        _("Other e-mail addresses"),
        "email 2|e mail 2|mail 2|mail perso|email perso|email secondaire|e mail secondaire|"
        "secondary email|other email|other e mail|autre email|autre e mail|autres adresses|"
        "email 3|e mail 3|e mail 2 value|e mail 3 value|personal email|adresse de messagerie 2|"
        "e mail 2 address|e mail 3 address",
        "addresses",
        many=True,
    ),
    _t(
        "opt_out",
        _("Unsubscribed (yes/no)"),
        "opt out|optout|desinscrit|desabonne|unsubscribed|email opt out|email has opted out|"
        "ne plus contacter",
        "yes_no",
    ),
    _t(
        "opt_in",
        _("Consent (yes/no)"),
        "opt in|optin|consentement|consent|accord|newsletter",
        "yes_no",
    ),
)
_PLACE = (
    _t(
        "street",
        _("Street"),
        "rue|street|adresse|address|adresse postale|business street|rue bureau|adresse 1|"
        "mailing street|billing street",
    ),
    _t(
        "postcode",
        _("Postcode"),
        "code postal|cp|postcode|zip|zip code|postal code|business postal code|mailing zip|"
        "billing code|code postal bureau",
    ),
    _t(
        "city",
        _("City"),
        "ville|city|town|localite|business city|mailing city|billing city|ville bureau|commune",
    ),
    _t(
        "country",
        _("Country"),
        "pays|country|business country|mailing country|billing country|pays region bureau|"
        "country region",
        "country",
    ),
)
_COMMON = (
    _t(
        "owner",
        _("Owner (e-mail address)"),
        "proprietaire|owner|commercial|responsable|assigned to|assigne a|vendeur|sales rep|"
        "owner email|lead owner|contact owner|account owner|deal owner|charge de clientele",
        "user",
    ),
    _t("team", _("Team"), "equipe|team", "team"),
    _t(
        "tags",
        _("Tags"),
        "etiquettes|etiquette|tags|tag|labels|mots cles|categories|categorie|category",
        "tags",
        many=True,
    ),
    _t(
        "description",
        _("Description"),
        "description|notes|note|commentaire|commentaires|comment|comments|remarques|remarque|"
        "observations",
        "long",
        many=True,
    ),
    _t(
        "created_at",
        _("Created on"),
        "cree le|date de creation|created|created at|created on|date contact|date creation|"
        "created time|date d ajout",
        "day",
    ),
)
_PERSON = (
    _t(
        "last_name",
        _("Last name"),
        "nom|last name|lastname|surname|family name|nom de famille|nom contact",
    ),
    _t(
        "first_name",
        _("First name"),
        "prenom|first name|firstname|given name|forename|prenom contact",
    ),
    _t(
        "name",
        _("Full name"),
        "nom complet|full name|name|contact|nom et prenom|nom prenom|prenom nom|contact name|"
        "display name|prenom et nom|lead name",
        "name",
    ),
    _t("title", _("Title"), "fonction|titre|title|job title|poste|position|role|intitule du poste"),
    _t(
        "company",
        _("Account (linked or created)"),
        "societe|entreprise|compte|company|account|organisation|organization|account name|"
        "company name|raison sociale|employeur|nom de la societe|nom de l entreprise|"
        "organization name",
        "account",
    ),
    *_EMAILS,
    _t(
        "phone",
        _("Phone"),
        "tel|telephone|phone|tel fixe|telephone fixe|fixe|business phone|work phone|"
        "phone number|numero de telephone|telephone bureau|tel pro|telephone 1",
        "phone",
    ),
    _t(
        "mobile",
        _("Mobile"),
        "mobile|portable|tel portable|telephone mobile|telephone portable|mobile phone|cell|"
        "cell phone|gsm|tel mobile",
        "phone",
    ),
    _t(
        "other_phone",
        _("Other phones"),
        "autre telephone|other phone|telephone 2|tel 2|phone 2|home phone|telephone domicile|"
        "tel perso|standard",
        "phones",
        many=True,
    ),
    *_PLACE,
    _t("source", _("Source"), "source|origine|lead source|provenance|canal"),
)
_STATUS = _t("status", _("Status"), "statut|status|etat|lead status", "status")
_ACCOUNT = (
    _t(
        "name",
        _("Name"),
        "nom|name|societe|entreprise|compte|company|account|account name|company name|"
        "raison sociale|nom de la societe|nom de l entreprise|nom du compte|organisation|"
        "organization",
    ),
    _t(
        "domain",
        _("E-mail domain"),
        "domaine|domain|domaine e mail|email domain|nom de domaine",
        "domain",
    ),
    _t("website", _("Website"), "site|site web|site internet|website|web|url|site url"),
    *_EMAILS[:2],
    _t(
        "phone",
        _("Phone"),
        "tel|telephone|phone|standard|numero de telephone|phone number",
        "phone",
    ),
    *_PLACE,
    _t(
        "shipping_street",
        _("Delivery street"),
        "rue de livraison|adresse de livraison|shipping street|delivery street",
    ),
    _t(
        "shipping_postcode",
        _("Delivery postcode"),
        "code postal de livraison|shipping code|delivery postcode|shipping zip",
    ),
    _t("shipping_city", _("Delivery city"), "ville de livraison|shipping city|delivery city"),
    _t(
        "shipping_country",
        _("Delivery country"),
        "pays de livraison|shipping country|delivery country",
        "country",
    ),
    _t("industry", _("Industry"), "secteur|secteur d activite|industry|activite|branche"),
    _t(
        "tax_number",
        _("VAT number"),
        "tva|numero de tva|n tva|tva intracommunautaire|vat|vat number|tax number|tax id",
    ),
)
_DEAL = (
    _t(
        "name",
        _("Name"),
        "nom|name|affaire|deal|deal name|opportunite|opportunity|nom de l affaire|intitule|"
        "objet|opportunity name|libelle",
    ),
    _t(
        "amount",
        _("Amount"),
        "montant|amount|valeur|value|ca|budget|prix|montant ht|total",
        "number",
    ),
    _t("currency", _("Currency"), "devise|currency|monnaie", "currency"),
    _t("stage", _("Stage"), "etape|stage|phase|statut|status|sales stage|pipeline stage", "stage"),
    _t(
        "closes_on",
        _("Closing date"),
        "date de cloture|cloture|closing date|close date|date de signature|echeance|"
        "expected close date|date prevue|date de conclusion",
        "day",
    ),
    _t(
        "company",
        _("Account (linked or created)"),
        "compte|societe|entreprise|client|account|company|customer|account name|company name|"
        "organisation|organization",
        "account",
    ),
    _t(
        "contact",
        _("Contact (e-mail address)"),
        "contact|email|e mail|contact email|e mail du contact|email du contact|"
        "contact principal|primary contact|interlocuteur",
        "addresses",
        many=True,
    ),
    _t(
        "lost_reason",
        _("Reason of the loss"),
        "raison de la perte|motif de perte|lost reason|loss reason|reason for loss",
    ),
)
_TARGETS = {
    "leads": (*_PERSON, _STATUS, *_COMMON),
    "contacts": (*_PERSON, *_COMMON),
    "accounts": (*_ACCOUNT, *_COMMON),
    "deals": (*_DEAL, *_COMMON),
}


def targets(module: str) -> dict[str, Target]:
    """Every field a column of that module's file may go into, by name."""
    found = [*_TARGETS[module]]
    for field in custom_fields.defined(CUSTOM_KINDS[module]):
        kind = f"{CUSTOM}{field.kind}"
        guesses = tuple(
            {_heading(field.label), _heading(field.label_fr), _heading(field.key)} - {""}
        )
        found.append(Target(f"{CUSTOM}{field.key}", custom_fields.label_of(field), kind, guesses))
    return {target.name: target for target in found}


def guessed(module: str, head: Sequence[str], sample: Sequence[Sequence[Cell]]) -> list[str]:
    """For each column the target it probably is, "" for none: by its heading, then by what its
    cells look like."""
    known = targets(module)
    found = [_by_heading(known.values(), heading) for heading in head]
    for column, wanted in enumerate(found):
        name = wanted
        cells = [text_of(row[column]) for row in sample if column < len(row) and row[column] != ""]
        if _are_addresses(cells) and (not name or known[name].kind in ("text", "name")):
            name = found[column] = "contact" if module == "deals" else "email"
        if name in found[:column] and not known[name].is_many:
            found[column] = ""
    if "email" in found:
        first = found.index("email")
        found[first + 1 :] = ["other_email" if n == "email" else n for n in found[first + 1 :]]
    return found


def _by_heading(known: Iterable[Target], heading: str) -> str:
    wanted = _heading(heading)
    if not wanted:
        return ""
    several = list(known)
    for target in several:
        if wanted in target.guesses or wanted == _heading(str(target.label)):
            return target.name
    plain = wanted.rstrip("s")
    return next((t.name for t in several if plain in [g.rstrip("s") for g in t.guesses]), "")


def _are_addresses(cells: Sequence[str]) -> bool:
    like = sum(bool(_ADDRESS.search(cell)) for cell in cells)
    return bool(cells) and like * 2 > len(cells)


def _heading(text: str) -> str:
    return squeeze(_NO_WORD.sub(" ", fold(text)))
