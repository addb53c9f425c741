"""The reading view in Chromium: looks at files, invitations, paper, correcting, by hand and key."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Receive = Callable[..., dict[str, Any]]


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    """A conversation that was split off is gone once that is undone, and is asked for once more."""
    return ("Failed to load resource: the server responded with a status of 404",)


@pytest.fixture
def receive(environment: dict[str, str]) -> Receive:
    """`receive("meeting")`: a mail with its source comes in."""

    def one(name: str, *rest: str | bytes) -> dict[str, Any]:
        words = [base64.b64encode(r).decode() if isinstance(r, bytes) else r for r in rest]
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.letters", name, *words],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return one


def test_older_messages_unfold_and_the_quote_opens(receive: Receive, open_page: OpenPage) -> None:
    made = receive("chain")
    page = open_page(f"/threads/{made['thread']}/")  # read
    page.reload()
    expect(page.get_by_text("5 older messages")).to_be_visible()
    page.get_by_text("5 older messages").click()
    first = page.locator("details.mail").first
    first.locator("summary.mail__head").click()
    expect(first.locator("p", has_text="Message numéro 0.")).to_be_visible()
    last = page.locator("details.mail").last
    expect(last.get_by_text("ce qui était avant")).to_be_hidden()
    last.locator("details.quoted > summary").click()
    expect(last.get_by_text("ce qui était avant")).to_be_visible()


def test_pictures_and_pdfs_are_looked_at_and_bombs_are_not(
    receive: Receive, open_page: OpenPage
) -> None:
    page = open_page(f"/threads/{receive('files')['thread']}/")
    page.get_by_role("link", name="quai.png", exact=True).click()
    image = page.locator("dialog .look img")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('dialog .look img').naturalWidth === 320")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("link", name="devis.pdf", exact=True).click()
    expect(page.locator("dialog iframe.look--page")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="bombe.png", exact=True).click()
    expect(page.get_by_text("This file is not shown here")).to_be_visible()
    with page.expect_download() as download:
        page.locator("dialog").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "bombe.png"


def test_all_files_are_downloaded_at_once(
    receive: Receive, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"/threads/{receive('files')['thread']}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    kept = tmp_path / "all.zip"
    download.value.save_as(kept)
    assert download.value.suggested_filename == "Les plans.zip"
    assert kept.read_bytes()[:2] == b"PK"


def test_an_image_of_the_mail_stands_in_its_place(receive: Receive, open_page: OpenPage) -> None:
    page = open_page(f"/threads/{receive('inline')['thread']}/")
    frame = page.frame_locator("iframe.mail__frame")
    expect(frame.locator("img")).to_be_visible()
    assert frame.locator("img").evaluate("img => img.naturalWidth") == 320
    expect(page.get_by_text("attachment")).to_have_count(0)


def test_an_invitation_is_accepted_and_the_answer_stays(
    receive: Receive, open_page: OpenPage
) -> None:
    page = open_page(f"/threads/{receive('meeting')['thread']}/")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("button", name="Accept")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#toast", has_text="Accepted: the organiser is told")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Accept")).to_have_attribute("aria-pressed", "true")


def test_a_message_is_split_off_and_brought_back_by_key(
    receive: Receive, open_page: OpenPage
) -> None:
    made = receive("chain")
    page = open_page(f"/threads/{made['thread']}/")
    before = page.locator("details.mail").count()
    summary = page.locator("details.mail").last.locator("summary[aria-label='More actions']")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Split the conversation here").focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.mail")).to_have_count(1)
    assert f"/threads/{made['thread']}/" not in page.url
    expect(
        page.locator("#toast", has_text="Split off into a conversation of its own")
    ).to_be_visible()
    page.keyboard.press("z")
    page.wait_for_timeout(500)
    page.goto(page.url.split("/threads/")[0] + f"/threads/{made['thread']}/")
    expect(page.locator("details.mail")).to_have_count(before)


def test_a_conversation_is_merged_with_one_that_is_searched(
    receive: Receive, open_page: OpenPage
) -> None:
    receive("inline")
    made = receive("chain")
    page = open_page(f"/threads/{made['thread']}/")
    page.locator(".toolbar summary").click()
    page.get_by_role("link", name="Merge with another conversation").click()
    page.get_by_role("searchbox", name="Find a conversation").fill("quai image")
    page.get_by_role("radio", name="Le quai en image").check()
    page.locator("dialog").get_by_role("button", name="Merge").click()
    expect(page.locator("#toast", has_text="Conversations merged")).to_be_visible()
    expect(page.locator("details.mail")).to_have_count(8)


def test_plain_text_and_back(receive: Receive, open_page: OpenPage) -> None:
    page = open_page(f"/threads/{receive('inline')['thread']}/")
    page.locator("summary[aria-label='More actions']").last.click()
    page.get_by_role("link", name="Show as plain text").click()
    expect(page.get_by_text("Plain text of the message")).to_be_visible()
    expect(page.locator("iframe.mail__frame")).to_have_count(0)
    page.get_by_role("link", name="Show as it was written").first.click()
    expect(page.locator("iframe.mail__frame")).to_have_count(1)


def test_a_message_is_printed_without_the_page(receive: Receive, open_page: OpenPage) -> None:
    page = open_page(f"/threads/{receive('inline')['thread']}/")
    page.evaluate("window.printed = 0")
    page.locator("summary[aria-label='More actions']").last.click()
    page.get_by_role("link", name="Print").click()
    frame = page.locator("iframe.printing")
    expect(frame).to_have_attribute("src", f"{page.url}messages/" + frame_id(page) + "/print/")


def frame_id(page: Page) -> str:
    return (page.locator("details.mail").last.get_attribute("id") or "")[1:]


def test_a_message_answered_from_its_menu_opens_the_reply(
    receive: Receive, open_page: OpenPage
) -> None:
    made = receive("chain")
    page = open_page(f"/threads/{made['thread']}/")
    page.get_by_role("button", name="Reply", exact=True).first.click()
    expect(page.locator("form[data-compose]")).to_be_visible()


def test_unread_from_here_goes_back_to_the_list(receive: Receive, open_page: OpenPage) -> None:
    made = receive("chain")
    page = open_page("/")
    page.locator(f"[data-thread='{made['thread']}'] a[data-visit]").first.click()
    page.locator("summary[aria-label='More actions']").last.click()
    page.get_by_role("button", name="Unread from here").click()
    row = page.locator(f"#main [data-thread='{made['thread']}']")
    expect(page.locator("[data-board]")).to_be_visible()
    expect(row).to_have_class(re.compile("is-unread"))


def test_archive_by_key_goes_on_to_the_next(receive: Receive, open_page: OpenPage) -> None:
    receive("inline")
    made = receive("meeting")
    page = open_page("/")
    page.locator(f"[data-thread='{made['thread']}'] a[data-visit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Visite")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le quai en image")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_a_full_conversation(
    receive: Receive, open_page: OpenPage, width: int
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed")
    receive("files")
    for name in ("files", "meeting"):
        page = open_page(f"/threads/{receive(name)['thread']}/", width=width)
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa'], iframes: false})"
            ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))]))"
        )
        assert found == []
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow)
