"""Templates and signatures, written in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import violations

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def editor(page: Page) -> None:
    """Wait for the editor to stand in the place of the text area."""
    expect(page.locator("[data-rich].is-live")).to_be_visible(timeout=20_000)


def test_a_template_is_written_with_fields_previewed_and_saved(open_page: OpenPage) -> None:
    page = open_page("/templates/new/")
    editor(page)
    page.fill("[name=name]", "Offer")
    page.fill("[name=subject]", "For {Deal.name}")
    page.click(".composer__edit")
    page.keyboard.type("Dear {first")
    option = page.locator(".fieldmenu [role=option]").first
    expect(option).to_have_text("first name")
    page.keyboard.press("Enter")
    expect(page.locator(".composer__edit .var")).to_have_text("Contact: first name")
    page.keyboard.type(", ")
    page.click("[data-compose-insert=field]")
    page.locator(".fieldmenu [data-code='Person.phone']").click()
    expect(page.locator("#preview mark", has_text="Éloïse")).to_be_visible(timeout=10_000)
    expect(page.locator("#preview .var--miss")).to_have_text("Contact: phone, empty")
    page.fill("[name='fallback:Person.phone']", "no phone yet")
    page.click("text=Save the template")
    expect(page.locator("h1")).to_have_text("Offer")
    editor(page)
    kept = page.locator("[data-rich-html]").input_value().replace("&nbsp;", " ")
    assert "{Person.firstName}, {Person.phone|no phone yet}" in kept
    expect(page.locator("#preview")).to_contain_text("no phone yet")


def test_a_picture_put_into_a_template_is_shown_again(open_page: OpenPage) -> None:
    page = open_page("/templates/new/")
    editor(page)
    page.fill("[name=name]", "Picture")
    page.click(".composer__edit")
    with page.expect_file_chooser() as chooser:
        page.click("[data-compose-cmd=image]")
    dot = bytes.fromhex(
        "47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b"
    )
    chooser.value.set_files([{"name": "dot.gif", "mimeType": "image/gif", "buffer": dot}])
    expect(page.locator(".composer__edit img")).to_have_count(1)
    page.click("text=Save the template")
    expect(page.locator("h1")).to_have_text("Picture")
    editor(page)
    image = page.locator(".composer__edit img")
    expect(image).to_have_attribute("src", re.compile(r"/templates/\d+/files/\d+/$"))
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def test_a_signature_is_written_and_previewed(open_page: OpenPage) -> None:
    page = open_page("/preferences/signature/")
    editor(page)
    page.click(".composer__edit")
    page.keyboard.press("Control+End")
    page.keyboard.type(" See you!")
    expect(page.locator("#preview")).to_contain_text("See you!", timeout=10_000)
    page.click("text=Save the signature")
    expect(page.locator(".facet [aria-current] .i")).to_be_visible()
    expect(page.locator(".signature__plain")).to_contain_text("Camille Laurent")
    expect(page.locator(".signature__plain")).to_contain_text("See you!")


def test_hostile_text_runs_nothing_in_the_editor_or_the_preview(open_page: OpenPage) -> None:
    page = open_page("/templates/new/", java_script_enabled=False)
    page.fill("[name=name]", "<img src=x onerror=document.title='FIRED'>")
    page.fill("[name=text]", "<script>document.title='FIRED'</script></template>{Person.firstName}")
    page.click("text=Save the template")
    path = page.url.partition("127.0.0.1")[2].partition("/")[2]
    live = open_page(f"/{path}")
    assert path.startswith("templates/")
    assert live.title() != "FIRED"


@pytest.mark.parametrize("path", ["/templates/", "/templates/new/", "/preferences/signature/"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_pages(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, width=width)
    if path != "/templates/":
        editor(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_template_is_tried_out_in_the_composer(open_page: OpenPage) -> None:
    page = open_page("/templates/new/")
    editor(page)
    page.fill("[name=name]", "Trial")
    page.fill("[name=subject]", "For {Person.firstName}")
    page.click("text=Save the template")
    expect(page.locator("h1")).to_have_text("Trial")
    page.click("text=Try it on myself")
    expect(page.locator("[data-compose-subject]")).to_have_value("For Éloïse", timeout=20_000)
