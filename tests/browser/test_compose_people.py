"""Recipients: typed, proposed, pasted by the dozen, refused, and used without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import paste, saved, write_new

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
TO = "[data-compose-line=to]"


def test_an_at_sign_names_a_record(page_at: Page) -> None:
    write_new(page_at)
    to = page_at.get_by_role("combobox", name="To")
    page_at.keyboard.type("@elo")
    option = page_at.locator(f"{TO} [role=option]")
    expect(option).to_contain_text("Éloïse Garnier")
    expect(to).to_have_attribute("aria-expanded", "true")
    expect(to).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    page_at.keyboard.press("Enter")
    chip = page_at.locator(f"{TO} .chip")
    expect(chip).to_have_text("ÉGÉloïse Garnier")
    assert (chip.get_attribute("data-record") or "").startswith("person:")
    expect(to).to_have_attribute("aria-expanded", "false")
    expect(to).to_be_focused()


def test_an_at_sign_inside_an_address_names_nobody(page_at: Page) -> None:
    write_new(page_at)
    asked: list[str] = []
    page_at.on("request", lambda request: asked.append(request.url))
    page_at.keyboard.type("jean@elo")
    page_at.wait_for_timeout(400)
    assert not [url for url in asked if "suggest" in url and "at=1" in url]


def test_fifty_addresses_are_pasted_at_once(page_at: Page) -> None:
    write_new(page_at)
    some = [f"Nom {n} <n{n}@liste.example>" for n in range(20)]
    others = [f'"Doe, John {n}" <j{n}@liste.example>' for n in range(10)]
    bare = [f"b{n}@liste.example" for n in range(19)]
    text = "; ".join(some) + ",\n" + ", ".join(others) + ";" + "\n".join(bare) + "; pas une adresse"
    paste(page_at, text_plain=text)
    chips = page_at.locator(f"{TO} .chip")
    expect(chips).to_have_count(50)
    expect(chips.nth(20)).to_contain_text("Doe, John 0")
    expect(page_at.locator(f"{TO} .chip--warn")).to_have_count(1)
    expect(page_at.locator(f"{TO} .chip--warn")).to_contain_text("is not an e-mail address")
    paste(page_at, text_plain="B0@liste.example; new@liste.example")
    expect(chips).to_have_count(51)  # the same address is taken once
    saved(page_at)


def test_chips_are_removed_walked_and_corrected_by_keys(page_at: Page) -> None:
    write_new(page_at)
    to = page_at.get_by_role("combobox", name="To")
    page_at.keyboard.type("a@x.example,b@x.example;Marc <c@x.example>")
    page_at.keyboard.press("Enter")
    chips = page_at.locator(f"{TO} .chip")
    expect(chips).to_have_count(3)
    page_at.keyboard.press("Backspace")
    expect(chips).to_have_count(2)
    page_at.keyboard.press("ArrowLeft")
    expect(chips.nth(1)).to_be_focused()
    page_at.keyboard.press("ArrowLeft")
    page_at.keyboard.press("Delete")
    expect(chips).to_have_count(1)
    expect(chips.first).to_be_focused()
    page_at.keyboard.press("Enter")
    expect(to).to_have_value("b@x.example")
    expect(to).to_be_focused()
    page_at.keyboard.press("Escape")
    expect(page_at.locator("dialog")).to_have_count(0)  # kept with the draft


def test_copies_are_opened_and_hidden_ones_too(page_at: Page) -> None:
    dialog = write_new(page_at)
    expect(page_at.locator("[data-compose-line=bcc]")).to_be_hidden()
    dialog.get_by_role("button", name="Bcc").click()
    expect(page_at.get_by_role("combobox", name="Bcc")).to_be_focused()
    page_at.keyboard.type("secret@x.example ")
    page_at.keyboard.press("Enter")
    expect(page_at.locator("[data-compose-line=bcc] .chip")).to_have_count(1)
    expect(dialog.get_by_role("button", name="Bcc", exact=True)).to_be_hidden()
