"""Style attributes of mail, read declaration by declaration; only harmless ones are kept."""

import re
from functools import lru_cache

MAX_STYLE = 5_000
_MOST_BRACKETS = 40
_PROPERTY = re.compile(
    r"(?:background(?:-color)?|border(?:-[a-z-]+)?|color|direction|display|float|clear"
    r"|font(?:-[a-z]+)?|height|letter-spacing|line-height|list-style(?:-type|-position)?"
    r"|margin(?:-[a-z]+)?|max-height|max-width|min-height|min-width|opacity|overflow(?:-[xyw][a-z]*)?"
    r"|padding(?:-[a-z]+)?|table-layout|text-[a-z-]+|unicode-bidi|vertical-align|visibility"
    r"|white-space|width|word-[a-z]+|caption-side|empty-cells|box-sizing|hyphens|quotes)"
)
_FUNCTION = re.compile(r"([\w-]+)\s*\(")
_FUNCTIONS = set("rgb rgba hsl hsla hwb lab lch oklab oklch calc min max clamp".split()) | {
    "linear-gradient",
    "radial-gradient",
}
# What loads something or hides a name: refused beside the short list of functions above.
_LOADS = re.compile(
    r"url|src\s*\(|image|expression|attr\s*\(|env\s*\(|element\s*\(|paint\s*\(|cross-fade|\\|/\*|[<>@{}]"
    r"|javascript|-moz-binding|behaviou?r",
    re.IGNORECASE,
)
_SIMPLE = re.compile(r"(?:[\w\s:;#.,%!-]|\([\w\s#.,%+-]*+\))*+")  # what needs no parser


def clean_style(value: str) -> str:
    """The declarations of a style attribute that are harmless: known properties (no positioning),
    no address, no function that loads. "" when nothing is left."""
    value = value[:MAX_STYLE]
    return _clean_cached(value) if len(value) <= 300 else _clean(value)


def _clean(value: str) -> str:
    if _SIMPLE.fullmatch(value):
        pairs = [declaration.partition(":") for declaration in value.split(";")]
        declarations = [(name.strip().lower(), text.strip()) for name, _, text in pairs]
    else:
        declarations = _parsed(value)
    return ";".join(f"{name}:{text}" for name, text in declarations if _is_harmless(name, text))


_clean_cached = lru_cache(maxsize=1024)(_clean)


def _parsed(value: str) -> list[tuple[str, str]]:
    # tinycss2 serialises by recursion, so nesting no person wrote is refused unread.
    if value.count("(") + value.count("[") + value.count("{") > _MOST_BRACKETS:
        return []
    import tinycss2

    items = tinycss2.parse_declaration_list(value, skip_comments=True, skip_whitespace=True)
    return [
        (item.lower_name, tinycss2.serialize(item.value).strip() + _importance(item.important))
        for item in items
        if item.type == "declaration"
    ]


def _importance(important: bool) -> str:
    return " !important" if important else ""


def _is_harmless(name: str, text: str) -> bool:
    if not text or not _PROPERTY.fullmatch(name) or _LOADS.search(text):
        return False
    return "(" not in text or all(f.lower() in _FUNCTIONS for f in _FUNCTION.findall(text))
