"""The page of absences, drawn by a browser: one language at a time, a preview, no axe fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
PAGE = "/preferences/vacation/"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FAULTS = """async tags => (await axe.run(document, {runOnly: tags}))
  .violations.map(v => v.id + ": " + v.nodes.map(n => n.target).join(", "))"""


def fill(page: Page) -> None:
    page.get_by_role("switch").check()
    page.get_by_role("textbox", name="Text for contacts and leads, in English").fill(
        "Hello {Person.firstName|there},\n\nI am away until 4 January."
    )
    page.get_by_role("textbox", name="Text for unknown senders, in English").fill("I am away.")


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_the_page_is_whole_at_any_width(
    open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(PAGE, width=width, color_scheme=scheme)
    fill(page)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Hello Éloïse,").wait_for()
    page.get_by_role("button", name="Save the absence").click()
    page.get_by_text("Absence saved").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE.read_text())
    assert page.evaluate(_FAULTS, _TAGS) == []


def test_one_language_is_shown_at_a_time_and_what_is_wrong_in_the_other_too(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(PAGE)
    english = page.get_by_role("textbox", name="Text for contacts and leads, in English")
    french = page.get_by_role("textbox", name="Text for contacts and leads, in French")
    assert english.is_visible()
    assert not french.is_visible()
    page.get_by_role("region", name="Contacts and leads").get_by_text("Français").click()
    assert french.is_visible()
    french.fill("Bonjour {Person.frstName}")
    page.get_by_role("button", name="Save the absence").click()
    page.get_by_text("Nothing is called {Person.frstName}.").wait_for()
    assert french.input_value() == "Bonjour {Person.frstName}"
