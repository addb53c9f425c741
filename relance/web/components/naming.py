"""Fields in which one names a record in words, with proposals while one types.

They work without JavaScript too: what is typed is looked up when the form arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from relance.addresses import book
from relance.crm import access
from relance.crm.models import Person, PersonAddress
from relance.lib.text import fold, squeeze
from relance.users.models import User
from relance.web.components.lists import matching

PROPOSED = 8
_IN_BRACKETS = re.compile(r"<([^<>]+)>\s*$")


class ProposingInput(forms.TextInput):
    """A text input that lists what `url_name` proposes for what is typed."""

    template_name = "components/proposing_input.html"

    def __init__(self, url_name: str) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.url_name = url_name

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["proposals_url"] = f"{reverse(self.url_name)}?field={name}"
        return context


class PersonField(forms.CharField):
    """Names one readable person: `Name <address>`, an address, or a name only one has."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, widget=ProposingInput("people:proposals"), **kwargs)
        self.viewer: User | None = None

    def clean(self, value: Any) -> Any:
        """The `Person`, or None when nothing was written. Raises ValidationError."""
        text = squeeze(super().clean(value))
        if not text:
            return None
        assert self.viewer is not None
        found = list(people_named(self.viewer, text)[:2])
        if not found:
            raise ValidationError(_("Nobody is named so. Choose from the list, or create them."))
        if len(found) > 1:
            raise ValidationError(_("Several people are named so. Write the e-mail address."))
        return found[0]


def people_named(viewer: User, text: str) -> QuerySet[Person]:
    """The readable people that `text` names: by address when it holds one, else by full name."""
    people = access.people_for(viewer).filter(converted_at=None)
    people = people.select_related("company").order_by("pk")
    name, address = text, ""
    if in_brackets := _IN_BRACKETS.search(text):
        name, address = text[: in_brackets.start()].strip(), in_brackets[1]
    elif "@" in text:
        name, address = "", text
    if address:
        people = people.filter(addresses__address=book.normalise(address)).distinct()
    if not name:
        return people
    return people.filter(
        pk__in=[p.pk for p in matching(people, name)[:200] if fold(p.name) == fold(name)]
    )


def typed(request: HttpRequest) -> str:
    """What was typed so far, for a view that answers a `ProposingInput`."""
    return squeeze(request.GET.get(request.GET.get("field", "q"), ""))[:200]


def proposed_people(viewer: User, query: str) -> list[str]:
    """What a `PersonField` may be filled with, for what was typed so far."""
    people = matching(access.people_for(viewer).filter(converted_at=None), query)
    people = people.prefetch_related(primary_addresses()).order_by("last_name", "first_name", "pk")
    return [name_of(person) for person in people[:PROPOSED]]


def proposed_companies(viewer: User, query: str) -> list[str]:
    """Names of accounts, for what was typed so far."""
    companies = matching(access.companies_for(viewer), query).order_by("name", "pk")
    return list(companies.values_list("name", flat=True)[:PROPOSED])


def primary_addresses() -> Prefetch[Any]:
    """Prefetches the primary address of people into `primary_links`."""
    links = PersonAddress.objects.filter(is_primary=True).select_related("address")
    return Prefetch("address_links", queryset=links, to_attr="primary_links")


def primary_address(person: Person) -> str:
    """The person's primary address, "" when there is none; prefetched or not."""
    links: Iterable[PersonAddress] | None = getattr(person, "primary_links", None)
    if links is None:
        links = person.address_links.filter(is_primary=True).select_related("address")
    return next((link.address.address for link in links), "")


def name_of(person: Person) -> str:
    """`Name <address>`: what names a person without doubt."""
    address = primary_address(person)
    return f"{person.name} <{address}>" if address else person.name
