"""Header text: raw 8-bit bytes and encoded words (RFC 2047), as they are found in real mail."""

import binascii
import re

from relance.mime.charsets import clean, codec_of, decode, unlabelled

# RFC 2231 allows a language after the charset; spaces inside the text are wrong but common.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*+)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")


def header_text(raw: bytes) -> str:
    """An unfolded header value as text: ASCII, else UTF-8, else windows-1252."""
    if raw.isascii():
        return clean(raw.decode("ascii"))
    return clean(unlabelled(raw))


def decode_words(text: str) -> str:
    """`text` with its encoded words decoded; what is not one stays as it is.

    Neighbouring words of one charset are joined as bytes before decoding, since many clients cut
    them inside a multi-byte character.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending = bytearray()
    pending_charset = ""
    end = 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        end = match.end()
        charset = match[1].partition("*")[0].lower()
        if pending_charset and (gap.strip() or charset != pending_charset):
            pieces.append(_flush(pending, pending_charset))
            pending_charset = ""
        if gap.strip() or (gap and not pending_charset and not pieces):
            pieces.append(gap)
        pending_charset = charset
        pending += _word_bytes(match[2], match[3])
    if pending_charset:
        pieces.append(_flush(pending, pending_charset))
    pieces.append(text[end:])
    return clean("".join(pieces))


def _flush(pending: bytearray, charset: str) -> str:
    data = bytes(pending)
    pending.clear()
    return decode(data, charset if codec_of(charset) else "")


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return _HEX.sub(lambda m: bytes.fromhex(m[1].decode()), data.replace(b"_", b" "))
    return lenient_base64(data)


def lenient_base64(data: bytes) -> bytes:
    """Base64 decoded as far as it goes: foreign characters skipped, padding made good."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def one_line(text: str) -> str:
    """`text` with every run of white space, folds included, made one space."""
    return " ".join(text.split())
