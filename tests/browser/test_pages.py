"""What holds for every page: nothing hostile runs, everybody can use it, keys do as told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
OpenPage = Callable[..., Page]
World = Callable[..., dict[str, Any]]


def open_conversation(page: Page, subject: str) -> None:
    page.locator("#not-in-crm a[data-visit], #potentials a[data-visit]", has_text=subject).click()
    expect(page.locator("h1")).to_have_text(subject)


def violations(page: Page, within: str = "html") -> list[str]:
    """What axe finds against WCAG 2.0–2.2 A and AA, on the page or a part of it."""
    page.evaluate(AXE.read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate(
        "([within, tags]) => axe.run(within, {runOnly: tags, iframes: false})"
        ".then(r => r.violations.flatMap(v => v.nodes.map("
        "n => v.id + ' ' + n.target.join(' ') + ' ' + (n.any[0]?.message || ''))))",
        [within, tags],
    )
    if page.locator(".menu:visible, .fieldmenu:visible, [role=listbox]:visible").count():
        found = [line for line in found if "partially obscured" not in line]  # by that menu
    return [str(line) for line in found]


def test_a_hostile_mail_runs_nothing_and_loads_nothing(page_at: Page) -> None:
    asked: list[str] = []
    page_at.on("request", lambda request: asked.append(request.url))
    open_conversation(page_at, "Nasty one")
    frame = page_at.frame_locator("iframe.mail__frame")
    expect(frame.locator("body")).to_contain_text("Bonjour Camille")
    page_at.wait_for_timeout(400)
    assert "FIRED" not in page_at.title()
    assert not [url for url in asked if "fired" in url or "remote.png" in url]
    assert frame.locator("script, form, svg, [onerror], a[href^=javascript]").count() == 0
    box = page_at.locator("iframe.mail__frame").bounding_box()
    assert box and box["height"] > 40


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_inbox_and_a_conversation_can_be_used_by_everybody(
    open_page: OpenPage, width: int, theme: str
) -> None:
    page = open_page("/", width=width, color_scheme=theme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Le hall")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
def test_lists_dialogs_and_popovers_can_be_used_by_everybody(open_page: OpenPage) -> None:
    page = open_page("/list/")
    assert violations(page) == []
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("i")
    expect(page.locator("dialog [name=last_name]")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator(".is-focus").click(button="right")
    expect(page.locator("#row-menu")).to_be_visible()
    assert violations(page) == []


def test_the_help_lists_exactly_the_keys_there_are(page_at: Page) -> None:
    source = (ROOT / "relance/web/frontend/js/shortcuts.js").read_text()
    table = source[source.index("const KEYS = {") : source.index("const NAMED")]
    keys = {k.strip('"').upper() for k in re.findall(r'^  ("[^"]+"|\w+):', table, re.MULTILINE)}
    places = re.search(r"const places = \{(.*?)\}", source)
    assert places
    keys |= {k.upper() for k in re.findall(r"(\w+):", places[1])}
    page_at.keyboard.press("?")
    expect(page_at.locator("dialog kbd").first).to_be_visible()
    told = set(page_at.locator("dialog kbd").all_inner_texts())
    assert told - {"↵", "Esc", "Del", "Ctrl", "Shift", "M"} == keys


def test_single_keys_can_be_turned_off_and_stay_off(page_at: Page) -> None:
    page_at.keyboard.press("?")
    page_at.locator("dialog [name=single_keys]").uncheck()
    page_at.keyboard.press("Escape")
    page_at.keyboard.press("j")
    expect(page_at.locator(".is-focus")).to_have_count(0)
    page_at.reload()
    page_at.keyboard.press("j")
    expect(page_at.locator(".is-focus")).to_have_count(0)


def test_columns_are_walked_with_letters(page_at: Page) -> None:
    def here() -> str | None:
        return page_at.locator(".col:has(.is-focus)").get_attribute("id")

    page_at.keyboard.press("j")
    assert here() == "potentials"
    page_at.keyboard.press("l")
    assert here() == "colleagues"
    page_at.keyboard.press("l")
    assert here() == "not-in-crm"
    page_at.keyboard.press("h")
    assert here() == "colleagues"
    page_at.keyboard.press("1")
    assert here() == "potentials"
    page_at.keyboard.press("/")
    expect(page_at.locator("#search")).to_be_focused()


def test_more_cards_come_as_one_goes_down(page_at: Page) -> None:
    cards = page_at.locator("#not-in-crm [data-thread]")
    assert cards.count() == 15
    page_at.keyboard.press("4")
    for _ in range(16):
        page_at.keyboard.press("j")
    expect(page_at.locator("#not-in-crm [data-thread]:nth-of-type(30)")).to_be_attached()
    page_at.keyboard.press("j")
    expect(page_at.locator("#not-in-crm .is-focus")).to_be_visible()


def test_a_mail_read_in_an_unread_column_stays_under_the_cursor(page_at: Page) -> None:
    page_at.locator("#not-in-crm .flt").click()
    page_at.locator("#not-in-crm [value=unread]").click()
    expect(page_at.locator("#not-in-crm[data-unread-only]")).to_be_visible()
    page_at.keyboard.press("4")
    first = page_at.locator("#not-in-crm .is-focus")
    thread = first.get_attribute("data-thread")
    page_at.keyboard.press("u")
    page_at.wait_for_timeout(600)
    row = page_at.locator(f"#not-in-crm [data-thread='{thread}']")
    expect(row).to_be_visible()
    assert "is-unread" not in (row.get_attribute("class") or "")
    page_at.reload()
    expect(page_at.locator("#not-in-crm[data-unread-only]")).to_be_visible()
    expect(row).to_have_count(0)


def test_back_finds_the_same_row_and_the_same_scroll(page_at: Page) -> None:
    page_at.keyboard.press("4")
    for _ in range(12):
        page_at.keyboard.press("j")
    thread = page_at.locator(".is-focus").get_attribute("data-thread")
    top = page_at.locator("#not-in-crm .col__list").evaluate("e => e.scrollTop")
    assert top > 0
    page_at.keyboard.press("Enter")
    expect(page_at.locator("[data-conversation]")).to_be_visible()
    page_at.keyboard.press("Escape")
    expect(page_at.locator("[data-board]")).to_be_visible()
    assert page_at.locator(".is-focus").get_attribute("data-thread") == thread
    assert page_at.locator("#not-in-crm .col__list").evaluate("e => e.scrollTop") == top
    page_at.go_forward()
    expect(page_at.locator("[data-conversation]")).to_be_visible()
    page_at.go_back()
    expect(page_at.locator("[data-board]")).to_be_visible()


def test_tabs_share_one_stream_and_both_hear(open_page: OpenPage, world: World) -> None:
    first = open_page("/")
    streams: list[str] = []
    first.wait_for_timeout(500)
    second = first.context.new_page()
    second.on("request", lambda r: streams.append(r.url) if "/live/" in r.url else None)
    second.goto(first.url)
    second.wait_for_timeout(800)
    assert streams == []  # the first tab reads it, the second listens to the first
    world("receive", "new@nowhere.example", "Newcomer", "Just arrived")
    for page in (first, second):
        expect(page.locator("#not-in-crm [data-thread]").first).to_contain_text("Newcomer")
    first.close()
    second.wait_for_timeout(500)
    assert len(streams) == 1  # the stream has passed to the one that is left
    world("receive", "other@nowhere.example", "Latecomer", "After that")
    expect(second.locator("#not-in-crm [data-thread]").first).to_contain_text("Latecomer")


def test_a_cold_page_asks_for_little(open_page: OpenPage) -> None:
    page = open_page("/")
    page.wait_for_timeout(500)
    entries = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert len(entries) + 1 <= 15, entries


def test_a_conversation_opens_quickly(page_at: Page) -> None:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        page_at.locator("#not-in-crm a[data-visit]", has_text="Nasty one").click()
        page_at.wait_for_selector("iframe.is-shown")
        times.append((time.perf_counter() - started) * 1000)
        page_at.keyboard.press("Escape")
        expect(page_at.locator("[data-board]")).to_be_visible()
    print("click to frame", times)
    assert min(times) < 600  # the bar itself is measured by the bench, on a quiet machine


def test_the_theme_changes_at_once_and_is_kept(page_at: Page) -> None:
    with page_at.expect_response(lambda answer: "theme" in answer.url):
        page_at.locator("[data-theme-form] button").click()
    expect(page_at.locator("html")).to_have_attribute("data-theme", "dark")
    page_at.reload()
    expect(page_at.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_one_column_shows_and_everything_is_in_reach(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844, has_touch=True)
    page.locator("[data-coltabs] a", has_text="Not in CRM").tap()
    expect(page.locator("#not-in-crm")).to_be_in_viewport(ratio=0.6)
    page.locator("#not-in-crm [data-row-menu]").first.tap()
    expect(page.locator("#row-menu")).to_be_visible()
    sizes = page.locator("#row-menu .menu__item:visible").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert sizes and min(sizes) >= 44
    page.locator("#row-menu [data-act=open]").tap()
    expect(page.locator("h1")).to_have_text("Le hall")
    page.locator("[data-sheet]").first.tap()
    expect(page.locator("#ctx")).to_contain_text("Add as lead")
    page.locator("#ctx [data-sheet]").tap()
    page.locator(".toolbar .back").tap()
    expect(page.locator("[data-board]")).to_be_visible()
    page.locator(".tabbar [data-drawer]").tap()
    expect(page.locator("#rail")).to_be_in_viewport()


def test_without_script_everything_can_be_read_and_done(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("#not-in-crm a", has_text="Le hall").click()
    expect(page.locator("h1")).to_have_text("Le hall")
    page.locator("#ctx a", has_text="Contact").click()
    page.locator("button", has_text="Add the contact").click()
    expect(page.locator("#toast")).to_contain_text("Contact added")
    page.locator("#reply-text").fill("Bonjour Marion")
    page.locator(".replybox button", has_text="Reply").first.click()
    page.locator("button", has_text="Send").first.click()
    expect(page.locator("#outgoing")).to_contain_text("Bonjour Marion")
    page.locator("button[aria-label='Archive (E)']").click()
    expect(page.locator("[data-board]")).to_be_visible()
