"""The calendar by keys and by hand, and the cards of a record, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import violations

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_an_event_is_made_by_keys_and_stands_in_the_week(open_page: Open) -> None:
    page = open_page("/calendar/")
    assert violations(page) == []
    page.keyboard.press("n")
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    page.locator("[name=name]").fill("Visite du quai")
    page.locator("[name=is_all_day]").check()
    expect(page.locator("[name=start_hour]")).to_be_hidden()
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".week .ev", has_text="Visite du quai")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".week .ev", has_text="Visite du quai")).to_have_count(0)
    page.keyboard.press("t")
    expect(page.locator(".week .ev", has_text="Visite du quai")).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator(".month .ev", has_text="Visite du quai")).to_be_visible()
    assert violations(page) == []


def test_a_task_is_added_to_a_record_ticked_off_and_taken_back(open_page: Open) -> None:
    page = open_page("/people/1/")
    page.locator("a[href*='/tasks/create/']").click()
    page.locator("dialog [name=name]").fill("Rappeler")
    page.locator("dialog button[type=submit]").click()
    line = page.locator(".todo", has_text="Rappeler")
    box = line.get_by_role("checkbox")
    expect(box).to_have_attribute("aria-checked", "false")
    box.click()
    expect(box).to_have_attribute("aria-checked", "true")
    page.keyboard.press("z")
    expect(box).to_have_attribute("aria-checked", "false")
    assert violations(page) == []


def test_a_file_is_put_on_a_record_by_choosing_it(open_page: Open, tmp_path: Any) -> None:
    page = open_page("/people/1/")
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(b"%PDF-plan")
    page.locator(".fileadd input[type=file]").set_input_files(str(plan))
    expect(page.locator("a", has_text="plan.pdf")).to_be_visible()
    page.locator("button[aria-label*='plan.pdf']").click()
    expect(page.locator("a", has_text="plan.pdf")).to_have_count(0)


def test_a_phone_shows_the_days_as_a_list(open_page: Open) -> None:
    page = open_page("/calendar/", width=390, height=844)
    expect(page.locator(".agenda").first).to_be_visible()
    expect(page.locator(".week")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
