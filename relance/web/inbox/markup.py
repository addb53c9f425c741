"""The markup of a card and of a list row.

Written here rather than in a template because a page shows sixty of them: filled by `str.format`,
one costs about 10 µs, where thirty template variables cost 200. Every value is escaped by `fill`,
but those named in `_SAFE`, which are made in this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from relance.web.shell import assets

_SAFE = {"marks", "foot", "side", "sr", "addable", "dots", "css"}

_CARD = (
    '<li class="msg{css}" id="t{thread}" data-thread="{thread}" data-key="{key}"'
    ' data-stream="{stream}"{addable}>'
    '<span class="av av-{hue}" aria-hidden="true">{initials}</span>'
    '<div class="msg__top"><span class="msg__from ellip" title="{address}">{name}</span>'
    '<span class="msg__org ellip">{organisation}</span><time datetime="{iso}">{time}</time></div>'
    '<div class="msg__subj"><a class="ellip" href="{url}" data-visit dir="auto">{sr}{subject}</a>'
    "{marks}</div>"
    '<p class="msg__snip" dir="auto">{snippet}</p><div class="msg__foot">{foot}</div>{dots}</li>\n'
)
_ROW = (
    '<li class="urow{css}" id="t{thread}" data-thread="{thread}" data-key="{key}"'
    ' data-stream="{stream}" data-day="{day}"{addable}>'
    '<span class="av av-{hue}" aria-hidden="true">{initials}</span>'
    '<div class="urow__who"><span class="ellip" title="{address}">{name}</span>'
    '<span class="ellip">{under}</span></div>'
    '<div class="urow__tx"><a href="{url}" data-visit dir="auto">{sr}{subject}</a>'
    '<span class="ellip" dir="auto">{snippet}</span></div>'
    '<div class="urow__side">{side}{dots}</div><time datetime="{iso}">{time}</time></li>\n'
)


def fill(markup: str, values: Mapping[str, str]) -> SafeString:
    """`markup` with `values`, each escaped unless this module made it."""
    escaped = {k: v if k in _SAFE else escape(v) for k, v in values.items()}
    return SafeString(markup.format_map(escaped))


@dataclass(frozen=True, slots=True)
class Markup:
    """The pieces all cards of a page share, worded and addressed once."""

    sprite: str
    unread: str
    attachment: str
    add: str
    dots: str

    @classmethod
    def current(cls) -> Markup:
        sprite = escape(assets.asset("icons.svg"))
        icon = f'<svg class="i" aria-hidden="true"><use href="{sprite}#i-dots"/></svg>'
        return cls(
            sprite=sprite,
            unread=f'<span class="sr">{escape(_("Unread:"))}</span> ',
            attachment=escape(_("Has an attachment")),
            add=escape(_("Add to the CRM")),
            dots=(
                '<button class="icon-btn icon-btn--s msg__dots" type="button" data-row-menu'
                f' aria-haspopup="menu" aria-label="{escape(_("Actions"))}">{icon}</button>'
            ),
        )

    def card(self, values: Mapping[str, str]) -> SafeString:
        return fill(_CARD, values)

    def row(self, values: Mapping[str, str]) -> SafeString:
        return fill(_ROW, values)

    def icon(self, name: str) -> str:
        return f'<svg class="i" aria-hidden="true"><use href="{self.sprite}#i-{name}"/></svg>'

    def clip(self) -> str:
        """The paper clip, which is said aloud."""
        return (
            f'<svg class="i" role="img" aria-label="{self.attachment}">'
            f'<use href="{self.sprite}#i-clip"/></svg>'
        )

    def ribbon(self, amounts: list[str], rest: str) -> str:
        """The deal ribbon; without `rest` in a flat list."""
        shown = "".join(f"<b>{escape(amount)}</b>" for amount in amounts)
        tail = f"<span>{escape(rest)}</span>" if rest else ""
        return f'<span class="ribbon">{shown}{tail}</span>'

    def kind(self, icon: str, words: str) -> str:
        return f'<span class="kind">{self.icon(icon)}{escape(words)}</span>'

    def adder(self, url: str) -> str:
        href = f"{escape(url)}add/lead/"
        return f'<a class="hint-add" href="{href}" data-dialog>{self.icon("plus")}{self.add}</a>'
