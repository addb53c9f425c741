"""A lead converted, and duplicates merged, with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import AXE, violations


def add(page: Page, kind: str, name: str, address: str) -> str:
    """Add somebody by the form; returns the address of the new record's page."""
    origin = page.evaluate("location.origin")
    page.goto(f"{origin}/people/new/?kind={kind}")
    first, _, last = name.partition(" ")
    form = page.locator("form.recform")
    form.locator("[name=first_name]").fill(first)
    form.locator("[name=last_name]").fill(last)
    form.locator("[name=address]").first.fill(address)
    form.locator("[type=submit]").first.click()
    if page.locator("[name=anyway]").count():
        page.locator("form.recform [type=submit]").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)
    return page.url


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
def test_a_lead_becomes_a_contact_and_a_lead_again(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=lead")
    lead = add(page, "lead", "Thomas Leclerc", "t.leclerc@logis.example")
    page.locator("a[href*='/convert/']").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[name=last_name]")).to_have_value("Leclerc")
    assert violations(page) == []
    dialog.locator("[name=with_deal]").uncheck()
    expect(dialog.locator("[name=deal_name]")).to_be_hidden()
    dialog.locator("[name=with_deal]").check()
    dialog.locator("[name=deal_name]").fill("Stockage")
    dialog.locator("[name=deal_name]").press("Enter")
    page.wait_for_url(lambda url: url != lead and "/people/" in url)
    expect(page.locator("main")).to_contain_text("Stockage")
    page.locator("[data-toast-undo] button").click()
    page.wait_for_url(lead)
    expect(page.locator("a[href*='/convert/']").first).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="bin/setup fetches axe-core")
def test_two_records_become_one_as_chosen(open_page: Callable[..., Page]) -> None:
    page = open_page("/people/?kind=contact")
    add(page, "contact", "Eloise GARNIER", "other@meunier.example")
    page.goto(page.evaluate("location.origin") + "/duplicates/")
    page.locator("tbody tr a.btn").first.click()
    table = page.locator("[data-merge]")
    result = table.locator("tr", has=page.locator("[name='row.name']")).locator("td").last
    expect(result).to_have_text("Éloïse Garnier")
    table.locator("[name='row.name'][value=drop]").check()
    expect(result).to_have_text("Eloise GARNIER")
    assert violations(page) == []
    page.locator("[form=merge]").click()
    expect(page.locator("h1")).to_have_text("Eloise GARNIER")
    expect(page.locator("main")).to_contain_text("other@meunier.example")
