"""Tags of the pages that are made of forms: `{% load components %}`."""

from __future__ import annotations

from django import template
from django.forms import BoundField, CheckboxInput, Select, Textarea
from django.utils.safestring import SafeString

from relance.crm.custom_fields import label_of
from relance.crm.models.records import Record
from relance.web.components.custom_fields import Shown, shown

register = template.Library()


@register.simple_tag
def control(bound: BoundField, hint: str = "") -> SafeString:
    """The bare control of a setting, whose label and hint stand elsewhere on its line."""
    widget = bound.field.widget
    attrs: dict[str, str | bool] = {"class": "input"}
    if isinstance(widget, CheckboxInput):
        attrs = {"class": "switch", "role": "switch"}
    elif isinstance(widget, Select):
        attrs = {"class": "select"}
    elif isinstance(widget, Textarea):
        attrs = {"class": "textarea"}
    if hint:
        attrs["aria-describedby"] = f"{bound.id_for_label}_hint"
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=attrs)


@register.simple_tag
def custom_fields(record: Record) -> list[Shown]:
    """What a record says in the fields the administrator added."""
    return shown("", record)


register.simple_tag(label_of, name="custom_label")
