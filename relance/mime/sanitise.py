"""HTML of strangers, made safe to show: css-inline, then nh3 with styles read one by one.

No script, style sheet, form, frame or event handler survives; nothing is loaded from elsewhere
before consent. `<style>` is never allowed through: its text would pass untouched, so that sheets
are carried into style attributes first.
"""

import html as _html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from relance.mime.folding import fold_html
from relance.mime.plain import html_to_text
from relance.mime.shape import is_buildable
from relance.mime.styles import clean_style

MAX_HTML = 2_000_000
"""Characters shown; the source stays available."""

_MAX_INLINED = 500_000
_MAX_MATCHES = 5_000_000
_MAX_COPIED = 60_000_000
_MAX_STYLES = 10_000

TAGS = {
    *("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br"),
    *("caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn"),
    *("div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "area", "mark"),
    *("nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong"),
    *("sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u"),
    *("ul", "var", "wbr"),
}
_MARKED = ("div", "span", "p", "blockquote", "table", "hr", "td", "a", "font", "section")
_ANY = {"style", "align", "valign", "bgcolor", "color", "dir", "lang", "title", "width", "height"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": _ANY,
    **{tag: {"id", "class", "data-marker"} for tag in _MARKED},
    "a": {"href", "name", "id", "class"},
    "area": {"href", "shape", "coords", "alt"},
    "img": {"src", "alt", "border", "hspace", "vspace", "usemap"},
    "table": {"border", "cellpadding", "cellspacing", "summary", "id", "class"},
    "td": {"colspan", "rowspan", "nowrap", "id", "class"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size", "id", "class"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value", "type"},
    "map": {"name"},
    "blockquote": {"type", "id", "class"},
}
_WITHOUT_CONTENT = {
    *("script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object"),
    *("select", "textarea", "audio", "video", "applet", "noembed", "noframes", "xmp", "head"),
}
# What quoting clients write on their quotes; any other class or id is dropped.
_MARKS = re.compile(
    r"\b(?:x_)*(?:gmail_quote|gmail_quote_container|gmail_attr|gmail_signature|gmail_extra"
    r"|moz-cite-prefix|moz-forward-container|moz-signature|divRplyFwdMsg|appendonsend|yahoo_quoted"
    r"|zmail_extra|protonmail_quote|OutlookMessageHeader|OLK_SRC_BODY_SECTION|tutanota_quote"
    r"|zwchr|__QUOTED_TEXT__|__HEADERS__|__DIVIDER__)(?![\w-])"
)
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+", re.I)
_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_SPACES_OR_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
_COLOURS = re.compile(
    r"\b(?:bgcolor|color)=\"|style=\"[^\"]{0,5000}?(?<![a-z-])(?:background|color)\b", re.I
)
_STYLE_SHEET = re.compile(r"<style\b[^<>]*>", re.IGNORECASE)
_STYLE_END = re.compile(r"</style", re.IGNORECASE | re.ASCII)
_LINK_TAG = re.compile(r"<(?:link|base|meta)\b[^<>]*>", re.IGNORECASE)
_BODY_TAG = re.compile(r"<body\b([^<>]*)>", re.IGNORECASE)
_BODY_ATTRIBUTE = re.compile(
    r"\b(bgcolor|text|style)\s{0,5}=\s{0,5}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I
)
_COLOUR_VALUE = re.compile(r"#?[\w-]{1,40}")
_THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Sanitised:
    """Safe HTML; how many remote images it wants, shown or not; whether it brings colours of its
    own, and so wants white paper under it; whether its remote images are shown."""

    html: str
    remote_count: int = 0
    has_own_colours: bool = False
    shows_remote: bool = False


@dataclass(slots=True)
class _Filter:
    """nh3's attribute filter, counting what it turns away."""

    cid_url: Callable[[str], str | None]
    allow_remote: bool
    remote_url: Callable[[str], str] | None
    remote: set[str] = field(default_factory=set)
    styles: int = 0

    def __call__(self, _tag: str, name: str, value: str) -> str | None:
        if name == "style":
            self.styles += 1
            return clean_style(value) or None if self.styles <= _MAX_STYLES else None
        if name == "src":
            return self._source(value.strip())
        if name == "href":
            bare = _SPACES_OR_CONTROLS.sub("", value[:40])
            return value.strip() if _LINK.match(bare) else None
        if name in ("class", "id", "data-marker"):
            return " ".join(m[0] for m in _MARKS.finditer(value[:500])) or None
        return value[:2_000]

    def _source(self, value: str) -> str | None:
        if value[:4].lower() == "cid:":
            return self.cid_url(unquote(value[4:]))
        if _DATA_IMAGE.fullmatch(value):
            return value
        if value.startswith("//"):
            value = f"https:{value}"
        if not value.lower().startswith(("http://", "https://")):
            return None
        self.remote.add(value)
        if not self.allow_remote:
            return None
        return self.remote_url(value) if self.remote_url else value


def sanitise(
    html: str,
    *,
    cid_url: Callable[[str], str | None],
    allow_remote: bool = False,
    remote_url: Callable[[str], str] | None = None,
) -> Sanitised:
    """`html` made safe. `cid_url` gives the address of an inline image by its Content-ID, or None.

    Remote images are left out and counted until `allow_remote`; then `remote_url`, when given,
    says where each is to be fetched instead. Style sheets, fonts and images named by CSS are
    never loaded. Never raises; what cannot be built as HTML comes out as its text.
    """
    source = html[:MAX_HTML]
    if not is_buildable(source):
        return Sanitised(f"<pre>{_html.escape(html_to_text(source))}</pre>")
    source = _body_as_division(_inline_styles(source))
    attributes = _Filter(cid_url, allow_remote, remote_url)
    cleaned = _clean(source, attributes)
    colours = bool(_COLOURS.search(cleaned))
    return Sanitised(cleaned, len(attributes.remote), colours, allow_remote)


def _clean(source: str, attributes: _Filter) -> str:
    import nh3

    return nh3.clean(
        source,
        tags=TAGS,
        clean_content_tags=_WITHOUT_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=attributes,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "area": {"target": "_blank"}},
    )


