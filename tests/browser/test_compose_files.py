"""Files and images of a mail being written: dropped, pasted, weighed, taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import EDITOR, draft_id, drop_file, kept_html, paste, saved, write_new

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


def test_a_file_dropped_on_the_composer_is_attached_weighed_and_removed(page_at: Page) -> None:
    dialog = write_new(page_at)
    drop_file(dialog, "devis.pdf", size=4_500_000, kind="application/pdf")
    expect(dialog.locator("[data-compose-files] .file")).to_contain_text("devis.pdf")
    expect(dialog.locator("[data-compose-total]")).to_contain_text("4.5")
    dialog.get_by_role("button", name="Remove devis.pdf").click()
    expect(dialog.locator("[data-compose-files] .file")).to_have_count(0)


def test_what_is_too_large_is_said_before_it_is_sent(page_at: Page) -> None:
    dialog = write_new(page_at)
    posted: list[str] = []
    page_at.on("request", lambda r: posted.append(r.url) if r.method == "POST" else None)
    drop_file(dialog, "film.mp4", size=12_000_000, kind="video/mp4")
    expect(dialog.locator("[role=alert] .err")).to_contain_text("film.mp4")
    assert not [url for url in posted if "/files/" in url]


def test_a_pasted_image_stands_in_the_text_by_its_own_address(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    paste(page_at, text_html=f'<p>Voici <img src="{DOT}" alt="plan"> le plan</p>')
    image = page_at.locator(f"{EDITOR} img")
    expect(image).to_have_attribute("src", f"/compose/{draft_id(page_at)}/files/1/")
    page_at.wait_for_function("document.querySelector('.composer__edit img').naturalWidth === 1")
    saved(page_at)
    kept = kept_html(page_at, draft_id(page_at))
    assert "data:image" not in kept
    assert "/files/1/" in kept


def test_an_image_dropped_on_the_text_is_shown_there(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    page_at.locator(EDITOR).evaluate(
        """async (element, url) => {
          const bytes = Uint8Array.from(atob(url.split(',')[1]), (sign) => sign.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], 'photo.png', {type: 'image/png'}));
          const box = element.getBoundingClientRect();
          element.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true,
            cancelable: true, clientX: box.x + 20, clientY: box.y + 20}));
        }""",
        DOT,
    )
    expect(page_at.locator(f"{EDITOR} img[alt='photo.png']")).to_be_visible()
    expect(page_at.locator("[data-compose-files] .file")).to_have_count(0)


def test_a_hostile_name_of_a_file_is_only_a_name(page_at: Page) -> None:
    dialog = write_new(page_at)
    name = '"><img src=x onerror="document.title=`FIRED`">.txt'
    drop_file(dialog, name, size=10)
    expect(dialog.locator("[data-compose-files] .file")).to_contain_text("onerror")
    page_at.wait_for_timeout(200)
    assert "FIRED" not in page_at.title()
