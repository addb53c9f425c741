"""HTML of strangers, made safe to show: css-inline, then nh3 with styles read by tinycss2.

No script, style sheet, form, frame or event handler survives; nothing is loaded from elsewhere
before consent. `<style>` is never allowed through: its text would pass untouched.
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from relance.mime.plain import html_to_text

MAX_HTML = 2_000_000  # characters shown; the source stays available
_MAX_INLINED = 300_000  # characters; above, style sheets are dropped rather than inlined

TAGS = {
    *("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br"),
    *("caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn"),
    *("div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "area", "mark"),
    *("nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong"),
    *("sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u"),
    *("ul", "var", "wbr"),
}
_ANY = {"style", "align", "valign", "bgcolor", "color", "dir", "lang", "title", "width", "height"}
ATTRIBUTES = {
    "*": _ANY,
    "a": {"href", "name"},
    "area": {"href", "shape", "coords", "alt"},
    "img": {"src", "alt", "border", "hspace", "vspace", "usemap"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value", "type"},
    "map": {"name"},
    "blockquote": {"type", "cite"},
    "div": {"id", "class"},
    "span": {"class"},
    "p": {"class"},
}
_PROPERTIES = re.compile(
    r"^(?:background(?:-color)?|border(?:-[a-z-]+)?|color|direction|display|float|clear"
    r"|font(?:-[a-z]+)?|height|letter-spacing|line-height|list-style(?:-type)?|margin(?:-[a-z]+)?"
    r"|max-height|max-width|min-height|min-width|opacity|overflow(?:-[xyw][a-z]*)?"
    r"|padding(?:-[a-z]+)?|table-layout|text-[a-z]+|unicode-bidi|vertical-align|visibility"
    r"|white-space|width|word-[a-z]+|caption-side|empty-cells|box-sizing)$"
)
_UNSAFE_VALUE = re.compile(r"url|expression|image|attr\s*\(|\\|javascript|@import|env\s*\(", re.I)
_REMOTE_CSS = re.compile(r"url\s*\(\s*['\"]?\s*(?:https?:)?//", re.I)
_DATA_IMAGE = re.compile(r"^data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+$", re.I)
_SAFE_LINK = re.compile(r"^(?:https?|mailto|tel):", re.I)
_MAX_DEPTH = 1_500
_NESTING = re.compile(
    r"<(/?)(?!(?:br|hr|img|p|li|td|th|tr|dd|dt|meta|link|input|col|area|wbr|option)\b)[a-z][a-z0-9]*",
    re.IGNORECASE,
)
_STYLES = re.compile(r"<style\b|\bbgcolor\b|background(?:-color)?\s*[:=]", re.I)
_IMPORT = re.compile(r"@import\b[^;]{0,500};?", re.I)


@dataclass(slots=True)
class Sanitised:
    """Safe HTML; how many remote resources it wants; whether it brings its own colours."""

    html: str
    remote_count: int = 0
    has_own_colours: bool = False


@dataclass(slots=True)
class _Filter:
    """nh3's attribute filter, counting what it turns away."""

    cid_url: Callable[[str], str | None]
    allow_remote: bool
    remote_url: Callable[[str], str] | None
    remote: set[str] = field(default_factory=set)

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return clean_style(value) or None
        if tag == "img" and name == "src":
            return self._source(value.strip())
        if name == "href":
            return value if _SAFE_LINK.match(value.strip()) else None
        if name in ("class", "id"):
            return value if value in _KNOWN_MARKS else None
        return value

    def _source(self, value: str) -> str | None:
        if value[:4].lower() == "cid:":
            return self.cid_url(value[4:])
        if _DATA_IMAGE.match(value):
            return value
        if not value.lower().startswith(("http://", "https://", "//")):
            return None
        self.remote.add(value)
        if not self.allow_remote:
            return None
        return self.remote_url(value) if self.remote_url else value


_KNOWN_MARKS = {
    *("gmail_quote", "gmail_quote gmail_quote_container", "gmail_attr", "gmail_signature"),
    *("moz-cite-prefix", "moz-signature", "divRplyFwdMsg", "appendonsend", "yahoo_quoted"),
    *("zmail_extra", "protonmail_quote", "OutlookMessageHeader"),
}


