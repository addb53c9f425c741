"""Some of the mails one sends in the demo are answered, in their thread, a little later."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from relance.demo.almanac import ZONE
from relance.demo.cast import BY_ADDRESS, CLARTE, Character, Firm
from relance.demo.letters import as_report, signature_of
from relance.demo.projects import polish
from relance.demo.scenes import rows
from relance.lib import clock
from relance.mime import compose
from relance.mime.message import Address, ParsedMessage
from relance.mime.parse import parse

_ONE_IN = 4  # one mail of four stays without an answer, as in life
_SHORTEST, _LONGEST = 6, 25  # seconds
_ELSEWHERE = "this is the demo world of Relance, nothing leaves this machine"
_MARKS = {
    "fr": {"le", "la", "les", "vous", "je", "et", "bonjour", "merci", "pour", "nous"},
    "en": {"the", "you", "and", "hello", "thank", "thanks", "we", "for", "please", "is"},
    "de": {"der", "die", "und", "guten", "tag", "wir", "sie", "danke", "für", "ist"},
    "es": {"el", "los", "usted", "buenos", "días", "gracias", "para", "que", "es", "y"},
}


def to(raw: bytes, sender: str, recipients: Sequence[str]) -> Iterator[tuple[bytes, float]]:
    """(answer, seconds to wait) for a mail that was just sent.

    Robots do not answer robots, colleagues answer aloud, and what was meant for the real world
    comes back at once with the reason.
    """
    sent = parse(raw)
    if sent.is_auto or sent.is_bulk:
        return
    chance = zlib.crc32(sent.message_id.encode())
    for number, address in enumerate(recipients):
        domain = address.rpartition("@")[2].lower()
        if not domain.endswith(".example"):
            yield as_report(sender, address, sent.message_id, why=_ELSEWHERE), 1.0
        elif domain != CLARTE.domain and number == 0 and chance % _ONE_IN:
            yield _answer(sent, sender, address, chance), _SHORTEST + chance % _LONGEST


def _answer(sent: ParsedMessage, sender: str, address: str, chance: int) -> bytes:
    language = _language(sent.text)
    who = BY_ADDRESS.get(address.lower()) or _unknown(sent, address)
    options = [text for kind, text in rows("answers") if kind == language]
    text = options[chance % len(options)].replace(" // ", "\n\n").replace("\\n", "\n")
    text = polish(text.format(name=who.first), language)
    sign = f"-- \n{signature}" if (signature := signature_of(who)) else ""
    before = BY_ADDRESS[sender].name if sender in BY_ADDRESS else sender
    at = (sent.date or clock.now()).astimezone(ZONE)
    quoted = compose.quote_text(sent.text, compose.attribution(before, at, language))
    answer = compose.Composition(
        from_=Address(who.name, address),
        to=(Address(before, sender),),
        subject=compose.reply_subject(sent.subject),
        text="\n\n".join(piece for piece in (text, sign, quoted) if piece),
        message_id=compose.new_message_id(address.rpartition("@")[2]),
        date=clock.now(),
        in_reply_to=sent.message_id,
        references=(*sent.references, sent.message_id),
    )
    return compose.build(answer)


def _unknown(sent: ParsedMessage, address: str) -> Character:
    """Somebody the cast does not know, named as the mail names her."""
    names = {a.address.lower(): a.name for a in (*sent.to, *sent.cc)}
    name = names.get(address.lower()) or address.partition("@")[0]
    first, _, last = name.partition(" ")
    local, _, domain = address.partition("@")
    return Character(first, last, local, Firm("", domain))


def _language(text: str) -> str:
    """The language most of whose common words are in it; French when in doubt."""
    words = set(text.lower().replace("’", " ").replace("'", " ").replace(",", " ").split())
    return max(_MARKS, key=lambda language: len(words & _MARKS[language]))
