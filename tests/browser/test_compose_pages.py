"""The composer in its shapes: for everybody, by keys, on a phone, closed to what is hostile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import EDITOR, answer, draft_id, paste, saved, write_new
from tests.browser.test_pages import AXE, violations

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
PAYLOADS = (
    "<img src=x onerror=\"top.document.title='FIRED'\">",
    "<svg><script>top.document.title='FIRED'</script></svg>",
    "<svg><animate onbegin=\"top.document.title='FIRED'\" attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=\"top.document.title='FIRED'\">",
    "<a href=\"javascript:top.document.title='FIRED'\">x</a>",
    "<iframe srcdoc=\"<script>top.document.title='FIRED'</script>\"></iframe>",
    "<form><button formaction=\"javascript:top.document.title='FIRED'\">x</button></form>",
    '<div style="background:url(http://127.0.0.1:9/fired.png)">x</div>',
    '<img src="http://127.0.0.1:9/fired.png"><link rel=stylesheet href="http://127.0.0.1:9/f.css">',
    "<noscript><p title=\"</noscript><img src=x onerror=top.document.title='FIRED'>\">",
    "<input autofocus onfocus=\"top.document.title='FIRED'\"><details open ontoggle=alert(1)>",
    '<span data-code="{Person.firstName|<img src=x onerror=alert(1)>}">x</span>',
)


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    return ("Failed to load resource: the server responded with a status of 422",)


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_write(open_page: OpenPage, width: int, theme: str) -> None:
    page = open_page("/", width=width, color_scheme=theme)
    write_new(page)
    page.keyboard.type("jean@dupont.example;faux;")
    page.keyboard.type("@elo")
    expect(page.locator("[role=option]")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.get_by_label("Subject", exact=True).fill("Objet")
    page.locator(EDITOR).click()
    page.keyboard.type("Bonjour {")
    expect(page.locator(".fieldmenu")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("[data-compose-schedule] .menu")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    saved(page)
    page.goto(f"{page.url}compose/{draft_id(page)}/")
    expect(page.locator(f"{EDITOR} .var")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
def test_everybody_can_answer(open_page: OpenPage) -> None:
    page = open_page("/")
    answer(page, "Le hall")
    assert violations(page) == []


def test_the_inbox_fetches_nothing_of_the_composer(page_at: Page) -> None:
    page_at.wait_for_timeout(800)
    names: list[str] = page_at.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [name for name in names if "compose" in name]


def test_the_focus_comes_back_to_where_one_was(page_at: Page) -> None:
    page_at.keyboard.press("4")
    thread = page_at.evaluate("document.activeElement.closest('[data-thread]').dataset.thread")
    write_new(page_at)
    page_at.keyboard.press("Escape")
    expect(page_at.locator("dialog")).to_have_count(0)
    back = "document.activeElement.closest('[data-thread]')?.dataset.thread"
    assert page_at.evaluate(back) == thread


def test_a_draft_grows_to_a_page_of_its_own(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("À suivre")
    draft = draft_id(page_at)
    page_at.locator("[data-compose-expand]").click()
    page_at.wait_for_url(f"**/compose/{draft}/")
    expect(page_at.locator(EDITOR)).to_contain_text("À suivre")
    expect(page_at.locator("[data-compose-preview]")).to_be_visible()


def test_a_mail_is_scheduled_by_keys(page_at: Page) -> None:
    write_new(page_at)
    page_at.keyboard.type("jean@dupont.example;")
    page_at.get_by_label("Subject", exact=True).fill("Plus tard")
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("Bonjour Jean.")
    page_at.keyboard.press("Control+Shift+Enter")
    zone = page_at.locator("[data-compose-zone]")
    expect(zone.locator("option[value='America/New_York']")).to_be_attached()
    zone.select_option("America/New_York")
    page_at.get_by_label("Date", exact=True).fill("2031-03-14")
    expect(page_at.locator("[data-compose-both]")).to_contain_text("New")
    page_at.locator(".sched__form button").click()
    expect(page_at.locator("dialog")).to_have_count(0)
    page_at.goto(page_at.url + "outgoing/scheduled/")
    expect(page_at.locator("main")).to_contain_text("Plus tard")


def test_guards_ask_once_and_can_be_answered(page_at: Page) -> None:
    write_new(page_at)
    page_at.keyboard.type("jean@dupont.example;")
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("Bonjour Jean, vous trouverez le devis en pièce jointe.")
    page_at.keyboard.press("Control+Enter")
    problems = page_at.locator("[data-compose-problems]")
    expect(problems.locator("[data-code=attachment_missing]")).to_be_visible()
    expect(problems.locator("[data-code=empty_subject]")).to_be_visible()
    expect(page_at.locator(f"dialog {EDITOR}")).to_be_visible()
    problems.locator("[data-code=empty_subject] [data-compose-silence]").click()
    expect(problems.locator("[data-code=empty_subject]")).to_have_count(0)
    problems.locator("[data-compose-anyway]").click()
    expect(page_at.locator("dialog")).to_have_count(0)
    expect(page_at.locator("#toast")).to_contain_text("Message sent")


def test_a_mail_to_nobody_does_not_leave(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("Bonjour")
    page_at.keyboard.press("Control+Enter")
    expect(page_at.locator("[data-compose-problems]")).to_contain_text("Nobody to write to")
    page_at.keyboard.press("Escape")
    expect(page_at.locator("dialog")).to_have_count(0)


def test_nothing_hostile_runs_or_loads_while_one_writes(page_at: Page) -> None:
    asked: list[str] = []
    page_at.on("request", lambda request: asked.append(request.url))
    write_new(page_at)
    editor = page_at.locator(EDITOR)
    for payload in PAYLOADS:
        editor.click()
        paste(page_at, text_html=f"<p>un</p>{payload}<p>deux</p>")
        paste(page_at, text_plain=payload)
    page_at.get_by_role("combobox", name="To").fill(f'"{PAYLOADS[0]}" <x@y.example>;')
    page_at.get_by_label("Subject", exact=True).fill(PAYLOADS[0])
    saved(page_at)
    page_at.goto(f"{page_at.url}compose/{draft_id(page_at)}/")
    expect(editor).to_contain_text("deux")
    page_at.wait_for_timeout(500)
    assert "FIRED" not in page_at.title().replace(PAYLOADS[0], "")
    assert not [url for url in asked if "127.0.0.1:9/" in url]
    live = (
        "script, iframe, svg, math, form, input, object, [onerror], [onbegin], [href^=javascript]"
    )
    assert editor.locator(live).count() == 0


def test_a_hostile_mail_is_quoted_without_harm(open_page: OpenPage) -> None:
    asked: list[str] = []
    page = open_page("/")
    page.on("request", lambda request: asked.append(request.url))
    answer(page, "Nasty one")
    page.locator("[data-compose-quote] summary").click()
    frame = page.frame_locator("[data-compose-quote] iframe")
    expect(frame.locator("body")).to_contain_text("Bonjour Camille")
    page.wait_for_timeout(400)
    assert "FIRED" not in page.title()
    assert not [url for url in asked if "fired" in url or "remote.png" in url]
    assert frame.locator("script, form, svg, [onerror], a[href^=javascript]").count() == 0


def test_on_a_phone_one_writes_in_a_sheet(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844, has_touch=True)
    page.locator(".tabbar__compose").tap()
    dialog = page.locator("dialog.composer")
    expect(dialog.locator(EDITOR)).to_be_visible()
    box: Any = dialog.bounding_box()
    assert box["width"] == 390
    assert box["y"] + box["height"] == 844
    sizes: list[float] = dialog.locator(".composer__bar :is(.icon-btn, .btn):visible").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
