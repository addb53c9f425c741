"""Pictures in a template's text: named by Content-ID where it is kept, by address on a page."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.urls import reverse

from relance.writing.models import Template

_ADDRESS = re.compile(r"(src=\")[^\"]{0,300}?/templates/(\d{1,18})/files/(\d{1,18})/\"")


def folder(template: Template | None) -> str:
    """The address below which the template's pictures are shown."""
    return f"{reverse('templates:edit', args=[template.pk])}files/" if template else ""


def addresses(template: Template | None) -> Callable[[str], str | None]:
    """Says where the picture of a Content-ID is shown."""
    known = {
        row.content_id: reverse("templates:file", args=[template.pk, row.pk])
        for row in (template.attachments.filter(is_inline=True) if template else ())
        if template
    }
    return known.get


def to_kept(html: str, template: Template | None) -> str:
    """Addresses of the template's own pictures made Content-IDs again."""
    if template is None or "/files/" not in html:
        return html
    inline = template.attachments.filter(is_inline=True)
    names = {str(pk): name for pk, name in inline.values_list("pk", "content_id")}

    def kept(match: re.Match[str]) -> str:
        name = names.get(match[3]) if match[2] == str(template.pk) else None
        return f'{match[1]}cid:{name}"' if name else match[0]

    return _ADDRESS.sub(kept, html)
