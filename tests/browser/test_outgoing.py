"""Drafts, scheduled and sent mail in a browser: by keyboard, live, on a phone; the library too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
OpenPage = Callable[..., Page]
Mails = Callable[..., dict[str, Any]]
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FAULTS = (
    "tags => axe.run(document, {runOnly: tags}).then(r => r.violations.flatMap("
    "v => v.nodes.map(n => v.id + ' ' + n.target.join(' '))))"
)


@pytest.fixture
def mails(environment: dict[str, str]) -> Mails:
    """`mails("write", "scheduled", "Subject", "3")`: changes the served world from outside."""

    def change(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.mails", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return change


def test_a_scheduled_mail_is_taken_back_by_keyboard(open_page: OpenPage, mails: Mails) -> None:
    first = mails("write", "scheduled", "First one", "30")["id"]
    mails("write", "scheduled", "Second one", "40")
    page = open_page("/outgoing/scheduled/")
    expect(page.locator("#rail-scheduled")).to_have_text("2")
    page.keyboard.press("j")
    expect(page.locator(".is-focus[data-line]")).to_contain_text("First one")
    page.keyboard.press("j")
    expect(page.locator(".is-focus[data-line]")).to_contain_text("Second one")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("voici le devis révisé")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Delete")
    expect(dialog).to_contain_text("Nothing is sent")
    dialog.get_by_role("button", name="Keep as a draft").click()
    expect(page.locator("[data-line]")).to_have_count(1)
    expect(page.locator("#rail-scheduled")).to_have_text("1")
    expect(page.locator("#rail-drafts")).to_have_text("1")
    assert mails("state", str(first)) == {"state": "draft"}


def test_sent_now_it_leaves_the_list(open_page: OpenPage, mails: Mails) -> None:
    key = mails("write", "scheduled", "First one", "30")["id"]
    page = open_page("/outgoing/scheduled/")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("heading", name="Nothing is scheduled")).to_be_visible()
    assert mails("state", str(key))["state"] != "scheduled"


def test_a_change_shows_by_itself(open_page: OpenPage, mails: Mails) -> None:
    key = mails("write", "uncertain", "Perhaps gone")["id"]
    page = open_page("/outgoing/sent/")
    expect(page.locator(".check-row")).to_contain_text("Perhaps gone")
    page.wait_for_timeout(500)  # the stream of events opens after the page
    mails("settle", str(key))
    expect(page.locator(".check-row")).to_have_count(0)
    expect(page.locator(".outpage")).to_contain_text("Left, delivery unknown")


def test_the_seconds_left_are_counted(open_page: OpenPage, mails: Mails) -> None:
    key = mails("write", "queued", "In its window", "0.05")["id"]
    page = open_page("/outgoing/sent/")
    expect(page.locator("[data-countdown]")).to_contain_text("Leaves in 1")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("form[data-compose]")).to_be_visible()
    assert mails("state", str(key)) == {"state": "draft"}


def test_documents_are_added_by_choosing_and_by_dropping(open_page: OpenPage, mails: Mails) -> None:
    page = open_page("/documents/")
    page.locator("[data-upload] input[type=file]").set_input_files(
        [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"one"}]
    )
    expect(page.locator(".doctable tbody tr")).to_have_count(1)
    transfer = page.evaluate_handle(
        "() => { const t = new DataTransfer(); t.items.add(new File(['two'], 'b.txt')); return t; }"
    )
    page.dispatch_event("[data-drop-files]", "dragover", {"dataTransfer": transfer})
    expect(page.locator("[data-drop-files].is-over")).to_have_count(1)
    page.dispatch_event("[data-drop-files]", "drop", {"dataTransfer": transfer})
    expect(page.locator(".doctable tbody tr")).to_have_count(2)
    row = page.locator(".doctable tr", has_text="b.txt")
    row.locator("summary").click()
    row.get_by_text("Rename or move").click()
    page.locator("dialog[open] [name=name]").fill("c")
    page.locator("dialog[open]").get_by_role("button", name="Save").click()
    expect(page.locator(".doctable")).to_contain_text("c.txt")


def test_the_picker_weighs_what_is_chosen(open_page: OpenPage, mails: Mails) -> None:
    draft = mails("documents")["draft"]
    page = open_page(f"/compose/{draft}/")
    page.locator("a[data-document-pick]").click()
    dialog = page.locator("dialog[data-document-picker]")
    go = dialog.locator("[data-pick-go]")
    expect(go).to_be_disabled()
    dialog.get_by_label("large.pdf").check()
    expect(dialog.locator("[data-pick-size]")).to_contain_text("6 MB")
    expect(go).to_be_enabled()
    dialog.locator("[data-pick-search]").fill("xls")
    dialog.get_by_label("larger.xlsx").check()
    expect(dialog.locator("[data-pick-size].danger")).to_be_visible()
    expect(go).to_be_disabled()
    dialog.get_by_label("larger.xlsx").uncheck()
    dialog.locator("[data-pick-search]").fill("small")
    dialog.get_by_label("small.pdf").check()
    expect(dialog.locator("[data-pick-count]")).to_have_text("2 of 5 documents")
    go.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("[data-compose-files]")).to_contain_text("small.pdf")
    expect(page.locator("[data-compose-files]")).to_contain_text("large.pdf")


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_everybody_can_use_them(open_page: OpenPage, mails: Mails, width: int, theme: str) -> None:
    draft = mails("documents")["draft"]
    key = mails("several")["id"]
    for path in (
        "/outgoing/drafts/",
        "/outgoing/scheduled/",
        "/outgoing/sent/",
        f"/outgoing/{key}/",
        "/documents/",
        f"/documents/pick/?draft={draft}",
    ):
        page = open_page(path, width=width, color_scheme=theme)
        page.evaluate(AXE.read_text())
        assert page.evaluate(_FAULTS, _TAGS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
