"""A record's page by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_fields_are_edited_where_they_are_read(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    page.locator("#records [data-record] a").first.click()
    card = page.locator("[data-fields-card]").first
    forms = page.locator("[data-field-form]")
    more = card.locator("details > summary")
    more.click()
    line = card.locator("[data-in-place$='/source/']")

    line.dblclick()
    expect(forms.locator("[name=source]")).to_be_focused()
    page.keyboard.type("Fair")
    page.keyboard.press("Escape")
    expect(forms).to_have_count(0)
    expect(line).not_to_contain_text("Fair")

    page.keyboard.press("Enter")  # the pencil has the focus again
    forms.locator("[name=source]").fill("Fair")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("Fair")
    expect(page.locator(".tl li").first).to_contain_text("Fair")

    page.locator("#toast [data-toast-undo] button").click()
    expect(line).not_to_contain_text("Fair")

    head = page.locator(".rec-head")
    page.wait_for_load_state("networkidle")  # what was undone is drawn again, the head too
    head.locator("[data-edit-in-place]").press("Enter")
    forms.locator("[name=last_name]").fill("")
    page.keyboard.press("Enter")
    expect(forms.locator(".err")).to_be_visible()
    forms.locator("[name=last_name]").fill("Garnier-Petit")
    page.keyboard.press("Enter")
    expect(head.locator("h1")).to_contain_text("Garnier-Petit")


def test_neighbours_and_the_stages_of_a_deal(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    rows = page.locator("#records [data-record] a.strong")
    names = rows.all_inner_texts()
    rows.first.click()
    if len(names) > 1:
        page.locator("[data-neighbour='1']").click()
        expect(page.locator(".rec-head h1")).to_have_text(names[1].split("\n")[-1])
    page.goto(page.url.partition("/people/")[0] + "/deals/")
    page.locator("#records [data-record] a").first.click()
    steps = page.locator(".path li")
    steps.nth(1).locator("button").click()
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    expect(page.locator(".tl li").first).to_contain_text("→")
    page.locator(".rec-head a[href$='/lose/']").click()
    page.get_by_role("dialog").locator("[name=reason]").fill("Too late")
    page.keyboard.press("Enter")
    expect(page.locator(".recnote")).to_contain_text("Too late")
