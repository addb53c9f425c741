"""Nothing written is lost and nothing leaves twice: dead network, killed browser, two windows."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.composing import EDITOR, draft_id, kept_html, saved, write_new
from tests.browser.conftest import CHROMIUM

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
_QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run".split()


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    return ("Failed to load resource",)


def _persistent(playwright: Playwright, profile: Path, served: str, session: str) -> Any:
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, args=_QUIET
    )
    context.set_default_timeout(8000)
    context.add_cookies([{"name": "relance_session", "value": session, "url": served}])
    return context


def _kill(profile: Path) -> None:
    """As a crash does: without a word to the pages."""
    found = subprocess.run(
        ["pgrep", "-f", str(profile)], check=False, capture_output=True, text=True
    )
    for pid in found.stdout.split():
        if int(pid) != os.getpid():
            os.kill(int(pid), signal.SIGKILL)


def test_a_killed_browser_without_network_loses_nothing(
    playwright: Playwright, served: str, session: str, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    context = _persistent(playwright, profile, served, session)
    page = context.pages[0]
    page.goto(served)
    write_new(page)
    draft = draft_id(page)
    context.set_offline(True)
    page.get_by_role("combobox", name="To").fill("jean@dupont.example;")
    page.get_by_label("Subject", exact=True).fill("Sans réseau")
    page.locator(EDITOR).click()
    page.keyboard.type("Écrit dans le tunnel")
    expect(page.locator("[data-compose-saved]")).to_contain_text("kept in this browser")
    page.keyboard.type(", jusqu’au bout.")
    page.wait_for_timeout(600)  # a pause of the hand
    _kill(profile)

    context = _persistent(playwright, profile, served, session)
    page = context.pages[0]
    page.goto(f"{served}/compose/{draft}/")
    expect(page.locator(EDITOR)).to_contain_text("Écrit dans le tunnel, jusqu’au bout.")
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Sans réseau")
    expect(page.locator("[data-compose-line=to] .chip")).to_contain_text("jean@dupont.example")
    saved(page)
    assert "jusqu’au bout." in kept_html(page, draft)
    context.close()


def test_a_save_that_failed_is_made_when_the_network_is_back(open_page: OpenPage) -> None:
    page = open_page("/")
    write_new(page)
    page.route("**/save/", lambda route: route.abort())
    page.locator(EDITOR).click()
    page.keyboard.type("Patience")
    expect(page.locator("[data-compose-saved]")).to_contain_text("No connection")
    page.unroute("**/save/")
    saved(page)
    expect(page.locator("[data-compose-saved]")).to_contain_text("Draft saved")
    assert "Patience" in kept_html(page, draft_id(page))


def test_two_windows_never_overwrite_each_other(open_page: OpenPage) -> None:
    page = open_page("/")
    write_new(page)
    page.locator(EDITOR).click()
    page.keyboard.type("Commun")
    saved(page)
    address = f"/compose/{draft_id(page)}/"
    other = page.context.new_page()
    other.goto(page.url.rstrip("/") + address)
    other.locator(EDITOR).click()
    other.keyboard.press("Control+End")
    other.keyboard.type(" ailleurs")
    saved(other)
    page.bring_to_front()
    page.locator(EDITOR).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ici")
    asked = page.locator("dialog[aria-labelledby=ask-h]")
    expect(asked).to_contain_text("Commun ici")
    expect(asked).to_contain_text("Commun ailleurs")
    asked.get_by_role("button", name="Keep both").click()
    expect(page.locator(EDITOR)).to_contain_text("Commun ailleurs")
    page.goto(page.url + "outgoing/drafts/")
    expect(page.locator("main [data-line]")).to_have_count(2)


def _filled(page: Page) -> None:
    write_new(page)
    page.get_by_role("combobox", name="To").fill("jean@dupont.example;")
    page.get_by_label("Subject", exact=True).fill("Le quai")
    page.locator(EDITOR).click()
    page.keyboard.type("Bonjour Jean, à demain.")


def test_sending_can_be_undone_and_the_draft_comes_back(open_page: OpenPage) -> None:
    page = open_page("/")
    _filled(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toast")).to_contain_text("Message sent")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("#toast button").click()
    expect(page.locator(f"dialog {EDITOR}")).to_contain_text("à demain")
    expect(page.locator("[data-compose-line=to] .chip")).to_contain_text("jean@dupont.example")


def test_a_double_press_sends_once(open_page: OpenPage) -> None:
    page = open_page("/")
    _filled(page)
    posts: list[str] = []
    page.on("request", lambda r: posts.append(r.url) if r.url.endswith("/send/") else None)
    page.get_by_role("button", name="Send", exact=True).dblclick()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toast")).to_contain_text("Message sent")
    assert len(posts) == 1


def test_sending_without_network_waits_in_sight_and_sends_once(open_page: OpenPage) -> None:
    page = open_page("/")
    _filled(page)
    saved(page)
    lost: list[str] = []

    def answer_lost(route: Any) -> None:
        """The server hears it, its answer never comes back."""
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    page.route("**/send/", answer_lost, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".composer__waits")).to_contain_text("No connection")
    expect(page.locator("dialog")).to_have_count(0, timeout=10_000)
    assert len(lost) == 1
    page.goto(page.url + "outgoing/sent/")
    expect(page.locator("main [data-line]")).to_have_count(1)


def test_what_waits_can_be_taken_back(open_page: OpenPage) -> None:
    page = open_page("/")
    _filled(page)
    saved(page)
    page.route("**/send/", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Do not send yet").click()
    expect(page.locator(".composer__waits")).to_have_count(0)
    page.unroute("**/send/")
    page.locator(EDITOR).click()
    page.keyboard.type(" Encore.")
    saved(page)
    assert "Encore." in kept_html(page, draft_id(page))
