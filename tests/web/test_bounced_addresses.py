"""A record says of each address what stands against it, and who may free it."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm.models import Person
from relance.users.models import User


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def address() -> EmailAddress:
    return EmailAddress.objects.get(address="e.garnier@meunier.example")


def test_a_sound_address_says_nothing(as_bob: Client, eloise: Person) -> None:
    assert "Unblock" not in text(as_bob.get(eloise.get_absolute_url()))


def test_an_address_that_does_not_exist_says_so_and_an_administrator_may_free_it(
    as_alice: Client, as_bob: Client, eloise: Person
) -> None:
    suppression.mark_invalid(address().pk)
    for_alice, for_bob = (text(c.get(eloise.get_absolute_url())) for c in (as_alice, as_bob))
    assert "The address does not exist" in for_bob
    assert "Unblock" not in for_bob
    assert "Unblock" in for_alice


def test_a_blocked_address_is_freed_by_whoever_may_send(
    as_bob: Client, bob: User, eloise: Person
) -> None:
    suppression.mark_blocked(address().pk)
    page = as_bob.get(eloise.get_absolute_url())
    assert "Blocked after a bounce" in text(page)
    assert f"/outgoing/addresses/{address().pk}/unblock/" in page.content.decode()
    User.objects.filter(pk=bob.pk).update(may_send=False)
    assert "Unblock" not in text(as_bob.get(eloise.get_absolute_url()))


def test_an_address_that_opted_out_is_nobodys_to_free(as_alice: Client, eloise: Person) -> None:
    suppression.mark_opted_out(address().pk)
    page = text(as_alice.get(eloise.get_absolute_url()))
    assert "Unsubscribed" in page
    assert "Unblock" not in page
