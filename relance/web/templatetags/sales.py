"""What the pages of sales documents write: numbers, and the inputs of a line."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.forms import BoundField, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString

from relance.web.sales.forms import shown
from relance.web.templatetags.relance import icon

register = template.Library()


@register.filter
def plainly(value: Decimal) -> str:
    """A number without the zeros that say nothing."""
    return shown(value)


@register.simple_tag
def docline(bound: BoundField, number: int) -> SafeString:
    """The small input of one line, named for those who do not see its heading."""
    css = "textarea" if isinstance(bound.field.widget, Textarea) else "input input--s"
    attrs: dict[str, str | bool] = {"class": css, "aria-label": f"{bound.label}, {number}"}
    if not bound.errors:
        return SafeString(bound.as_widget(attrs=attrs))
    described = f"{bound.id_for_label}_error"
    attrs |= {"aria-invalid": "true", "aria-describedby": described}
    words = " ".join(str(error) for error in bound.errors)
    error = '<span class="err" id="{}">{}<span>{}</span></span>'
    return bound.as_widget(attrs=attrs) + format_html(error, described, icon("alert"), words)