def sanitise(
    html: str,
    *,
    cid_url: Callable[[str], str | None],
    allow_remote: bool = False,
    remote_url: Callable[[str], str] | None = None,
) -> Sanitised:
    """`html` made safe. `cid_url` gives the address of an inline image by its Content-ID, or None.

    Remote images are left out and counted until `allow_remote`. Never raises; what cannot be read
    as HTML comes out as its text.
    """
    import nh3

    source = html[:MAX_HTML]
    remote_styles = len(_REMOTE_CSS.findall(source))
    own_colours = bool(_STYLES.search(source))
    if _is_too_deep(source):
        return Sanitised(f"<pre>{html_module.escape(html_to_text(source))}</pre>")
    source = _inline_styles(source)
    attributes = _Filter(cid_url, allow_remote, remote_url)
    try:
        cleaned = nh3.clean(
            source,
            tags=TAGS,
            clean_content_tags={"script", "style", "title", "template", "noscript", "svg", "math"},
            attributes=ATTRIBUTES,
            attribute_filter=attributes,
            url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}, "area": {"target": "_blank"}},
        )
    except (ValueError, RecursionError):
        cleaned = f"<pre>{html_module.escape(source)}</pre>"
    return Sanitised(cleaned, len(attributes.remote) + remote_styles, own_colours)


def _is_too_deep(source: str) -> bool:
    """Nesting no person wrote: a tree builder's work grows with its square."""
    depth = 0
    for match in _NESTING.finditer(source):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False


def clean_style(value: str) -> str:
    """The declarations of a style attribute that are harmless: known properties, no addresses,
    nothing fixed over the page."""
    import tinycss2

    kept = []
    for item in tinycss2.parse_declaration_list(
        value[:5_000], skip_comments=True, skip_whitespace=True
    ):
        if item.type != "declaration" or not _PROPERTIES.match(item.lower_name):
            continue
        text = tinycss2.serialize(item.value).strip()
        if not _UNSAFE_VALUE.search(text):
            kept.append(f"{item.lower_name}:{text}")
    return ";".join(kept)


def _inline_styles(source: str) -> str:
    """Style sheets carried into style attributes, since the sheets themselves are dropped."""
    if "<style" not in source[:MAX_HTML].lower() or len(source) > _MAX_INLINED:
        return source
    import css_inline

    try:
        inliner = css_inline.CSSInliner(
            load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False
        )
        return inliner.inline(_IMPORT.sub("", source))
    except (css_inline.InlineError, ValueError):
        return source


_FRAME_STYLE = """
:root{color-scheme:light dark}
html{font:15px/1.62 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
body{margin:0;overflow-wrap:break-word;color:light-dark(#1a1c22,#ecedf1)}
img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}
a{color:light-dark(#2d49bf,#8fa4ff)}
blockquote{margin:.5em 0 .5em 0;padding-left:.9em;border-left:2px solid light-dark(#d8d4cb,#3a3e49)}
details.quoted>summary{display:inline-block;list-style:none;cursor:pointer;padding:0 .6em;
border-radius:999px;background:light-dark(#f0eee9,#262931);line-height:1.1}
details.quoted>summary::-webkit-details-marker{display:none}
body.own-colours{background:#fff;color:#1a1c22;color-scheme:light;padding:8px}
"""


def document_for_frame(body: Sanitised, *, theme: str = "", quote_label: str = "…") -> str:
    """The document to show in a sandboxed frame: `body` with its quotes folded, and our style.

    Serve it with its own Content-Security-Policy (`FRAME_POLICY`). A mail with colours of its own
    is shown on white paper, a plain one follows the theme ("light", "dark" or "" for the system).
    """
    from relance.mime.folding import fold_html

    scheme = f' style="color-scheme:{theme}"' if theme in ("light", "dark") else ""
    own = ' class="own-colours"' if body.has_own_colours else ""
    return (
        f'<!doctype html><html{scheme}><head><meta charset="utf-8">'
        '<meta name="referrer" content="no-referrer"><base target="_blank">'
        f"<style>{_FRAME_STYLE}</style></head>"
        f"<body{own}>{fold_html(body.html, label=quote_label)}</body></html>"
    )


FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups "
    "allow-popups-to-escape-sandbox allow-same-origin"
)
