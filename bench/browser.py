"""The inbox in Chromium: a new context each time, on the demo world, median of nine.

`fcp_ms` is the browser's first contentful paint; `usable_ms` is when `j` moves the cursor on a page
that is painted, from the start of the navigation; `requests` are those of a cold page, its event stream included;
`open_ms` goes from the click on a row to the body painted in its frame, fetched ahead by nothing.
"""

from __future__ import annotations

import statistics
import urllib.request
from typing import Any

from playwright.sync_api import Browser

from bench import chromium, demo
from bench.measure import session_key

_KEYS = ("fcp_ms", "usable_ms", "requests", "open_ms")
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_LINKS = "[...document.querySelectorAll('.col [data-thread] a[data-visit]')].map(a => a.pathname)"
_USABLE = """async () => {
  const cursor = () => document.querySelector('#main .is-focus[data-thread]');
  while (performance.now() < 10000) {
    const before = cursor();
    const event = new KeyboardEvent('keydown', {key: 'j', code: 'KeyJ', bubbles: true});
    (document.activeElement ?? document).dispatchEvent(event);
    if (cursor() && cursor() !== before) return performance.now();
    await new Promise(requestAnimationFrame);
  }
  throw new Error('j did not move the cursor in 10 s');
}"""
_OPEN = """async path => {
  const start = performance.now();
  document.querySelector(`.col [data-thread] a[href="${path}"]`).click();
  const isThere = frame => frame.contentDocument?.readyState === 'complete'
    && frame.contentDocument.URL !== 'about:blank' && frame.contentDocument.body.innerText.trim()
    && frame.checkVisibility({opacityProperty: true, visibilityProperty: true});
  while (performance.now() < start + 10000) {
    const frame = location.pathname === path && document.querySelector('.mail[open] iframe');
    if (frame && isThere(frame)) {
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      return performance.now() - start;
    }
    await new Promise(requestAnimationFrame);
  }
  throw new Error('the body was not painted in 10 s');
}"""


def run(*, small: bool) -> dict[str, Any]:
    with demo.served("browser") as world, chromium.launched() as browser:
        print(f"Chromium {browser.version}, 1440 × 900, median of {3 if small else 9}")
        key = session_key(world.data, "camille")
        path = _with_frame(browser, world.address, key)
        _once(browser, world.address, key, path)
        figures = [_once(browser, world.address, key, path) for _ in range(3 if small else 9)]
    return {name: round(statistics.median(f[name] for f in figures), 1) for name in _KEYS}


def _with_frame(browser: Browser, address: str, key: str) -> str:
    """The first conversation of the page whose mail is shown in a frame."""
    context = chromium.logged_in(browser, address, key)
    page = context.new_page()
    page.goto(f"{address}/")
    links: list[str] = page.evaluate(_LINKS)
    context.close()
    for path in links:
        asked = urllib.request.Request(f"{address}{path}", headers=chromium.cookie(key))
        with urllib.request.urlopen(asked, timeout=10) as answer:
            if b"<iframe" in answer.read():
                return path
    raise RuntimeError(f"none of {len(links)} conversations is shown in a frame")


def _once(browser: Browser, address: str, key: str, path: str) -> dict[str, float]:
    context = chromium.logged_in(browser, address, key)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}/", wait_until="commit")
    usable = page.evaluate(_USABLE)
    page.wait_for_timeout(500)
    painted, count = page.evaluate(_PAINTED), len(requests)
    opened = page.evaluate(_OPEN, path)
    context.close()
    print(f"fcp {painted:.0f}, usable {usable:.0f}, open {opened:.0f} ms, {count} requests")
    return dict(zip(_KEYS, (painted, max(usable, painted), count, opened), strict=True))
