"""Placeholders in a text, replaced by the values of records: `{Person.firstName|dear customer}`.

A placeholder is an entity and a field, EspoCRM's way, with a text for when the value is empty:

    { Entity . field [ | fallback ] }      also between two braces on each side

The entity is written with a capital, or is one that is known; every other brace (style sheets,
JSON, ordinary text) is left as it is. Values are inserted once and never read again; one that
looks like a placeholder itself loses its braces. Each piece of the text is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import quote, unquote

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from relance.criteria import fields
from relance.lib.text import squeeze
from relance.mime.plain import html_to_text

Values = Callable[[str, str], str | None]
"""The value of an entity's field; None or "" when there is none. HTML only as a SafeString."""

_S = r"(?:[\s\u00ad\u200b-\u200f\u2060\ufeff]|&nbsp;)*"
_BODY = rf"{_S}([^\W\d_]\w*)((?:{_S}\.{_S}\w+)+){_S}(?:\|([^{{}}]*))?"
_PLACEHOLDER = re.compile(rf"\{{(?:\{{{_BODY}\}}|{_BODY})\}}")
_NO_NAME = re.compile(r"(?:[^\w.]|nbsp;)+")
_BRACES = re.compile(r"[{}]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]+")
_BLOCK = re.compile(r"</?(?:p|div|br|li|tr|td|th|h[1-6]|ul|ol|table|blockquote)\b", re.IGNORECASE)
_OPAQUE = re.compile(r"<(style|script|xmp|iframe|noembed|noframes|textarea)\b", re.IGNORECASE)
_ENCODED = re.compile(r"%7B(?:(?!%7[BD])[^\"'<>\s])*%7D", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s([\w:-]{1,40})\s?=\s?\Z")
_PLACES = {"href": "address", "src": "address", "title": "attribute", "alt": "attribute"}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder as written (`raw`); its names are the registry's when it knows them."""

    entity: str
    name: str
    fallback: str | None
    raw: str

    @property
    def code(self) -> str:
        """ "Person.firstName"."""
        return f"{self.entity}.{self.name}"

    @property
    def is_known(self) -> bool:
        return fields.find(self.entity, self.name) is not None

    @property
    def label(self) -> str:
        """ "Contact: first name", or the code when nobody knows it."""
        known = fields.find(self.entity, self.name)
        return fields.label_of(known) if known else self.code


@dataclass(frozen=True, slots=True)
class Rendered:
    """The merged text, and the placeholders that had nothing to put (each code once)."""

    text: str
    missing: tuple[Placeholder, ...] = ()


def placeholders(text: str) -> list[Placeholder]:
    """Every placeholder of a text, plain or HTML, in order; also one cut up by tags."""
    return [found for match in _PLACEHOLDER.finditer(_bare(text)) if (found := _read(match))]


def check(text: str) -> list[str]:
    """The codes of the placeholders no record answers to, each once: "Person.frstName"."""
    return list(dict.fromkeys(p.code for p in placeholders(text) if not p.is_known))


def cut_up(html: str) -> list[Placeholder]:
    """The placeholders of an HTML text with formatting inside, which cannot be replaced."""
    whole = [p.code for kind, piece in _pieces(html) for p in _whole(kind, piece)]
    found = []
    for placeholder in placeholders(html):
        if placeholder.code in whole:
            whole.remove(placeholder.code)
        else:
            found.append(placeholder)
    return found


def named(text: str) -> str:
    """Plain text with the label of each placeholder in its place: "For [Deal: name]"."""

    def label(match: re.Match[str]) -> str:
        found = _read(match)
        return f"[{found.label}]" if found else match[0]

    return _PLACEHOLDER.sub(label, text)


def render_text(text: str, values: Values, *, one_line: bool = False) -> Rendered:
    """Plain text merged; `one_line` for a subject: no line end or control comes out of it."""
    merger = _Merger(values)
    merged = _PLACEHOLDER.sub(lambda match: merger.replace(match, "plain"), text)
    if one_line:
        merged = squeeze(_CONTROLS.sub(" ", merged))
    return Rendered(merged, merger.missing())


def render_html(html: str, values: Values, *, marked: bool = False) -> Rendered:
    """HTML merged, every value escaped (line ends become `<br>`, addresses are percent-encoded).

    `marked` shows what was put in, and what is missing, as a preview does. A placeholder cut up
    by tags stays as it is, and is among the missing.
    """
    merger = _Merger(values, marked=marked)
    out: list[str] = []
    for kind, piece in _pieces(html):
        out.append(merger.fill(kind, piece) if "{" in piece else piece)
    for placeholder in cut_up(html):
        merger.absent.setdefault(placeholder.code, placeholder)
    return Rendered("".join(out), merger.missing())


@dataclass(slots=True)
class _Merger:
    """Replaces placeholders one by one, and remembers what was missing."""

    values: Values
    marked: bool = False
    absent: dict[str, Placeholder] = field(default_factory=dict)

    def missing(self) -> tuple[Placeholder, ...]:
        return tuple(self.absent.values())

    def fill(self, kind: str, piece: str) -> str:
        if kind == "opaque":
            return piece
        if kind == "text":
            return _PLACEHOLDER.sub(lambda match: self.replace(match, "text"), piece)
        return _PLACEHOLDER.sub(lambda match: self.replace(match, _attribute_of(match)), piece)

    def replace(self, match: re.Match[str], place: str) -> str:
        placeholder = _read(match, is_html=place != "plain")
        if placeholder is None or not place:
            return match[0]
        value = self.values(placeholder.entity, placeholder.name) if placeholder.is_known else None
        if not value or not value.strip():
            value = placeholder.fallback or ""
            if placeholder.fallback is None:
                self.absent.setdefault(placeholder.code, placeholder)
        return self._written(placeholder, _settled(value), place)

    def _written(self, placeholder: Placeholder, value: str, place: str) -> str:
        if place == "text" and isinstance(value, SafeString):
            return str(value)
        plain = html_to_text(value) if isinstance(value, SafeString) else value
        if place == "plain":
            return plain
        if place == "address":
            return quote(plain, safe="@")
        if place == "attribute":
            return escape(plain)
        written = escape(plain).replace("\r\n", "\n").replace("\n", "<br>")
        return self._mark(placeholder, written) if self.marked else written

    def _mark(self, placeholder: Placeholder, written: str) -> str:
        if written or placeholder.fallback is not None:
            return f"<mark>{written}</mark>" if written else ""
        label = escape(_("%(field)s, empty") % {"field": placeholder.label})
        return f'<span class="var var--miss">{label}</span>'


def _read(match: re.Match[str], *, is_html: bool = False) -> Placeholder | None:
    """The placeholder matched, or None when it is an ordinary brace."""
    entity, path, fallback = match.groups()[:3] if match[1] else match.groups()[3:]
    name = _NO_NAME.sub("", path)[1:]
    is_spaced = len(name) + 1 != len(path)  # "{Cf. annex}" is ordinary text
    if not fields.is_entity(entity) and (is_spaced or not entity[0].isupper()):
        return None
    if fallback is not None:
        fallback = squeeze(unescape(fallback) if is_html else fallback)
    known = fields.find(entity, name)
    if known:
        return Placeholder(known.entity, known.name, fallback, match[0])
    return Placeholder(entity, name, fallback, match[0])


def _settled(value: str) -> str:
    """A value that looks like a placeholder, in brackets: what was merged may be merged again
    when it is sent, and nothing raw may leave."""
    if "{" not in value or isinstance(value, SafeString):
        return value
    return _PLACEHOLDER.sub(lambda m: f"({m[0].strip('{}')})" if _read(m) else m[0], value)


def _whole(kind: str, piece: str) -> Iterator[Placeholder]:
    """The placeholders of one piece that can be replaced where they stand."""
    if kind == "opaque" or "{" not in piece:
        return
    for match in _PLACEHOLDER.finditer(piece):
        if kind == "text" or _attribute_of(match):
            found = _read(match, is_html=True)
            if found:
                yield found


def _attribute_of(match: re.Match[str]) -> str:
    """ "address", "attribute" or "" (leave it), by the attribute a placeholder in a tag is in."""
    tag, at = match.string, match.start()
    for mark in ('"', "'"):
        quoted = tag.rfind(mark, max(0, at - 2_000), at)
        found = quoted > 0 and _ATTRIBUTE.search(tag[max(0, quoted - 50) : quoted])
        if found:
            return _PLACES.get(found[1].lower(), "")
    return ""


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """("text" | "tag" | "opaque", piece) of an HTML text, joined the same text again."""
    at, end = 0, len(html)
    while at < end:
        opening = html.find("<", at)
        if opening < 0:
            yield "text", html[at:]
            return
        if opening > at:
            yield "text", html[at:opening]
        kind, at = _tag_end(html, opening)
        piece = html[opening:at]
        yield kind, _ENCODED.sub(_decoded, piece) if kind == "tag" and "%7" in piece else piece


def _decoded(match: re.Match[str]) -> str:
    """A placeholder that an address bar has percent-encoded; anything else stays."""
    text = unquote(match[0])
    return text if _PLACEHOLDER.fullmatch(text) else match[0]


def _tag_end(html: str, opening: int) -> tuple[str, int]:
    """What begins at that "<", and where it ends."""
    if html.startswith("<!--", opening):
        return "opaque", _after(re.compile("-->"), html, opening + 4)
    following = html[opening + 1 : opening + 2]
    if not (following.isalpha() or following in ("/", "!", "?")):
        return "text", opening + 1
    opaque = _OPAQUE.match(html, opening)
    if opaque:
        closing = re.compile(f"</{opaque[1]}", re.IGNORECASE)
        return "opaque", _after(closing, html, opening)
    return "tag", _after(re.compile(">"), html, opening)


def _after(what: re.Pattern[str], html: str, start: int) -> int:
    found = what.search(html, start)
    return found.end() if found else len(html)


def _bare(text: str) -> str:
    """`text` without its tags and what nobody sees; tags that hold a brace stand at the end."""
    kept: list[str] = []
    tags: list[str] = []
    for kind, piece in _pieces(text):
        if kind == "text":
            kept.append(piece)
        elif kind == "tag":
            kept.append("\n" if _BLOCK.match(piece) else "")
            tags += [piece] if "{" in piece else []
    joined = _INVISIBLE.sub("", "\n".join(["".join(kept), *tags]))
    return unescape(joined) if "&" in joined else joined


def with_fallback(text: str, code: str, fallback: str, *, is_html: bool) -> str:
    """`text` with `fallback` written into the placeholders of that code that have none."""
    bare = squeeze(_BRACES.sub("", fallback))
    written = escape(bare) if is_html else bare

    def complete(match: re.Match[str]) -> str:
        found = _read(match, is_html=is_html)
        if found is None or found.code != code or found.fallback is not None:
            return match[0]
        return f"{{{found.code}|{written}}}"

    return _PLACEHOLDER.sub(complete, text)
