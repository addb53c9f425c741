"""Adding a sender address in the dialog (ACC-07)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    return ("Failed to load resource: the server responded with a status of 422",)


def test_a_sender_address_is_added_without_leaving_the_page(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/mailboxes/")
    page.locator(".boxlist a").first.click()
    page.get_by_role("link", name="Sender addresses").click()
    page.get_by_role("link", name="Add an address").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill("nonsense")
    dialog.get_by_role("button", name="Send the code").click()
    expect(dialog.locator(".err")).to_contain_text("not an e-mail address")
    expect(dialog.get_by_label("E-mail address")).to_have_value("nonsense")
    dialog.get_by_label("E-mail address").fill("quotes@clarte.example")
    dialog.get_by_role("button", name="Send the code").click()
    row = page.locator(".senders tr", has_text="quotes@clarte.example")
    expect(row).to_contain_text("No code was sent yet")  # its server is no server
    expect(dialog).not_to_be_visible()
    row.locator("summary").click()
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
