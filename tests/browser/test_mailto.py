"""Addresses in pages and in the frames of mails open the composer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LINK = (
    "mailto:a+b@liste.example,c@liste.example"
    "?subject=1%2B1%3D2+vrai&cc=d@liste.example&to=e@x.example"
)
PUT = """href => {
  const link = Object.assign(document.createElement("a"), { href, textContent: "write" });
  link.id = "given";
  document.querySelector(INSIDE).append(link);
}"""


def filled(page: Page) -> None:
    chips = page.locator("dialog [data-compose-line=to] .chip")
    expect(chips).to_have_count(3)
    expect(chips.nth(0)).to_contain_text("a+b@liste.example")
    expect(page.locator("dialog [data-compose-line=cc] .chip")).to_contain_text("d@liste.example")
    expect(page.locator("dialog [data-compose-subject]")).to_have_value("1+1=2+vrai")


def test_a_link_in_a_page_opens_the_composer_filled(page_at: Page) -> None:
    page_at.evaluate(PUT.replace("INSIDE", "'#main'"), LINK)
    page_at.locator("#given").click()
    filled(page_at)


def test_a_link_in_the_frame_of_a_mail_opens_it_too(page_at: Page) -> None:
    page = page_at
    page.locator("a[data-visit]", has_text="Nasty one").first.click()
    frame = page.frame_locator("iframe.mail__frame")
    expect(frame.locator("body")).to_be_visible()
    page.locator("iframe.mail__frame").first.evaluate(
        """(frame, href) => {
          const link = frame.contentDocument.createElement("a");
          Object.assign(link, { href, textContent: "write", id: "given", target: "_blank" });
          frame.contentDocument.body.prepend(link);
        }""",
        LINK,
    )
    frame.locator("#given").click()
    filled(page)


def test_in_a_text_being_written_a_link_stays_text(page_at: Page) -> None:
    page_at.keyboard.press("c")
    editor = page_at.locator("dialog .composer__edit")
    expect(editor).to_be_visible()
    page_at.evaluate(PUT.replace("INSIDE", "'.composer__edit'"), LINK)
    page_at.locator("#given").click()
    expect(page_at.locator("dialog [data-compose-line=to] .chip")).to_have_count(0)
