"""The inbox in Chromium: a new context each time, on the demo world, median of nine."""

from __future__ import annotations

import statistics
from typing import Any

from playwright.sync_api import Browser

from bench import chromium, demo
from bench.measure import session_key

_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_USABLE = """async () => {
  const cursor = () => document.querySelector('.msg.is-focus, [data-cursor]');
  const before = cursor();
  for (;;) {
    document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', code: 'KeyJ', bubbles: true}));
    if (cursor() && cursor() !== before) return performance.now();
    await new Promise(requestAnimationFrame);
  }
}"""
_OPEN = """async () => {
  const link = document.querySelector('.col .msg a[href*="/threads/"]');
  const start = performance.now();
  link.click();
  for (;;) {
    const frame = document.querySelector('.mail iframe');
    const text = document.querySelector('.mail .body, .mail [data-body]');
    const ready = frame ? frame.contentDocument?.body?.innerText : text?.innerText;
    if (location.pathname.startsWith('/threads/') && ready?.trim()) {
      await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
      return performance.now() - start;
    }
    await new Promise(requestAnimationFrame);
  }
}"""


def run(*, small: bool) -> dict[str, Any]:
    rounds = 3 if small else 9
    with demo.served("browser") as (data, port, _pid), chromium.launched() as browser:
        key = session_key(data, "camille")
        address = f"http://127.0.0.1:{port}"
        _once(browser, address, key)
        figures = [_once(browser, address, key) for _ in range(rounds)]
    return {
        name: round(statistics.median(f[name] for f in figures), 1)
        for name in ("fcp_ms", "usable_ms", "requests", "open_ms")
    }


def _once(browser: Browser, address: str, key: str) -> dict[str, float]:
    context = chromium.logged_in(browser, address, key)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}/", wait_until="commit")
    usable = page.evaluate(_USABLE)
    page.wait_for_timeout(500)
    painted, count = page.evaluate(_PAINTED), len(requests)
    opened = page.evaluate(_OPEN)
    context.close()
    print(f"fcp {painted:.0f}, usable {usable:.0f}, open {opened:.0f} ms, {count} requests")
    return {"fcp_ms": painted, "usable_ms": usable, "requests": count, "open_ms": opened}
