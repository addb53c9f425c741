"""Some of the mails one sends in the demo are answered, in their thread, a little later."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from relance.lib import clock
from relance.mime import compose
from relance.mime.message import Address
from relance.mime.parse import parse

_ONE_IN = 3  # one mail of three stays without an answer, as in life
_FRENCH = (
    "Bonjour,\n\nMerci pour votre retour rapide, c’est exactement ce qu’il nous fallait. "
    "J’en parle à l’équipe cet après-midi et je reviens vers vous.\n\nBien à vous,\n{name}",
    "Bonjour,\n\nBien reçu. Deux précisions : le délai court-il à partir de la commande, et la "
    "pose est-elle comprise ?\n\nCordialement,\n{name}",
    "Merci, cela nous convient. Pouvez-vous me proposer une date la semaine prochaine ?\n\n{name}",
)
_ENGLISH = (
    "Hello,\n\nThank you, that is clear. I will check with our technical manager and come back to "
    "you before Friday.\n\nBest regards,\n{name}",
    "Thanks for the quick answer. Could you send the data sheets as well?\n\n{name}",
)
_SHORTEST, _LONGEST = 6, 25  # seconds


def to(raw: bytes, sender: str, recipients: Sequence[str]) -> Iterator[tuple[bytes, float]]:
    """(answer, seconds to wait) for a mail that was just sent. Robots do not answer robots."""
    sent = parse(raw)
    if sent.is_auto or sent.is_bulk:
        return
    names = {a.address.lower(): a.name for a in (*sent.to, *sent.cc)}
    chance = zlib.crc32(sent.message_id.encode())
    for address in recipients[:1]:
        if address.endswith("@clarte.example") or chance % _ONE_IN == 0:
            continue
        texts = _FRENCH if _is_french(sent.text) else _ENGLISH
        name = names.get(address.lower()) or address.partition("@")[0]
        answer = compose.Composition(
            from_=Address(name, address),
            to=(Address("", sender),),
            subject=compose.reply_subject(sent.subject),
            text=texts[chance % len(texts)].format(name=name),
            message_id=compose.new_message_id(address.rpartition("@")[2]),
            date=clock.now(),
            in_reply_to=sent.message_id,
            references=(*sent.references, sent.message_id),
        )
        yield compose.build(answer), _SHORTEST + chance % (_LONGEST - _SHORTEST)


def _is_french(text: str) -> bool:
    words = set(text.lower().replace("’", " ").replace("'", " ").split())
    return len(words & {"le", "la", "les", "vous", "je", "et", "bonjour", "merci", "pour"}) >= 2
