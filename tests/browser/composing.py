"""What the tests of the composer share: opening it, and what the server holds of a draft."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

COMPOSER = "form[data-compose]"
EDITOR = ".composer__edit"


def write_new(page: Page) -> Locator:
    """A new mail over the page, by its key."""
    page.keyboard.press("c")
    expect(page.locator("dialog .composer__edit")).to_be_visible()
    return page.locator("dialog")


def answer(page: Page, subject: str, key: str = "r") -> Locator:
    """An answer to the conversation of that subject."""
    page.locator("a[data-visit]", has_text=subject).first.click()
    expect(page.locator("h1")).to_have_text(subject)
    page.keyboard.press(key)
    editor = page.locator(f"[data-compose-place] {EDITOR}")
    expect(editor).to_be_focused()
    return page.locator("[data-compose-place] form[data-compose]")


def saved(page: Page) -> None:
    """Wait until the server has all that was written."""
    expect(page.locator(COMPOSER).first).not_to_have_attribute("data-unsaved", re.compile(".*"))


def draft_id(page: Page) -> int:
    return int(page.locator(COMPOSER).first.get_attribute("data-compose") or 0)


def kept_html(page: Page, draft: int) -> str:
    """The text as the server gives it to whoever opens the draft anew."""
    origin = str(page.evaluate("location.origin"))
    answered = page.request.get(f"{origin}/compose/{draft}/")
    other = page.context.new_page()
    other.set_content("<p></p>")
    found: Any = other.evaluate(
        "html => new DOMParser().parseFromString(html, 'text/html')"
        ".querySelector('template[data-compose-html]').dataset.html",
        answered.text(),
    )
    other.close()
    return str(found)


def paste(page: Page, **kinds: str) -> None:
    """What the clipboard of another program holds, pasted where the cursor is."""
    page.evaluate(
        """given => {
          const data = new DataTransfer();
          for (const [type, text] of Object.entries(given)) {
            data.setData(type.replace('_', '/'), text);
          }
          const more = {clipboardData: data, bubbles: true, cancelable: true};
          document.activeElement.dispatchEvent(new ClipboardEvent('paste', more));
        }""",
        kinds,
    )


def drop_file(target: Locator, name: str, *, size: int = 1000, kind: str = "text/plain") -> None:
    """A file dragged from the desk onto `target`."""
    target.evaluate(
        """(element, {name, size, kind}) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(size)], name, {type: kind}));
          for (const type of ['dragenter', 'dragover', 'drop']) {
            const more = {dataTransfer: data, bubbles: true, cancelable: true};
            element.dispatchEvent(new DragEvent(type, more));
          }
        }""",
        {"name": name, "size": size, "kind": kind},
    )