def _inline_styles(source: str) -> str:
    """Style sheets carried into style attributes. The work is the number of rules times that of
    elements, and the result may be as long as sheets times elements: beyond what a person
    designs, the sheets are dropped instead."""
    if len(source) > _MAX_INLINED or not _STYLE_SHEET.search(source):
        return source
    sheets = _sheets(source)
    elements = source.count("<")
    rules = sheets.count("{") + sheets.count(",")
    if rules * elements > _MAX_MATCHES or len(sheets) * elements > _MAX_COPIED:
        return source
    import css_inline

    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False
    )
    try:
        inlined = inliner.inline(_LINK_TAG.sub("", source))
    except (css_inline.InlineError, ValueError):
        return source
    return inlined if len(inlined) <= 2 * MAX_HTML else source


def _sheets(source: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _STYLE_SHEET.finditer(source):
        if match.start() >= end:
            closing = _STYLE_END.search(source, match.end())
            end = closing.start() if closing else len(source)
            pieces.append(source[match.end() : end])
    return "".join(pieces)


def _body_as_division(source: str) -> str:
    """The body's own colours kept: light text on the mail's dark paper must not lose the paper."""
    match = _BODY_TAG.search(source)
    if not match:
        return source
    found = {
        m[1].lower(): m[2] or m[3] or m[4] or "" for m in _BODY_ATTRIBUTE.finditer(match[1][:9_000])
    }
    styles = [
        f"{name}:{value.strip()}"
        for name, value in (
            ("background-color", found.get("bgcolor", "")),
            ("color", found.get("text", "")),
        )
        if _COLOUR_VALUE.fullmatch(value.strip())
    ]
    style = ";".join([*styles, _html.unescape(found.get("style", ""))])
    division = f'<div style="{_html.escape(style)}">' if style else "<div>"
    return source[: match.start()] + division + source[match.end() :]


_FRAME_STYLE = """
:root{color-scheme:light dark}
html{font:15px/1.62 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
body{margin:0;overflow-wrap:break-word;color:light-dark(#1a1c22,#ecedf1)}
p{margin:0 0 .75em}img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}
a{color:light-dark(#2d49bf,#8fa4ff)}
blockquote{margin:.5em 0;padding-inline-start:.9em;
border-inline-start:2px solid light-dark(#d8d4cb,#3a3e49);color:light-dark(#5d6068,#a5a8b2)}
.signature{color:light-dark(#5d6068,#a5a8b2)}
details.quoted>summary{display:inline-block;list-style:none;cursor:pointer;padding:0 .6em .2em;
border-radius:999px;background:light-dark(#f0eee9,#262931);line-height:1.1}
details.quoted>summary::-webkit-details-marker{display:none}
body.own-colours{background:#fff;color:#1a1c22;color-scheme:light;padding:8px}
"""
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups "
    "allow-popups-to-escape-sandbox allow-same-origin"
)
"""The header to serve the document with; scripts never run there, whatever it holds."""


def document_for_frame(body: Sanitised, *, theme: str = "", quote_label: str = "…") -> str:
    """The document to show in a sandboxed frame: `body` with its quotes folded, and our style.

    A mail with colours of its own is shown on white paper, a plain one follows the theme
    ("light", "dark", or "" for the system's). It carries a policy itself, besides the header it
    should be served with (`FRAME_POLICY`); images from elsewhere only when `body` shows them.
    """
    scheme = f' style="color-scheme:{theme}"' if theme in _THEMES else ""
    own = ' class="own-colours"' if body.has_own_colours else ""
    images = "'self' data: https: http:" if body.shows_remote else "'self' data:"
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html><html{scheme}><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_html.escape(policy)}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_FRAME_STYLE}</style></head>"
        f"<body{own}>{fold_html(body.html, label=quote_label)}</body></html>"
    )
