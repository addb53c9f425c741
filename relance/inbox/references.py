"""Signed references: what a mail of ours names so that its answers find their record (D21).

They are Message-IDs of no message, each used once, in References. To anybody else they say
nothing: the record is enciphered, and what we have not signed is not believed.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Mapping

from django.utils.crypto import constant_time_compare, salted_hmac

from relance.inbox.models import RecordLink
from relance.mail.models import Outgoing

Record = tuple[str, int]  # entity, key

_LETTERS: Mapping[str, bytes] = {"deal": b"d", "case": b"c", "company": b"a", "person": b"p"}
_ENTITIES = {letter: entity for entity, letter in _LETTERS.items()}
_NONCE, _BODY, _SEAL = 8, 9, 8  # bytes; 25 in all, 40 letters
_LENGTH = 40
_MARK = "r."
_CIPHER, _SIGN = "relance.inbox.references.cipher", "relance.inbox.references.sign"
_HIGHEST = (1 << 63) - 1
_MOST = 50  # of the names of a mail that are looked at


def make(record: Record, domain: str) -> str:
    """A fresh reference to `record`, without brackets."""
    entity, key = record
    nonce = secrets.token_bytes(_NONCE)
    body = _ciphered(nonce, _LETTERS[entity] + key.to_bytes(_BODY - 1, "big"))
    token = base64.b32encode(nonce + body + _seal(nonce + body)).decode().lower()
    return f"{_MARK}{token}@{domain}"


def read(names: Iterable[str]) -> Record | None:
    """The record of the last of these Message-IDs that we signed."""
    for name in list(names)[-_MOST:][::-1]:
        token = name.strip("<>").partition("@")[0].lower()
        if token.startswith(_MARK) and len(token) == len(_MARK) + _LENGTH:
            found = _opened(token.removeprefix(_MARK))
            if found is not None:
                return found
    return None


def _opened(token: str) -> Record | None:
    try:
        data = base64.b32decode(token.upper())
    except (binascii.Error, ValueError):
        return None
    nonce, body, seal = data[:_NONCE], data[_NONCE:-_SEAL], data[-_SEAL:]
    if not constant_time_compare(seal, _seal(nonce + body)):
        return None
    plain = _ciphered(nonce, body)
    entity, key = _ENTITIES.get(plain[:1]), int.from_bytes(plain[1:], "big")
    return (entity, key) if entity and 0 < key <= _HIGHEST else None


def _ciphered(nonce: bytes, body: bytes) -> bytes:
    stream = salted_hmac(_CIPHER, nonce, algorithm="sha256").digest()
    return bytes(a ^ b for a, b in zip(body, stream, strict=False))


def _seal(data: bytes) -> bytes:
    return salted_hmac(_SIGN, data, algorithm="sha256").digest()[:_SEAL]


def add(draft: Outgoing) -> None:
    """Have a draft that is about to leave name the record it is about, if it is about one."""
    kept = [name for name in draft.references.split() if read([name]) is None]
    record = record_of(draft)
    if record is not None:
        domain = draft.message_id.rpartition("@")[2]
        # The mail it answers stays the last one named (RFC 5322, section 3.6.4).
        kept.insert(max(len(kept) - 1, 0), make(record, domain))
    references = " ".join(kept)
    if references != draft.references:
        draft.references = references
        Outgoing.objects.filter(pk=draft.pk).update(references=references)


def record_of(draft: Outgoing) -> Record | None:
    """What its conversation is linked to, a deal before a case before an account or person; else
    the record it was begun from."""
    if draft.thread_id:
        rows = RecordLink.objects.filter(thread=draft.thread_id, message=None, is_removed=False)
        linked = dict(rows.order_by("pk").values_list("entity", "record_id"))
        for entity in _LETTERS:
            if entity in linked:
                return (entity, linked[entity])
    return written_from(str(row.get("record", "")) for row in draft.people.get("to") or ())


def written_from(records: Iterable[str]) -> Record | None:
    """The first of these that names a record: "deal:12" is ("deal", 12)."""
    for text in records:
        entity, _, key = text.partition(":")
        if entity in _LETTERS and key.isascii() and key.isdigit() and len(key) < 19:
            return (entity, int(key))
    return None
