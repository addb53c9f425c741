"""What an answer takes over from the mail it answers: its subject, and its words as a quote."""

import re
from datetime import datetime

from relance.mime.compose.headers import one_line

_REPLY = re.compile(r"\s*(?:re|ré|rép|aw|sv|antw|r)\s?(?:\[\d{1,3}\])?\s?[:：]", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\n")
_FR_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_FR_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())


def reply_subject(subject: str) -> str:
    """ "Devis" becomes "Re: Devis"; one that is a reply already stays as it is.

    "Re: " in every language: RFC 5322, 3.6.5, and what every client strips again.
    """
    subject = one_line(subject)
    return subject if _REPLY.match(subject) else f"Re: {subject}".rstrip()


def quote_text(text: str, attribution: str) -> str:
    """`text` quoted under its attribution line (RFC 3676, 4.5)."""
    lines = _LINE_END.split(text.rstrip())
    quoted = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    )
    return f"{attribution}\n{quoted}"


def attribution(name: str, at: datetime, language: str) -> str:
    """ "Le mar. 17 nov. 2026 à 17:26, Camille a écrit :" in the language of the one who answers;
    `at` is in the zone to be shown."""
    name = one_line(name)
    if language.startswith("fr"):
        day = f"{_FR_DAYS[at.weekday()]} {at.day} {_FR_MONTHS[at.month - 1]} {at.year}"
        return f"Le {day} à {at:%H:%M}, {name} a écrit\u00a0:"
    day = f"{_EN_DAYS[at.weekday()]} {at.day} {_EN_MONTHS[at.month - 1]} {at.year}"
    return f"On {day} at {at:%H:%M}, {name} wrote:"
