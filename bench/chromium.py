"""Chromium, driven for the benchmarks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.measure import need

_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_COOKIE = "relance_session"


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium of Debian's, ended on the way out."""
    need("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_QUIET))
        yield browser
        browser.close()


def logged_in(browser: Browser, address: str, key: str) -> BrowserContext:
    """A new context, as of a browser that has never been here, with a session."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": _COOKIE, "value": key, "url": address}])
    return context


def cookie(key: str) -> dict[str, str]:
    """The header with which a session is told apart from the others."""
    return {"Cookie": f"{_COOKIE}={key}"}
