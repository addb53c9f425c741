"""Structured header values with parameters: RFC 2045, RFC 2231, and the mistakes around them."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from relance.mime.charsets import codec_of, decode
from relance.mime.words import decode_words, one_line

MAX_VALUE = 65_536
MAX_FILENAME = 200

_PARAMETER = re.compile(
    r';\s*+([^\s=;"]{1,80}+)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?+|([^;]*+))', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MISSING_SEMICOLON = re.compile(r"\s((?:charset|boundary|name|filename)\s?=)", re.IGNORECASE)
_TYPE = re.compile(r"\s*+([A-Za-z0-9!#$&^_.+-]{1,80}+)/([A-Za-z0-9!#$&^_.+-]{1,80}+)")
_PRESENT_NAMES = {
    **dict.fromkeys(("image/jpg", "image/pjpeg", "image/x-jpeg"), "image/jpeg"),
    "image/x-png": "image/png",
}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Structured(NamedTuple):
    """A value in lower case ("text/html", "attachment") and its parameters, names lower-cased."""

    value: str
    parameters: dict[str, str]


def read_structured(text: str) -> Structured:
    """A Content-Type or Content-Disposition value taken apart, in linear time."""
    text = text[:MAX_VALUE]
    head, semicolon, _ = text.partition(";")
    if "=" in head:
        text = _MISSING_SEMICOLON.sub(r";\1", text, count=8)
        head, semicolon, _ = text.partition(";")
    if not semicolon:
        return Structured(head.strip().lower(), {})
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(text, len(head)):
        quoted, plain = match[2], match[3]
        if quoted is not None:
            value = _ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted
        else:
            value = plain.strip().strip("\"'") if plain else ""
        parameters.setdefault(match[1].lower(), value)
        if len(parameters) >= 200:
            break
    return Structured(head.strip().lower(), parameters)


def media_type(value: str) -> str:
    """ "type/subtype" in lower case, or "" when `value` names none. Old names of the images every
    browser shows are given their present one."""
    match = _TYPE.match(value)
    found = f"{match[1]}/{match[2]}".lower() if match else ""
    return _PRESENT_NAMES.get(found, found)


def parameter(structured: Structured, name: str) -> str:
    """A parameter decoded: RFC 2231 form first, then plain with encoded words."""
    parameters = structured.parameters
    if not parameters:
        return ""
    if name + "*" in parameters:
        return _extended(parameters[name + "*"])
    if name + "*0" in parameters or name + "*0*" in parameters:
        return _continued(parameters, name)
    value = parameters.get(name, "")
    return decode_words(value) if "=?" in value else value


def _continued(parameters: dict[str, str], name: str) -> str:
    pieces: list[tuple[str, bool]] = []
    for number in range(200):
        key = f"{name}*{number}"
        if key + "*" in parameters:
            pieces.append((parameters[key + "*"], True))
        elif key in parameters:
            pieces.append((parameters[key], False))
        else:
            break
    if not pieces[0][1]:
        return decode_words("".join(piece for piece, _ in pieces))
    charset, _, first = _split_extended(pieces[0][0])
    data = unquote_to_bytes(first)
    for piece, encoded in pieces[1:]:
        data += unquote_to_bytes(piece) if encoded else piece.encode("utf-8", "replace")
    return decode(data, charset)


def _extended(value: str) -> str:
    charset, _, text = _split_extended(value)
    return decode(unquote_to_bytes(text), charset)


def _split_extended(value: str) -> tuple[str, str, str]:
    pieces = value.split("'", 2)
    if len(pieces) == 3 and (not pieces[0] or codec_of(pieces[0])):
        return pieces[0], pieces[1], pieces[2]
    return "", "", value


def safe_filename(name: str) -> str:
    """The last component of a file name, without controls or direction marks, extension kept."""
    if not name:
        return ""
    name = one_line(_UNSAFE.sub("", name)).replace("\\", "/").rpartition("/")[2].strip(" ")
    if name.strip(".") == "":
        return ""
    if len(name) <= MAX_FILENAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: MAX_FILENAME - len(extension) - 1]}.{extension}"
    return name[:MAX_FILENAME]
