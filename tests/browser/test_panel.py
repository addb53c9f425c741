"""The panel beside a conversation: by keyboard, edited where it is read, without losing a draft."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import EDITOR
from tests.browser.test_pages import violations

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def test_the_panel_by_keyboard_and_a_field_edited_while_a_draft_is_open(page_at: Page) -> None:
    page = page_at
    page.locator("#potentials [data-thread] a[data-visit]").first.click()
    expect(page.locator("#ctx .whocard")).to_contain_text("Éloïse Garnier")
    for tab, shown in (("conversations", ".convrow"), ("timeline", ".tl li"), ("info", ".whocard")):
        page.keyboard.press("p")
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
        expect(page.locator(f"#ctx {shown}").first).to_be_visible()
        assert violations(page, "#ctx") == []
    page.keyboard.press(".")
    expect(page.locator("#ctx")).to_be_hidden()
    page.reload()
    expect(page.locator("#ctx")).to_be_hidden()
    page.keyboard.press(".")
    expect(page.locator("#ctx .whocard")).to_be_visible()
    page.keyboard.press("r")
    page.locator(EDITOR).press_sequentially("Bonjour Éloïse")
    page.locator("#ctx .who .fieldline__pen").focus()
    page.keyboard.press("Enter")
    page.locator("#ctx [name=title]").fill("Directrice")
    page.locator("#ctx [name=title]").press("Enter")
    expect(page.locator("#ctx .who p")).to_contain_text("Directrice")
    page.locator("#ctx [data-new-task]").click()
    page.locator("dialog [name=name]").fill("Rappeler Éloïse")
    page.locator("dialog [name=name]").press("Enter")
    expect(page.locator("#ctx .todo")).to_contain_text("Rappeler Éloïse")
    expect(page.locator(EDITOR)).to_contain_text("Bonjour Éloïse")


def test_on_a_phone_the_strip_says_what_is_open_and_leads_back_to_a_mail(
    open_page: OpenPage,
) -> None:
    page = open_page("/", width=390, height=844, has_touch=True)
    page.locator("#potentials [data-thread] a[data-visit]").first.tap()
    strip = page.locator(".ctxstrip")
    expect(strip).to_contain_text("€48,000")
    expect(strip).to_be_in_viewport()
    strip.tap()
    page.locator("#tab-timeline").tap()
    page.locator("#ctx a[data-open-mail]").first.tap()
    expect(page.locator("#ctx")).not_to_be_in_viewport()
    expect(page.locator("#messages details.mail[open]").last).to_be_in_viewport()
