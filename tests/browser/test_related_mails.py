"""The mails of a record, and the deal of a conversation, by mouse."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_conversation_is_linked_and_stands_on_the_page_of_its_deal(
    open_page: Callable[..., Page], width: int
) -> None:
    page = open_page("/", width=width)
    page.locator("[data-thread] a[href*='/threads/']").first.click()
    chip = page.locator("#deal-chip details:has(> summary [href$='#i-euro'])")
    expect(chip).to_contain_text(re.compile("Link to a deal|Rattacher"))
    chip.locator("summary").click()
    shot(page, f"chip-menu-{width}")
    chip.locator("form button").first.click()
    expect(chip.locator(".pill--money")).to_contain_text("Entrepôt")
    expect(page.locator("#toast")).to_contain_text("Entrepôt")
    shot(page, f"chip-{width}")
    chip.locator("summary").click()
    chip.locator("a[href^='/deals/']").click()
    rows = page.locator("#mails-rows .relrow")
    expect(rows.first).to_be_visible()
    rows.first.scroll_into_view_if_needed()
    shot(page, f"deal-mails-{width}")
    page.locator("#mails [name=q]").fill("zzzz")
    expect(page.locator("#mails-rows .relmails__none")).to_be_visible()
    page.locator("#mails [name=q]").fill("")
    expect(rows.first).to_be_visible()
    page.locator("#mails .seg a").nth(1).click()
    expect(page.locator("#mails .seg [aria-current]")).to_contain_text("Garnier")
    rows.first.locator("a").click()
    expect(page.locator("#messages")).to_be_visible()


def test_any_deal_is_found_in_a_dialog(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.locator("[data-thread] .msg__subj a").last.click()
    expect(page.locator("#messages")).to_be_visible()
    expect(page.locator("#deal-chip summary")).to_have_count(0)
    page.locator(".toolbar details.drop > summary").click()
    page.locator(".toolbar .menu a[href$='/deal/choose/']").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=q]").fill("entrep")
    dialog.locator("[name=record]").first.check()
    shot(page, "link-dialog")
    dialog.locator(".btn--primary").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#deal-chip .pill--money")).to_contain_text("Entrepôt")


def test_a_conversation_is_given_to_a_contact_found_in_the_dialog(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/")
    page.locator("[data-thread] .msg__subj a").last.click()
    page.locator("#deal-chip > a[data-dialog]").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".seg a").nth(2).click()
    expect(dialog.locator(".seg a").nth(2)).to_have_attribute("aria-current", "true")
    dialog.locator("[name=q]").fill("garnier")
    dialog.locator("[name=record][value^='person:']").first.check()
    shot(page, "contact-dialog")
    dialog.locator(".btn--primary").click()
    expect(dialog).to_have_count(0)
    owner = page.locator("#deal-chip details:has(> summary [href$='#i-user'])")
    expect(owner).to_contain_text("Garnier")
    owner.locator("summary").click()
    owner.locator("form button").click()
    expect(owner).to_have_count(0)
