"""The header fields of a mail that leaves (RFC 5322, RFC 2047, RFC 2231)."""

import binascii
import re
from urllib.parse import quote

from relance.mime.message import Address

MOST_REFERENCES = 20
_LINE = 76
_LONGEST_LINE = 998
_LONGEST_WORD = 75
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NOT_IN_ADDRESS = re.compile(r"[\s<>(),;:\\\"\[\]\x00-\x1f\x7f]")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TOKEN = re.compile(r"[A-Za-z0-9._+-]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q_BYTES = tuple(
    chr(byte) if byte in _Q_PLAIN else "_" if byte == 32 else f"={byte:02X}" for byte in range(256)
)
#: Fields this module writes from a composition: nobody adds a second one.
RESERVED = frozenset(
    "from sender to cc bcc subject date message-id in-reply-to references mime-version".split()
)


def one_line(text: str) -> str:
    """`text` with control characters made spaces, so that no field can end early."""
    return _CONTROLS.sub(" ", text).strip()


def words(text: str, header: str) -> str:
    """Unstructured text, folded; encoded words when it is not ASCII or could be taken for one."""
    text = one_line(text).encode("utf-8", "replace").decode("utf-8")
    if text.isascii() and "=?" not in text and len(text) <= _LONGEST_LINE - len(header) - 4:
        return text
    return encoded_words(text, len(header) + 2)


def encoded_words(text: str, used: int) -> str:
    """`text` as encoded words in UTF-8, one a line, `used` characters of the first being taken.

    Quoted-printable or Base64, whichever is shorter. No character is cut in two (RFC 2047, 5).
    """
    data = text.encode("utf-8", "replace")
    quoted = sum(len(_Q_BYTES[byte]) for byte in data)
    kind, cost = ("q", 0) if quoted <= (len(data) + 2) // 3 * 4 else ("b", 1)
    out: list[str] = []
    room = _LONGEST_WORD - len("=?utf-8?q??=")
    left = max(12, min(room, _LINE - used - len("=?utf-8?q??=")))
    piece, size = bytearray(), 0
    for character in text:
        encoded = character.encode("utf-8", "replace")
        grown = size + (len(encoded) if cost else sum(len(_Q_BYTES[byte]) for byte in encoded))
        if piece and ((grown + 2) // 3 * 4 if cost else grown) > left:
            out.append(_word(kind, bytes(piece)))
            grown -= size
            piece.clear()
            left = room
        piece += encoded
        size = grown
    out.append(_word(kind, bytes(piece)))
    return "\r\n ".join(out)


def _word(kind: str, data: bytes) -> str:
    if kind == "q":
        return f"=?utf-8?q?{''.join(_Q_BYTES[byte] for byte in data)}?="
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode()}?="


def people(header: str, listed: tuple[Address, ...]) -> str:
    """A field of addresses, one a line; "" for nobody."""
    return f"{header}: " + ",\r\n ".join(address(one) for one in listed) if listed else ""


def address(person: Address) -> str:
    """`"Jean Dupont" <jean@x.example>`. Raises ValueError as `written_address` does."""
    written = written_address(person.address)
    name = one_line(person.name)
    if not name:
        return written
    if not name.isascii() or "=?" in name or len(name) > _LONGEST_LINE // 2:
        name = encoded_words(name, len("Reply-To: "))
    elif not _PLAIN_PHRASE.fullmatch(name):
        name = quoted(name)
    return f"{name} <{written}>"


def quoted(text: str) -> str:
    """A quoted string (RFC 5322, 3.2.4)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written_address(address: str) -> str:
    """An address as it is written on the wire, its domain in ASCII (RFC 5891).

    Raises ValueError when it cannot stand in a header or an envelope.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or _NOT_IN_ADDRESS.search(local + domain):
        raise ValueError("not an address that can be written to")
    return f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Raises ValueError for what cannot be a domain."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("not a domain that can be written to") from error


def clean_domain(domain: str) -> str:
    """What of `domain` may stand in an id."""
    return _NOT_IN_ADDRESS.sub("", domain)


def id_of(message_id: str) -> str:
    """An id in its brackets, without white space; "" for none."""
    inner = "".join(_CONTROLS.sub("", message_id).split()).strip("<>")
    return f"<{inner}>" if inner else ""


def references(ids: tuple[str, ...]) -> str:
    """The first and the last ones, one a line: enough to thread, and no header grows for ever."""
    if len(ids) > MOST_REFERENCES:
        ids = ids[:1] + ids[1 - MOST_REFERENCES :]
    written = [found for i in ids if (found := id_of(i))]
    return "References: " + "\r\n ".join(written) if written else ""


def further(name: str, value: str) -> str:
    """A field besides the usual ones. Raises ValueError for a name that is none, or is taken."""
    if not _FIELD.fullmatch(name) or name.lower() in RESERVED or name.lower()[:8] == "content-":
        raise ValueError("not a header that can be added")
    return f"{name}: {words(value, name)}"


def parameter(name: str, value: str) -> str:
    """A parameter of a structured field on a line of its own (RFC 2231 when it is not ASCII).

    A long value in another script is cut in numbered pieces, between characters.
    """
    value = one_line(value)
    if value.isascii() and "=?" not in value and len(value) < _LONGEST_LINE // 2:
        text = value if _TOKEN.fullmatch(value) else quoted(value)
        return f";\r\n {name}={text}"
    pieces, size = [""], len(name) + len("*0*=utf-8'';")
    for character in value:
        escaped = quote(character, safe="", errors="replace")
        if size + len(escaped) > _LINE:
            pieces.append("")
            size = len(name) + len("*10*=;")
        pieces[-1] += escaped
        size += len(escaped)
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    pieces[0] = f"utf-8''{pieces[0]}"
    return "".join(f";\r\n {name}*{n}*={piece}" for n, piece in enumerate(pieces))
