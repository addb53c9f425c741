"""Template tags and filters of every page; loaded as builtins, so no template loads them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from relance.lib import text
from relance.web.shell import assets, wording

register = template.Library()
asset = register.simple_tag(assets.asset, name="asset")
money = register.filter("money", wording.money)
number = register.filter("number", wording.number)
filesize_short = register.filter("filesize_short", wording.filesize)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One of the drawn icons, hidden from screen readers: `{% icon "bell" %}`."""
    return _icon(name, css, assets.asset("icons.svg"))


@lru_cache(maxsize=512)
def _icon(name: str, css: str, sprite: str) -> SafeString:
    """A page has fifty of them, of a few dozen kinds."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, sprite, name
    )


@register.simple_tag
def avatar(name: str, key: str, css: str = "") -> SafeString:
    """A round avatar with the initials of `name`, in the hue of `key` (an e-mail address)."""
    return format_html(
        '<span class="av av-{} {}" aria-hidden="true">{}</span>',
        text.hue(key or name),
        css,
        text.initials(name),
    )


@register.filter
def when(at: datetime | None) -> SafeString | str:
    """10:31, yesterday, Tue or 27 Nov, in a `<time>` that says the whole."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        wording.moment(at),
        wording.Calendar.current().when(at),
    )


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """The full date and time, in a `<time>`."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), wording.moment(at)
    )


@register.filter
def day(on: date | None) -> SafeString | str:
    """A short date: 27 Nov, with its year when that is not this one."""
    if on is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', on.isoformat(), wording.Calendar.current().day(on)
    )


@register.inclusion_tag("shell/_field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, object]:
    """A form control with its label, help and errors, as the design draws them."""
    widget = bound.field.widget
    is_group = isinstance(widget, RadioSelect)
    css = "textarea" if isinstance(widget, Textarea) else "input"
    if isinstance(widget, Select) and not is_group:
        css = "select"
    is_check = isinstance(widget, CheckboxInput)
    attrs: dict[str, str | bool] = (
        {} if is_check else {"class": f"{css} {widget.attrs.get('class', '')}".strip()}
    )
    hint = hint or str(bound.help_text)
    described = [f"{bound.id_for_label}_hint"] if hint else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "hint": hint,
        "is_check": is_check,
        "is_group": is_group,
    }


@register.simple_tag
def unread_words(count: int) -> str:
    return (
        ngettext("%(n)s unread", "%(n)s unread", count) % {"n": wording.number(count)}
        if count
        else ""
    )


@register.filter
def amount_of(value: object) -> SafeString | str:
    """An amount with its currency, in green: anything with `.amount` and `.currency`."""
    amount = getattr(value, "amount", None)
    if not isinstance(amount, Decimal):
        return ""
    return format_html(
        '<span class="money">{}</span>', wording.money(amount, getattr(value, "currency", ""))
    )
