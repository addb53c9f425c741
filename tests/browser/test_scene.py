"""The scene the product is made for, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import EDITOR

pytestmark = pytest.mark.browser
World = Callable[..., dict[str, Any]]


def column(page: Page, slug: str) -> Any:
    return page.locator(f"#{slug} [data-thread]:visible")


def test_a_stranger_becomes_a_contact_then_a_potential_and_leaves_when_the_deal_is_won(
    page_at: Page,
) -> None:
    read_and_add_as_contact(page_at)
    create_a_deal(page_at)
    win_the_deal(page_at)
    ask_why(page_at)


def read_and_add_as_contact(page: Page) -> None:
    page.keyboard.press("4")
    expect(page.locator(".is-focus .msg__from")).to_have_text("Marion Petit")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Le hall")
    expect(page.locator("#messages")).to_contain_text("Nous rénovons notre hôtel.")
    page.keyboard.press("i")
    expect(page.locator("dialog [name=last_name]")).to_have_value("Petit")
    page.locator("dialog a:has-text('Contact')").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog button[type=submit]")).to_have_text("Add the contact")
    page.locator("dialog [name=last_name]").press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#ctx .pill")).to_have_text("Contact")
    page.keyboard.press("Escape")
    expect(column(page, "people").first).to_contain_text("Marion Petit")
    expect(page.locator(".is-focus .msg__from")).to_have_text("Marion Petit")


def create_a_deal(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.locator("#ctx .pill")).to_have_text("Contact")
    page.keyboard.press("d")
    page.locator("dialog [name=name]").fill("Hall et couloirs")
    page.locator("dialog [name=amount]").fill("9800")
    page.locator("dialog [name=amount]").press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#ctx .dealrow .money")).to_have_text("€9,800")
    page.keyboard.press("Escape")
    card = page.locator("#potentials [data-thread]", has_text="Marion Petit")
    expect(card.locator(".ribbon b")).to_have_text("€9,800")


def win_the_deal(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.locator("#ctx .pill")).to_have_text("Contact")
    page.locator("#ctx button:has-text('Won')").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Deal won")
    expect(page.locator("#ctx")).to_contain_text("No open deal.")
    page.keyboard.press("Escape")
    expect(page.locator("#potentials")).not_to_contain_text("Marion Petit")
    expect(page.locator("#people [data-thread]", has_text="Marion Petit")).to_be_visible()


def ask_why(page: Page) -> None:
    card = page.locator("#people [data-thread]", has_text="Marion Petit")
    card.hover()
    card.locator(".msg__act [data-row-menu]").click()
    page.locator("#row-menu [data-act=why]").click()
    expect(page.locator("#why")).to_contain_text("deal is won")


def test_new_mail_comes_by_itself_and_leaves_the_cursor_where_it_was(
    page_at: Page, world: World
) -> None:
    page = page_at
    page.keyboard.press("4")
    page.keyboard.press("j")
    before = page.locator(".is-focus").get_attribute("data-thread")
    world("receive", "new@nowhere.example", "Newcomer", "Just arrived")
    newest = column(page, "not-in-crm").first
    expect(newest).to_contain_text("Newcomer", timeout=6000)
    expect(page.locator("#announce")).to_contain_text("New mail from Newcomer")
    assert page.locator(".is-focus").get_attribute("data-thread") == before
    assert page.title().startswith("(")


def test_archive_from_the_list_moves_the_cursor_on_and_undo_brings_the_card_back(
    page_at: Page,
) -> None:
    page = page_at
    page.keyboard.press("4")
    first = page.locator(".is-focus").get_attribute("data-thread")
    page.keyboard.press("e")
    expect(page.locator("#toast")).to_contain_text("Archived")
    expect(page.locator(f"[data-thread='{first}']:visible")).to_have_count(0)
    assert page.locator(".is-focus").get_attribute("data-thread") != first
    page.keyboard.press("z")
    expect(page.locator(f"[data-thread='{first}']:visible")).to_have_count(1)


def test_trash_in_a_conversation_opens_the_next_one(page_at: Page) -> None:
    page = page_at
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Le hall")
    page.keyboard.press("#")
    expect(page.locator("h1")).to_have_text("Nasty one")
    page.keyboard.press("Escape")
    expect(page.locator("[data-board]")).to_be_visible()
    expect(page.locator(".is-focus .msg__from")).to_have_text("Evil")
    expect(page.locator("#not-in-crm")).not_to_contain_text("Marion Petit")


def answering(page: Page, text: str) -> None:
    """Open the first conversation of the fourth column and begin to answer it."""
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-compose-opener]")
    page.keyboard.press("r")
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type(text)


def test_a_reply_is_written_and_queued_and_says_so(page_at: Page) -> None:
    page = page_at
    answering(page, "Avec plaisir, jeudi.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#outgoing")).to_contain_text("Avec plaisir")
    expect(page.locator("#toast")).to_contain_text("Message sent")
    expect(page.locator("[data-compose-opener]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-board]")).to_be_visible()


def test_what_was_typed_survives_leaving_the_conversation(page_at: Page) -> None:
    page = page_at
    answering(page, "À moitié")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("[data-board]")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("[data-compose-resume]").click()
    expect(page.locator(EDITOR)).to_contain_text("À moitié")
