"""Rich text that is kept: templates and signatures, as a form carries them.

With the script, `html` comes from its editor. Without it the text alone is written: what was not
touched keeps its looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from relance.mime.plain import html_to_text
from relance.mime.sanitise import sanitise
from relance.mime.text_html import text_to_html
from relance.writing import merge
from relance.writing.merge import Rendered, Values

_TAG = re.compile(r"<[a-z][^<>]*+>", re.IGNORECASE)
_STYLE = re.compile(r"(\s)style(=\")", re.IGNORECASE)
_CID = re.compile(r"(src=\")cid:([^\"]{1,255})\"")


@dataclass(frozen=True, slots=True)
class Tool:
    """A button of the formatting bar: `name` is what the script calls it."""

    name: str
    label: str | Promise
    icon: str


TOOLS = (
    Tool("bold", _("Bold"), "bold"),
    Tool("italic", _("Italic"), "italic"),
    Tool("bullets", _("Bulleted list"), "bullets"),
    Tool("link", _("Link"), "link"),
)
IMAGE = Tool("image", _("Image"), "image")


@dataclass(frozen=True, slots=True)
class Editor:
    """What `components/_editor.html` shows. `fields` is the address of the list of fields, `files`
    the one under which the text's own pictures are, named by `address_of` their Content-ID."""

    html: str
    label: str
    fields: str
    files: str = ""
    error: str = ""
    tools: tuple[Tool, ...] = TOOLS
    address_of: Callable[[str], str | None] | None = None

    @property
    def text(self) -> str:
        """For those without the script."""
        return html_to_text(self.html)

    @property
    def start(self) -> str:
        """The HTML to start from, cleaned again: it may be what a refused form brought."""
        safe = sanitise(self.html, cid_url=lambda name: f"cid:{name}", allow_remote=True).html
        return with_addresses(safe, self.address_of) if self.address_of else safe


def posted_html(data: QueryDict, before: str) -> str:
    """The HTML a form brought; `before` is what it was made from."""
    if "html" in data:
        return str(data["html"])
    text = data.get("text", "").replace("\r\n", "\n").strip()
    return before if text == html_to_text(before) else text_to_html(text)


def with_addresses(html: str, address_of: Callable[[str], str | None]) -> str:
    """Pictures named by Content-ID named by the address that shows them on a page."""

    def shown(match: re.Match[str]) -> str:
        address = address_of(match[2])
        return f'{match[1]}{address}"' if address else match[0]

    return _CID.sub(shown, html)


def preview(
    html: str, values: Values, *, address_of: Callable[[str], str | None] | None = None
) -> Rendered:
    """Kept or typed HTML as a page may show it, what was put in and what is missing marked.

    Nothing is loaded from elsewhere; styles travel as `data-style`, since the page's policy
    refuses them, and a script sets the harmless ones.
    """
    safe = sanitise(html, cid_url=address_of or (lambda _name: None), allow_remote=False)
    merged = merge.render_html(safe.html, values, marked=True)
    return Rendered(_TAG.sub(_hidden_style, merged.text), merged.missing)


def preview_subject(subject: str, values: Values) -> Rendered:
    """The same of a subject: HTML, escaped."""
    return merge.render_html(_escaped(subject), values, marked=True)


def as_markup(rendered: Rendered) -> SafeString:
    """What `preview` made, for a template to show: it was cleaned there."""
    return mark_safe(rendered.text)  # noqa: S308


def _hidden_style(match: re.Match[str]) -> str:
    return _STYLE.sub(r"\1data-style\2", match[0]) if "style" in match[0].lower() else match[0]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
