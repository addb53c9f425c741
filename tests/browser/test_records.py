"""Lists of records by keyboard and mouse."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def test_rows_are_reached_chosen_and_given_away(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    rows = page.locator("#records [data-record]")
    bar = page.locator("[data-bulk]")
    shot(page, "contacts")
    page.keyboard.press("j")
    expect(rows.first).to_have_class("is-focus")
    expect(bar).to_be_hidden()
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 ")
    shot(page, "chosen")
    bar.locator("[formaction$='/tag/']").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=tag]").fill("Fair")
    shot(page, "tag")
    dialog.locator("[value=apply]").click()
    expect(page.locator("#toast")).to_contain_text("Fair")
    page.locator("[data-choose-page]").check()
    expect(page.locator("[data-choose]").first).to_be_checked()
    page.keyboard.press("Escape")
    page.locator("[data-choose-none]").click()
    expect(bar).to_be_hidden()


def test_criteria_are_built_line_by_line(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    page.locator(".criteria > a[data-dialog]").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name='0-0.f']").select_option("lastName")
    dialog.locator("[name='0-0.v']").fill("zzz")
    dialog.locator("[name='0-0.v']").press("Tab")
    expect(dialog.locator("#criteria-said b")).to_contain_text("0")
    dialog.locator("[value='some:0:deals']").click()
    dialog.locator("[name='0-1-0.f']").select_option("closeDate")
    dialog.locator("[name='0-1-0.o']").select_option("this_month")
    expect(dialog.locator("#criteria-said")).to_contain_text("zzz")
    shot(page, "criteria")
    dialog.locator("[value='remove:0-1']").click()
    expect(dialog.locator(".group")).to_have_count(1)
    dialog.locator(".btn--primary").click()
    expect(page.locator(".criteria .pill")).to_have_count(1)
    expect(page.locator(".empty")).to_be_visible()
    shot(page, "unmatched")
    page.locator(".criteria .pill a").click()
    expect(page.locator(".criteria .pill")).to_have_count(0)
    expect(page.locator("#records [data-record]").first).to_be_visible()


def test_columns_are_put_in_order(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    page.locator(".listbar > a[data-dialog]").click()
    dialog = page.get_by_role("dialog")
    shot(page, "columns")
    dialog.locator("li", has=page.locator("[value=title]")).locator("[data-move='1']").click()
    dialog.locator("[value=company]").uncheck()
    dialog.locator("[name=act]").click()
    page.wait_for_url(lambda url: "cols=name%2C" in url)
    assert "company" not in page.url
    page.locator(".listbar details > summary").first.click()
    page.locator(".listbar .menu a[data-dialog]").click()
    page.get_by_role("dialog").locator("[name=name]").fill("Short")
    page.get_by_role("dialog").locator("[value=apply]").click()
    expect(page.locator(".listbar summary").first).to_contain_text("Short")


def test_a_list_fits_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact", width=390)
    shot(page, "phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".criteria > a[data-dialog]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    shot(page, "phone-criteria")


def test_a_list_is_taken_home(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact&cols=name,tags")
    page.locator("#list-files summary").click()
    shot(page, "files")
    with page.expect_download() as waiting:
        page.locator("#list-files a[href*='export.xlsx']").first.click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
