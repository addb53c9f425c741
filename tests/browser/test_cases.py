"""A case made from a mail, and its page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_case_is_made_from_a_mail_and_settled(open_page: Callable[..., Page], width: int) -> None:
    page = open_page("/", width=width)
    page.locator("[data-thread] .msg__subj a").first.click()
    page.locator(".toolbar details.drop > summary").click()
    page.locator(".toolbar .menu a[href*='/cases/create/']").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[name=name]")).to_have_value("Le quai")
    shot(page, f"case-dialog-{width}")
    dialog.locator(".btn--primary").click()
    chip = page.locator("#deal-chip details", has_text="#1 Le quai")
    expect(chip).to_be_visible()
    shot(page, f"case-chip-{width}")
    chip.locator("summary").click()
    chip.locator("a[href^='/cases/']").click()
    expect(page.locator("#mails-rows .relrow").first).to_be_visible()
    shot(page, f"case-{width}")
    page.locator("button[value=closed]").click()
    expect(page.locator("#toast")).to_contain_text("#1 Le quai")
    page.goto(page.url.split("/cases/")[0] + "/cases/")
    expect(page.locator("[data-record]")).to_have_count(0)
    page.goto(page.url.split("/cases/")[0] + "/cases/?view=all")
    shot(page, f"cases-{width}")
