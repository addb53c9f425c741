"""Writing a mail in a real browser: text, recipients, fields, what is pasted, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import (
    EDITOR,
    answer,
    draft_id,
    kept_html,
    paste,
    saved,
    write_new,
)

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
World = Callable[..., dict[str, Any]]

WORD = (Path(__file__).parent / "pasted/word.html").read_text("utf-8")
DOCS = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr">'
    '<span style="font-weight:400;">Texte </span><span style="font-weight:700;">gras</span>'
    '<span style="font-style:italic;font-weight:400"> penché</span></p></b>'
)


def test_a_mail_is_written_and_kept(page_at: Page) -> None:
    dialog = write_new(page_at)
    expect(page_at.get_by_role("combobox", name="To")).to_be_focused()
    page_at.keyboard.type("jean@dupont.example;")
    page_at.get_by_label("Subject", exact=True).fill("Le quai 4")
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("Bonjour ")
    page_at.keyboard.press("Control+b")
    page_at.keyboard.type("Jean")
    page_at.keyboard.press("Control+b")
    page_at.keyboard.press("Enter")
    dialog.get_by_role("button", name="Bulleted list").click()
    page_at.keyboard.type("premier")
    saved(page_at)
    kept = kept_html(page_at, draft_id(page_at))
    assert "<b>Jean</b>" in kept
    assert re.search(r"<ul>\s*<li>.*premier", kept)
    page_at.keyboard.press("Escape")
    expect(page_at.locator("dialog")).to_have_count(0)
    page_at.goto(page_at.url + "outgoing/drafts/")
    expect(page_at.locator("main")).to_contain_text("Le quai 4")


def test_one_can_undo_and_redo(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("un ")
    page_at.keyboard.press("Control+b")
    page_at.keyboard.type("deux")
    expect(page_at.locator(EDITOR)).to_have_text("un deux")
    page_at.keyboard.press("Control+z")
    expect(page_at.locator(EDITOR)).not_to_have_text("un deux")
    page_at.keyboard.press("Control+y")
    expect(page_at.locator(EDITOR)).to_have_text("un deux")


def test_links_are_made_by_key_and_unsafe_ones_are_not(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("agenda")
    for typed, href in (("rdv.example/x", "https://rdv.example/x"), ("javascript:alert(1)", None)):
        page_at.keyboard.press("Control+a")
        page_at.keyboard.press("Control+k")
        page_at.get_by_role("textbox", name="Address of the link").fill(typed)
        page_at.keyboard.press("Enter")
        link = page_at.locator(f"{EDITOR} a")
        expect(link).to_have_attribute("href", href or "https://rdv.example/x")


def test_what_word_copies_is_cleaned(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    paste(page_at, text_html=WORD, text_plain="Bonjour")
    editor = page_at.locator(EDITOR)
    expect(editor.locator("ul > li").first).to_contain_text("Premier point")
    expect(editor.locator("ul ul li")).to_have_text("Dessous")
    expect(editor.locator("ol li")).to_have_text("Un")
    expect(editor.locator("b")).to_have_text("Marc")
    expect(editor.locator("a")).to_have_text("bon")
    html = editor.inner_html()
    for trace in ("Mso", "mso-", "o:p", "style=", "javascript", "file:", "·"):
        assert trace not in html
    expect(page_at.locator("[data-compose-files] ~ [role=alert]")).to_contain_text("another server")


def test_what_google_docs_copies_keeps_its_meaning(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    paste(page_at, text_html=DOCS)
    editor = page_at.locator(EDITOR)
    expect(editor.locator("b")).to_have_text("gras")
    expect(editor.locator("i")).to_have_text("penché")
    expect(editor).to_contain_text("Texte gras penché")


def test_plain_text_keeps_its_lines(page_at: Page) -> None:
    write_new(page_at)
    page_at.locator(EDITOR).click()
    paste(page_at, text_plain="un <b>\n\ntrois & www.site.example/a")
    editor = page_at.locator(EDITOR)
    expect(editor.locator("a")).to_have_attribute("href", "http://www.site.example/a")
    expect(editor).to_contain_text("un <b>")
    assert editor.locator("> *").count() == 3


def test_a_brace_opens_the_fields_and_the_choice_is_a_chip(page_at: Page) -> None:
    write_new(page_at)
    page_at.get_by_label("Subject", exact=True).click()
    page_at.keyboard.type("Pour {last n")
    expect(page_at.locator(".fieldmenu [role=option]").first).to_be_visible()
    page_at.keyboard.press("Enter")
    expect(page_at.get_by_label("Subject", exact=True)).to_have_value("Pour {Person.lastName}")
    page_at.locator(EDITOR).click()
    page_at.keyboard.type("Bonjour {first")
    expect(page_at.locator(".fieldmenu [aria-selected=true]")).to_contain_text("irst name")
    page_at.keyboard.press("Tab")
    page_at.keyboard.type(", et {Person.lastName|vous}.")
    expect(page_at.locator(f"{EDITOR} .var")).to_have_count(2)
    saved(page_at)
    kept = kept_html(page_at, draft_id(page_at))
    assert "Bonjour {Person.firstName}, et {Person.lastName|vous}." in kept
    page_at.keyboard.press("Backspace")
    page_at.keyboard.press("Backspace")
    expect(page_at.locator(f"{EDITOR} .var")).to_have_count(1)
    page_at.goto(f"{page_at.url}compose/{draft_id(page_at)}/")
    expect(page_at.locator(f"{EDITOR} .var").first).to_have_text(re.compile("irst name"))


def test_r_a_and_f_answer_and_what_was_typed_in_the_box_is_kept(page_at: Page) -> None:
    form = answer(page_at, "Le hall")
    expect(form.locator(".chip")).to_contain_text(["Marion Petit"])
    page_at.keyboard.type("Bonjour Marion")
    page_at.keyboard.press("Escape")
    page_at.keyboard.press("Escape")
    expect(page_at.locator("[data-board]")).to_be_visible()
    page_at.locator("a[data-visit]", has_text="Stock").first.click()
    expect(page_at.locator("h1")).to_have_text("Stock")
    page_at.locator("[data-compose-first]").click()
    page_at.keyboard.type("Vite")
    expect(page_at.locator(EDITOR)).to_contain_text("Vite")


def test_forwarding_begins_with_to_whom(page_at: Page) -> None:
    page_at.locator("a[data-visit]", has_text="Le hall").first.click()
    expect(page_at.locator("h1")).to_have_text("Le hall")
    page_at.keyboard.press("f")
    expect(page_at.get_by_role("combobox", name="To")).to_be_focused()
    expect(page_at.locator("[data-compose-quote] iframe")).to_be_attached()
