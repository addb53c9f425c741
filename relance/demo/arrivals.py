"""New mail in the demo: now and then by itself, and whenever one asks."""

from __future__ import annotations

import itertools
import random
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings

from relance.demo import maildir
from relance.demo.cast import BY_NAME, CAMILLE, HUGO, SOPHIE, Character, Firm
from relance.demo.letters import Letter, as_bytes
from relance.lib import clock
from relance.users.models import Organisation

_EVERY = (180.0, 300.0)  # seconds between two mails that come by themselves
_STRANGER = Character(
    "Léa", "Costa", "lea.costa", Firm("Atelier Costa", "atelier-costa.example", ""), "Architecte"
)
_ARRIVALS: tuple[tuple[Character, str, str], ...] = (
    (
        BY_NAME["Marc Vasseur"],
        "Plan du quai 3",
        "Bonjour Camille,\n\nVoici le plan à jour du quai 3. Le tableau électrique est au fond, derrière la balance.",
    ),
    (
        _STRANGER,
        "Éclairage d’une galerie",
        "Bonjour,\n\nJ’aménage une galerie de 180 m² à Lyon et je cherche des spots orientables. Pouvez-vous me rappeler cette semaine ?",
    ),
    (
        BY_NAME["Daniel Harlow"],
        "Mezzanine: one more question",
        "Hello Camille,\n\nBefore the board meets: does the price include the emergency lighting?",
    ),
    (
        SOPHIE,
        "Chiffre du mois",
        "Camille, où en est-on pour novembre ? Je présente le chiffre demain matin.",
    ),
    (
        BY_NAME["Lucie Fontaine"],
        "Dossier de subvention",
        "Bonjour Camille,\n\nLa région me demande une attestation de conformité. L’avez-vous sous la main ?",
    ),
    (
        BY_NAME["Nadia Ferhat"],
        "Document signé",
        "Bonjour Camille,\n\nComme promis, le bon pour accord est signé. Quand pouvez-vous commencer ?",
    ),
    (
        HUGO,
        "Réglettes : 40 pièces de plus",
        "Le fabricant en trouve 40 de plus, livrables vendredi. Je te les garde ?",
    ),
    (
        BY_NAME["Sabine Mercier"],
        "Point 4 tranché",
        "Bonjour,\n\nL’architecte valide votre proposition pour les circulations. Nous pouvons passer à la commande.",
    ),
)
_next = itertools.count()
_due_at = 0.0


def deliver_now(email: str, *, at: datetime | None = None) -> str:
    """Let the next mail of the story arrive in that mailbox; returns its subject."""
    others = [a for a in _ARRIVALS if a[0].address != email]
    sender, subject, text = others[next(_next) % len(others)]
    reader = next(c for c in (CAMILLE, SOPHIE, HUGO) if c.address == email)
    letter = Letter(sender, (reader,), subject, text, at or clock.now())
    maildir.deliver(Path(settings.DATA), email, as_bytes(letter))
    return subject


def deliver_sometimes() -> None:
    """Called every minute by the schedule; does nothing outside the demo."""
    global _due_at  # noqa: PLW0603 (the time of this process alone)
    organisation = Organisation.current()
    if organisation is None or not organisation.is_demo:
        return
    if _due_at and time.monotonic() >= _due_at:
        deliver_now(CAMILLE.address)
    if not _due_at or time.monotonic() >= _due_at:
        _due_at = time.monotonic() + random.uniform(*_EVERY)  # noqa: S311 (no secret)
